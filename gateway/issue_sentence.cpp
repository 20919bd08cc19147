#include "gateway/issue_sentence.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

struct Kind {
  std::string_view rule;
  IssueSentence sentence;
};

constexpr auto kKinds = std::to_array<Kind>({
    {"absolute-uri", {"the system must be an absolute URI", "システムは絶対URIでなければなりません"}},
    {"binding", {"the code is not in the set that is required here", "必須の値集合にないコードです"}},
    {"bundle-fullUrl",
     {"the entry has no fullUrl that fits it", "エントリのfullUrlがないか、内容と合いません"}},
    {"bundle-fullUrl-unique", {"another entry has this fullUrl", "fullUrlが他のエントリと重複しています"}},
    {"bundle-id-unique", {"another entry has this type and id", "型とidが他のエントリと重複しています"}},
    {"clins",
     {"this is nothing that is submitted to CLINS", "電子カルテ情報共有サービスに送るものではありません"}},
    {"clins-lab-display",
     {"the display is no FHIR識別名 of a shared item, so that its code is not looked at",
      "表示名が共有項目のFHIR識別名でないため、コードが照合されません"}},
    {"clins-lab-standard-coding",
     {"besides the local code, a core-lab, infection, JLAC10 or un-coded coding is demanded",
      "ローカルコードのほかに、共有項目・感染症・JLAC10・未標準化のいずれかのコードが必要です"}},
    {"clins-lab-text",
     {"half-width katakana, full-width spaces, tabs and line breaks must not stand here",
      "半角カナ・全角空白・タブ・改行は使えません"}},
    {"clins-lab-value",
     {"a result without a value must say why (dataAbsentReason)",
      "値のない結果にはdataAbsentReasonが必要です"}},
    {"code-unknown",
     {"the code is none of its system, or has not its form",
      "コード体系にないコードか、形式の合わないコードです"}},
    {"coding-no-system",
     {"a code without a system has no meaning", "システムのないコードには意味がありません"}},
    {"coding-system", {"the system is no code system", "システムがコード体系ではありません"}},
    {"contained-id",
     {"a contained resource needs an id of its own", "containedリソースには重複しないidが必要です"}},
    {"definition-missing", {"the pack lacks a definition that this needs", "パックに必要な定義がありません"}},
    {"display", {"the display is not that of the code", "表示名がコードのものと異なります"}},
    {"ele-1", {"the element has neither a value nor an extension", "要素に値も拡張もありません"}},
    {"empty", {"something here is empty, which FHIR forbids", "空の要素はFHIRで禁じられています"}},
    {"encoding", {"the text is not UTF-8", "UTF-8ではありません"}},
    {"extension-context", {"the extension must not stand here", "この拡張はここに置けません"}},
    {"extension-modifier",
     {"modifier extensions and others must not change places", "修飾拡張と通常の拡張の置き場所が違います"}},
    {"extension-unknown", {"nobody defines this extension", "定義のない拡張です"}},
    {"extension-url", {"the extension's url must be absolute", "拡張のurlは絶対URIでなければなりません"}},
    {"fixed", {"the value is not the one that the profile fixes", "プロファイルの固定値と異なります"}},
    {"json", {"what is here is not what FHIR's JSON has here", "FHIRのJSONとして正しくありません"}},
    {"json-duplicate",
     {"a name occurs twice, or the text begins with a byte order mark",
      "同じ名前が二度あるか、BOMで始まっています"}},
    {"max", {"the element occurs more often than allowed", "要素の数が上限を超えています"}},
    {"maxLength", {"the text is longer than allowed", "文字数が上限を超えています"}},
    {"maxValue", {"the number is larger than allowed", "数値が上限を超えています"}},
    {"min", {"an element that is demanded is missing", "必須の要素がありません"}},
    {"minValue", {"the number is smaller than allowed", "数値が下限を下回っています"}},
    {"no-profile",
     {"the resource claims no profile, so that FHIR's own rules are all it is checked against",
      "プロファイルの宣言がないため、FHIRの基本規則だけで検査しました"}},
    {"pattern", {"the value does not match what the profile demands", "プロファイルの定める値に合いません"}},
    {"primitive", {"the value has not the form of its type", "値がデータ型の形式に合いません"}},
    {"profile",
     {"the element conforms to none of the profiles it may have", "許されたどのプロファイルにも合いません"}},
    {"profile-type",
     {"the claimed profile is one of another type", "宣言されたプロファイルは別の型のものです"}},
    {"profile-unknown", {"the claimed profile does not exist", "宣言されたプロファイルは存在しません"}},
    {"profile-version",
     {"the claimed version of the profile is not the pack's",
      "宣言されたプロファイルの版がパックと異なります"}},
    {"reference-aggregation",
     {"the reference is contained or not against the rule",
      "参照先の置き場所（contained等）が規則に反します"}},
    {"reference-dangling", {"the reference leads nowhere", "参照先がありません"}},
    {"reference-empty",
     {"a reference needs a reference, an identifier or a display",
      "参照にはreference・identifier・displayのいずれかが必要です"}},
    {"reference-form", {"the text is no reference", "参照の形式が正しくありません"}},
    {"reference-loose",
     {"the reference is found by type and id only, which FHIR does not do",
      "参照が型とidだけで一致しています"}},
    {"reference-profile",
     {"what is referred to does not keep the profile that is demanded",
      "参照先が求められたプロファイルに合いません"}},
    {"reference-target",
     {"what is referred to is of a type that must not be", "参照先の型が認められていません"}},
    {"reference-type", {"type and target of the reference differ", "参照のtypeと参照先の型が異なります"}},
    {"slice-ambiguous", {"the item belongs to several slices", "複数のスライスに当てはまります"}},
    {"slice-closed",
     {"the item belongs to no slice, and no others are allowed", "どのスライスにも当てはまりません"}},
    {"slice-max", {"there are more items of this slice than allowed", "スライスの要素が上限を超えています"}},
    {"slice-min", {"an item of a slice that is demanded is missing", "必須のスライスの要素がありません"}},
    {"slice-order", {"the items are not in the order of their slices", "スライスの順序が違います"}},
    {"system-suspect", {"the system looks like a misspelt one", "システムの綴りが誤っているようです"}},
    {"system-unknown", {"nobody defines this code system", "定義のないコード体系です"}},
    {"type", {"the type is not allowed here", "この型は認められていません"}},
    {"unknown-element", {"there is no such element here", "存在しない要素です"}},
    {"xhtml", {"the narrative is not the XHTML that FHIR allows", "説明文がFHIRの認めるXHTMLではありません"}},
});
constexpr IssueSentence kOther{"a rule does not hold here", "規則を満たしていません"};

constexpr bool is_sorted_by_rule() {
  return std::is_sorted(kKinds.begin(), kKinds.end(),
                        [](const Kind& left, const Kind& right) { return left.rule < right.rule; });
}
static_assert(is_sorted_by_rule());

IssueSentence sentence_of_kind(std::string_view rule) {
  for (const std::string_view bound : {"minValue", "maxValue"}) {  // of each type of number: minValueInteger
    if (rule.starts_with(bound)) rule = bound;
  }
  const auto found = std::lower_bound(kKinds.begin(), kKinds.end(), rule,
                                      [](const Kind& kind, std::string_view id) { return kind.rule < id; });
  return found != kKinds.end() && found->rule == rule ? found->sentence : kOther;
}

}  // namespace

IssueSentence sentence_of(const fhir_mapper::ProfileIssue& issue, const fhir_mapper::ProfilePack& pack) {
  const std::string_view id = std::string_view(issue.rule).substr(0, issue.rule.find('/'));
  const auto& rules = pack.rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const fhir_mapper::ProfileRule& each) {
    return each.id == id || each.key == issue.rule;
  });
  if (rule == rules.end()) return sentence_of_kind(id);
  return {rule->en.empty() ? std::string_view(rule->ja) : rule->en,
          rule->ja.empty() ? std::string_view(rule->en) : rule->ja};
}

}  // namespace gateway
