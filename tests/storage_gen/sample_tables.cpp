#include "tests/storage_gen/sample_tables.h"

#include <array>

namespace storage_gen {
namespace {

constexpr auto kDiseases = std::to_array<SampleDisease>({
    {"20054174", "胃炎", "TSQF", "K297"},
    {"20054178", "胃癌", "", "C169"},
    {"20058911", "狭心症", "", "I209"},
    {"20064049", "十二指腸潰瘍", "", "K269"},
    {"20065011", "上腹部痛", "", "R101"},
    {"20075383", "腹痛症", "", "R104"},
    {"20075639", "噴門癌", "L3RF", "C160"},
    {"20058257", "急性化膿性虫垂炎", "", "K358"},
    {"20069737", "大腸炎", "", "K529"},
    {"20080427", "前腕骨折", "", "S529"},
    {"20084317", "糖尿病性の見本病", "", "E149"},  // 未コード化傷病名: only the text says what it is
});

constexpr auto kAllergens = std::to_array<SampleAllergen>({
    {"DA", "106824501", "アリナミン", "HOT9", "のどの渇き"},
    {"DA", "103831601", "カルボシステイン錠２５０ｍｇ", "HOT9", "発疹"},
    {"DA", "123812902", "カロナール錠５００", "HOT9", "じんましん"},
    {"FA", "5A1002411023006", "ソバ", "JC10", "湿疹"},
    {"LA", "5A1002216023023", "スギ", "JC10", "目のかゆみ"},
    {"EA", "5A1102700023023", "ハウスダスト", "JC10", "くしゃみ"},
    {"MC", "99001", "見本造影剤", "99A01", "血圧低下"},
});

constexpr auto kCoreItems = std::to_array<SampleItem>({
    {"3A010000002327101", "総蛋白(TP)", "L001", "g/dL", ValueKind::number, 650, 820, 2},
    {"3A015000002327101", "アルブミン", "L002", "g/dL", ValueKind::number, 38, 53, 1},
    {"3B035000002327201", "AST(GOT)", "L003", "U/L", ValueKind::number, 10, 40, 0},
    {"3B045000002327201", "ALT(GPT)", "L004", "U/L", ValueKind::number, 5, 45, 0},
    {"3B050000002327201", "LD(LDH)", "L005", "U/L", ValueKind::number, 120, 240, 0},
    {"3B090000002327101", "γ-GTP(GGT)", "L006", "U/L", ValueKind::number, 10, 60, 0},
    {"3C015000002327101", "クレアチニン(Cre)", "L007", "mg/dL", ValueKind::number, 61, 104, 2},
    {"3C020000002327101", "尿酸(UA)", "L008", "mg/dL", ValueKind::number, 37, 70, 1},
    {"3C025000002327101", "尿素窒素(BUN)", "L009", "mg/dL", ValueKind::number, 80, 220, 1},
    {"3D010000002327101", "グルコース(血糖)", "L010", "mg/dL", ValueKind::number, 70, 109, 0},
    {"3F077000002327101", "LDL-コレステロール(LDL-C)", "L011", "mg/dL", ValueKind::number, 60, 139, 0},
    {"3H010000002326101", "ナトリウム(Na)", "L012", "mmol/L", ValueKind::number, 135, 147, 0},
    {"3H015000002326101", "カリウム(K)", "L013", "mmol/L", ValueKind::number, 36, 50, 1},
    {"5C070000002306201", "Ｃ反応性蛋白(CRP)", "L014", "mg/dL", ValueKind::operator_text, 3, 30, 1},
    {"5F016141002305101", "HBs抗原(定量)", "L015", "IU/mL", ValueKind::operator_text, 5, 10, 2},
    {"5F360148702304111", "HCV抗体(判定)", "L016", "", ValueKind::verdict, 0, 0, 0},
    {"5E074135102311711", "梅毒STS(定性)", "L017", "", ValueKind::verdict, 0, 0, 0},
    {"2A990000001930952", "血算-白血球数", "L021", "10*3/uL", ValueKind::number, 330, 860, 2},
    {"2A990000001930951", "血算-赤血球数", "L022", "10*6/uL", ValueKind::number, 386, 555, 2},
    {"2A030000001930901", "血算-ヘモグロビン", "L023", "g/dL", ValueKind::number, 116, 168, 1},
    {"2A050000001930901", "血算-血小板数", "L024", "10*3/uL", ValueKind::number, 158, 348, 0},
    {"3D046000001906202", "HbA1c(NGSP)", "L025", "%", ValueKind::number, 49, 60, 1},
    {"5H010000001910114", "血液型-ABO", "L026", "", ValueKind::blood_type, 0, 0, 0},
    {"2B030000002231157", "プロトロンビン時間", "L031", "", ValueKind::number, 90, 110, 2},
    {"2B140000002206201", "Dダイマー(DD)", "L032", "ug/mL", ValueKind::operator_text, 5, 10, 1},
    {"1A990000000191172", "尿糖", "L041", "", ValueKind::ordinal_text, 0, 0, 0},
    {"1A990000000191171", "尿蛋白", "L042", "", ValueKind::ordinal_text, 0, 0, 0},
    {"1A990000000191177", "尿潜血", "L043", "", ValueKind::ordinal_text, 0, 0, 0},
});

constexpr auto kOtherItems = std::to_array<SampleItem>({
    {"3A016000002327102", "A/G比", "L901", "", ValueKind::number, 120, 200, 2},
    {"3D080000002306201", "ヒアルロン酸", "L902", "ng/mL", ValueKind::number, 10, 50, 0},
    {"4A010103002305201", "GH", "L903", "ng/mL", ValueKind::operator_text, 3, 20, 2},
    {"3B195000002306201", "エラスターゼ1", "L904", "ng/dL", ValueKind::number, 50, 300, 0},
});

constexpr auto kDrugs = std::to_array<SampleDrug>({
    {"103831601", "カルボシステイン錠２５０ｍｇ", "TAB", "錠", "TAB", "錠剤"},
    {"104195801", "ミヤＢＭ錠", "TAB", "錠", "TAB", "錠剤"},
    {"121431401", "アムロジピンＯＤ錠１０ｍｇ", "TAB", "錠", "TAB", "錠剤"},
    {"123812902", "カロナール錠５００", "TAB", "錠", "TAB", "錠剤"},
    {"105271807", "プレドニン錠５ｍｇ", "TAB", "錠", "TAB", "錠剤"},
    {"110000101", "葛根湯エキス顆粒", "PCK", "包", "PWD", "散剤"},
});

constexpr auto kUsages = std::to_array<SampleUsage>({
    {"1013044400000000", "内服・経口・１日３回朝昼夕食後", "3"},
    {"1012040400000000", "内服・経口・１日２回朝夕食後", "2"},
    {"1011000400000000", "内服・経口・１日１回朝食後", "1"},
});

// 緯 糖 ボ hold the bytes of HL7 delimiters (5E 7C 5C) in ISO-2022-JP: a reader that splits before it decodes
// falls over them.
constexpr auto kFamilyNames = std::to_array<SampleName>({
    {"架橋", "カケハシ"},
    {"試験", "シケン"},
    {"見本", "ミホン"},
    {"仮名", "カメイ"},
    {"模擬", "モギ"},
    {"想定", "ソウテイ"},
    {"雛形", "ヒナガタ"},
    {"架空", "カクウ"},
    {"緯度見本", "イドミホン"},
    {"糖見本", "トウミホン"},
});

constexpr auto kExtensionFamilyNames = std::to_array<SampleName>({
    {"髙﨑見本", "タカサキミホン"},
    {"髙試験", "タカシケン"},
    {"﨑架空", "サキカクウ"},
});

constexpr auto kMaleNames = std::to_array<SampleName>({
    {"太郎", "タロウ"},
    {"一郎", "イチロウ"},
    {"次郎", "ジロウ"},
    {"見本男", "ミホンオ"},
});

constexpr auto kFemaleNames = std::to_array<SampleName>({
    {"花子", "ハナコ"},
    {"例子", "レイコ"},
    {"ボタン", "ボタン"},
    {"試代", "タメヨ"},
});

struct Label {
  std::string_view code;
  std::string_view name;
};

std::string_view find_label(std::span<const Label> labels, std::string_view code) {
  for (const Label& label : labels)
    if (label.code == code) return label.name;
  return {};
}

constexpr auto kAllergyTypes = std::to_array<Label>({{"DA", "薬剤アレルギー"},
                                                     {"FA", "食物アレルギー"},
                                                     {"MA", "種々のアレルギー"},
                                                     {"MC", "種々の禁忌"},
                                                     {"EA", "環境アレルギー"},
                                                     {"AA", "動物アレルギー"},
                                                     {"PA", "植物アレルギー"},
                                                     {"LA", "花粉アレルギー"}});
constexpr auto kAllergyActions =
    std::to_array<Label>({{"A", "追加"}, {"D", "削除"}, {"U", "更新"}, {"X", "変更なし"}});
constexpr auto kSeverities =
    std::to_array<Label>({{"MI", "軽度"}, {"MO", "中等度"}, {"SV", "重度"}, {"U", "不明"}});
constexpr auto kSensitivities =
    std::to_array<Label>({{"AD", "副作用"}, {"AL", "アレルギー"}, {"CT", "禁忌"}, {"IN", "不耐性"}});
constexpr auto kOutcomes = std::to_array<Label>({{"D", "死亡"},
                                                 {"R", "回復中"},
                                                 {"N", "回復せず"},
                                                 {"W", "悪化"},
                                                 {"S", "後遺症"},
                                                 {"F", "完全回復"},
                                                 {"U", "不明"}});
constexpr auto kMaterials = std::to_array<Label>({{"001", "尿(含むその他)"},
                                                  {"018", "全血"},
                                                  {"019", "全血(添加物入り)"},
                                                  {"022", "血漿"},
                                                  {"023", "血清"},
                                                  {"041", "髄液"}});
constexpr auto kUnits = std::to_array<Label>({{"TAB", "錠"},
                                              {"CAP", "カプセル"},
                                              {"PCK", "包"},
                                              {"ML", "ミリリットル"},
                                              {"G", "グラム"},
                                              {"HON", "本"}});

}  // namespace

std::span<const SampleDisease> sample_diseases() {
  return kDiseases;
}
std::span<const SampleAllergen> sample_allergens() {
  return kAllergens;
}
std::span<const SampleItem> core_items() {
  return kCoreItems;
}
std::span<const SampleItem> other_items() {
  return kOtherItems;
}
std::span<const SampleDrug> sample_drugs() {
  return kDrugs;
}
std::span<const SampleUsage> sample_usages() {
  return kUsages;
}
std::span<const SampleName> family_names() {
  return kFamilyNames;
}
std::span<const SampleName> extension_family_names() {
  return kExtensionFamilyNames;
}
std::span<const SampleName> given_names(char gender) {
  if (gender == 'F') return kFemaleNames;
  return kMaleNames;
}

std::span<const Modifier> sample_prefixes() {
  static const std::array<Modifier, 2> prefixes = {{{"27000358", "左", ""}, {"27000267", "過敏性", "3216"}}};
  return prefixes;
}

std::span<const Modifier> sample_suffixes() {
  static const std::array<Modifier, 1> suffixes = {{{"27000027", "の初期", "1111"}}};
  return suffixes;
}

std::span<const Doctor> sample_doctors() {
  static const std::array<Doctor, 3> doctors = {{{"110", {"診察", "一郎", "シンサツ", "イチロウ"}},
                                                 {"220", {"執刀", "花子", "シットウ", "ハナコ"}},
                                                 {"330", {"当直", "次郎", "トウチョク", "ジロウ"}}}};
  return doctors;
}

std::span<const Department> sample_departments() {
  static const std::array<Department, 4> departments = {
      {{"01", "内科"}, {"01A", "糖尿病内科"}, {"10", "外科"}, {"11", "整形外科"}}};
  return departments;
}

std::string_view allergy_type_name(std::string_view code) {
  return find_label(kAllergyTypes, code);
}
std::string_view allergy_action_name(std::string_view code) {
  return find_label(kAllergyActions, code);
}
std::string_view severity_name(std::string_view code) {
  return find_label(kSeverities, code);
}
std::string_view sensitivity_name(std::string_view code) {
  return find_label(kSensitivities, code);
}
std::string_view outcome_name(std::string_view code) {
  return find_label(kOutcomes, code);
}
std::string_view material_name(std::string_view code) {
  return find_label(kMaterials, code);
}
std::string_view unit_name(std::string_view code) {
  return find_label(kUnits, code);
}

std::string_view usage_name(std::string_view code) {
  for (const SampleUsage& usage : kUsages)
    if (usage.code == code) return usage.name;
  return {};
}

}  // namespace storage_gen
