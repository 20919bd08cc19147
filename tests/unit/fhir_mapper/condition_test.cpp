#include "fhir_mapper/condition.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

/// "PRB-1: AD" of everything that was looked at to decide.
std::vector<std::string> decided(const std::string& rules, const RuleSetting& of_message = {}) {
  RuleSetting setting = of_message;
  setting.trace = true;
  const RuleRun run(rules, setting);
  std::vector<std::string> texts;
  for (const TracedValue& traced : run.result().trace.values()) {
    if (traced.use != TracedValue::Use::decided) continue;
    texts.push_back(traced.source + ": " + std::string(traced.value.raw()));
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST_CASE(
    "a deleted row is deleted with spaces around its code, and a suspected disease however long it is "
    "called") {
  RuleSetting setting;
  std::string name;
  for (int i = 0; i < 400; ++i) name += "胃";
  setting.message = "MSH|^~\\&|H\nPRB| AD |20260401|20054174^" + name + "の疑い  ^MDCDX2|P1\n";
  CHECK(holds_when("PRB-1 = DE|AD", setting));
  CHECK_FALSE(holds_when("PRB-1 != AD", setting));
  CHECK(holds_when("PRB-1 in t", setting));
  CHECK_FALSE(holds_when("PRB-1 not-in t", setting));
  CHECK(holds_when("PRB-1 ~ A[A-Z]", setting));
  CHECK(holds_when("PRB-3.2 ~ .*の疑い", setting));
}

TEST_CASE("conditions ask for presence, values, tables and patterns") {
  CHECK(holds_when("PRB-1"));
  CHECK_FALSE(holds_when("PRB-7"));
  CHECK(holds_when("not PRB-7"));
  CHECK_FALSE(holds_when("not PRB-1"));
  CHECK(holds_when("PRB-1 = UP|AD"));
  CHECK(holds_when("PRB-1 = UP | AD"));
  CHECK_FALSE(holds_when("PRB-1 != AD | UP"));
  CHECK_FALSE(holds_when("PRB-1 = A"));
  CHECK(holds_when("PRB-1 != A|B"));
  CHECK_FALSE(holds_when("PRB-1 != AD|B"));
  CHECK(holds_when("PRB-7 != A"));
  CHECK(holds_when("PRB-1 in t"));
  CHECK_FALSE(holds_when("PRB-5 in t"));
  CHECK(holds_when("PRB-5 not-in t"));
  CHECK_FALSE(holds_when("PRB-7 not-in t"));
  CHECK_FALSE(holds_when("PRB-1 not-in t"));
  CHECK(holds_when("PRB-1 ~ A."));
  CHECK_FALSE(holds_when("PRB-1 ~ A"));
}

TEST_CASE("of every repetition: one for which it holds is enough, and what is denied is denied of all") {
  CHECK(holds_when("ZPR-1[*].2 ~ 慢.*"));
  CHECK_FALSE(holds_when("ZPR-1.2 ~ 慢.*"));
  CHECK_FALSE(holds_when("ZPR-1[*].2 ~ 亜.*"));
  CHECK(holds_when("ZPR-1[*].1 = 3"));
  CHECK_FALSE(holds_when("ZPR-1[*].1 != 3"));
  CHECK(holds_when("ZPR-1[*].1 != 4|5"));
  CHECK(holds_when("ZPR-1[*].2"));
  CHECK_FALSE(holds_when("not ZPR-1[*].2"));
  CHECK(holds_when("not ZPR-1[*].4"));
  CHECK(holds_when("ZPR-1[*].2 not-in t"));
  CHECK_FALSE(holds_when("ZPR-1[*].4 not-in t"));
  CHECK_FALSE(holds_when("ZPR-3[*].2"));
  CHECK(holds_when("not ZPR-3[*].2"));
  CHECK(holds_when("ZPR-1[*](S).2 = 慢性"));
}

TEST_CASE("every repetition that a condition looks at is traced, and an unreadable one holds the row") {
  CHECK(
      decided(R"(<object path="code" when="ZPR-1[*].2 = 慢性"><value path="text" constant="x"/></object>)") ==
      Texts{"ZPR-1[*].2: 急性", "ZPR-1[*].2: 慢性"});
}

TEST_CASE("values and patterns may have spaces") {
  CHECK(holds_when("PRB-13 = A B"));
  CHECK(holds_when("PRB-13 = X|A B"));
  CHECK(holds_when("PRB-13 = X | A B"));
  CHECK_FALSE(holds_when("PRB-13 = A"));
  CHECK(holds_when("PRB-13 ~ A [A-Z]"));
}

TEST_CASE("and binds more than or") {
  CHECK(holds_when("PRB-1 and PRB-4 = P1"));
  CHECK_FALSE(holds_when("PRB-1 and PRB-7"));
  CHECK(holds_when("PRB-7 or PRB-1"));
  CHECK(holds_when("PRB-1 or PRB-7"));
  CHECK_FALSE(holds_when("PRB-7 or PRB-9"));
  CHECK(holds_when("PRB-1 or PRB-7 and PRB-9"));
  CHECK(holds_when("PRB-7 and PRB-9 or PRB-1"));
  CHECK_FALSE(holds_when("PRB-7 or PRB-1 and PRB-9"));
  CHECK(holds_when("PRB-7 or PRB-9 or not PRB-12"));
}

TEST_CASE("a code that could not be read holds the row, whichever alternative asks for it") {
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB|A\uFFFD|||P1\n";
  const auto holds = [&](const std::string& when) {
    return RuleRun("<value path=\"onsetString\" constant=\"y\" when=\"" + when + "\"/>", setting)
        .result()
        .holds.size();
  };
  CHECK(holds("PRB-1 = AD") == 1);
  CHECK(holds("PRB-4 = P1 or PRB-1 = AD") == 1);
  CHECK(holds("PRB-1 in t") == 1);
  CHECK(holds("PRB-1") == 0);
  CHECK(holds("PRB-1 ~ A.*") == 0);
}

TEST_CASE("what a condition looks at is traced, whether it holds or not") {
  const auto when = [](const std::string& condition) {
    return "<value path=\"onsetString\" constant=\"y\" when=\"" + condition + "\"/>";
  };
  CHECK(decided(when("PRB-1 = AD")) == Texts{"PRB-1: AD"});
  CHECK(decided(when("PRB-1 = XX")) == Texts{"PRB-1: AD"});
  CHECK(decided(when("PRB-7 or PRB-1 = XX and PRB-4")) == Texts{"PRB-1: AD", "PRB-4: P1"});
  CHECK(decided(when("PRB-3(MDCDX2).1 = 1")) ==
        Texts{"PRB-3(MDCDX2).1: 20054174", "PRB-3(MDCDX2).1: MDCDX2"});
  CHECK(decided(when("$patient-id and PRB-7")).empty());
}

TEST_CASE("with each, what was looked at in every repetition is traced") {
  CHECK(
      decided(
          R"(<object path="category[]" each="ZPR-1" when="@.2"><value path="text" from="@.2"/></object>)") ==
      Texts{"@.2: 急性", "@.2: 慢性"});
}

TEST_CASE("without being asked nothing is traced") {
  CHECK(RuleRun(R"(<value path="onsetString" from="PRB-4" when="PRB-1"/>)").result().trace.values().empty());
}

}  // namespace
}  // namespace fhir_mapper::test
