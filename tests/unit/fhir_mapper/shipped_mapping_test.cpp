// What a site can rely on when it changes the mapping that comes with the gateway.
#include "fhir_mapper/case_run.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

TEST_CASE("every shipped rule has an address of its own, for a site to change that rule and no other") {
  std::map<std::string, const RuleIdentity*> known;
  for (const RuleIdentity& rule : shipped_mapping().rules()) {
    // Nobody need take an <ignore> away: a value that a rule sends is sent.
    if (rule.kind == RuleIdentity::Kind::ignore) continue;
    const auto [other, fresh] = known.emplace(rule.address, &rule);
    INFO(rule.text() << " and " << other->second->text());
    CHECK(fresh);
  }
  CHECK(known.size() > 200);
}

/// The shipped mapping with rows in tables that come empty.
std::shared_ptr<const Mapping> mapping_with(const std::vector<ConfigFile>& filled) {
  auto tables = shipped_tables();
  for (const ConfigFile& table : filled) {
    const auto shipped = std::ranges::find(tables, table.name, &ConfigFile::name);
    REQUIRE(shipped != tables.end());
    shipped->bytes = table.bytes;
  }
  return load_mapping(shipped_mappings(), tables).value();
}

void check_cases(const Mapping& mapping, std::string_view cases) {
  const std::string text = "<cases xmlns=\"urn:kakehashi:mapping-case:1\">" + std::string(cases) + "</cases>";
  for (const MappingCase& each : parse_cases({{"site.case.xml", text}}).value()) {
    const CaseResult result = run_case(each, mapping);
    for (const CaseDifference& difference : result.differences) {
      UNSCOPED_INFO(difference.what << ": expected " << difference.expected << ", got " << difference.got);
    }
    CHECK(result.passed());
  }
}

TEST_CASE("a site's own allergen and HOT codes are sent as what its table says they are, category too") {
  const auto mapping = mapping_with(
      {table_of("allergens.tsv", "99LOC\tK12\t\tJ9FC11310000\nHOT9\t106824501\t\tYCM1149001F1012\n")});
  check_cases(*mapping, R"(<case name="by table"><document type="ADT-61">
    IAM|1|DA^薬剤アレルギー^HL70127|K12^鯖^99LOC|||A^追加^HL70323|A001
    IAM|2|FA^食物アレルギー^HL70127|106824501^架空錠^HOT9|||A^追加^HL70323|A002
  </document><expect>
    <element path="AllergyIntolerance[0].category" is="food"/>
    <element path="AllergyIntolerance[0].code.coding.code" is="J9FC11310000"/>
    <element path="AllergyIntolerance[0].code.coding.display" is="さば"/>
    <element path="AllergyIntolerance[0].code.text" is="鯖"/>
    <element path="AllergyIntolerance[1].category" is="medication"/>
    <element path="AllergyIntolerance[1].code.coding.code" is="YCM1149001F1012"/>
    <element path="AllergyIntolerance[1].code.coding.display" is="架空錠"/>
  </expect></case>)");
}

TEST_CASE(
    "a site's own drug and usage codes are sent as the YJ, general and prescription codes of its tables") {
  const auto mapping =
      mapping_with({table_of("drugs.tsv", "HOT9\t108665201\t\t2149001F1030\n99LOC\tZ009\t\t2149001F1ZZZ\n"),
                    table_of("usages.tsv", "99LOC\tU3\t\t1013044400000000\n")});
  check_cases(*mapping, R"(<case name="by table"><document type="OMP-01"><![CDATA[
    RXE||108665201^架空錠^HOT9|1||TAB^錠^MR9P
    TQ1|1||U3&三回&99LOC||||20260401
    RXE||Z009^架空散^99LOC|1||TAB^錠^MR9P
    TQ1|1||U3&三回&99LOC||||20260401
  ]]></document><expect>
    <count path="MedicationRequest[0].medicationCodeableConcept.coding" is="2"/>
    <element path="MedicationRequest[0].medicationCodeableConcept.coding[0].system"
             is="http://capstandard.jp/iyaku.info/CodeSystem/YJ-code"/>
    <element path="MedicationRequest[0].medicationCodeableConcept.coding[0].code" is="2149001F1030"/>
    <element path="MedicationRequest[0].medicationCodeableConcept.coding[1].code" is="108665201"/>
    <count path="MedicationRequest[0].dosageInstruction.timing.code.coding" is="1"/>
    <element path="MedicationRequest[0].dosageInstruction.timing.code.coding.code" is="1013044400000000"/>
    <element path="MedicationRequest[0].dosageInstruction.timing.code.text" is="三回"/>
    <element path="MedicationRequest[1].medicationCodeableConcept.coding[0].code" is="NOCODED"/>
    <element path="MedicationRequest[1].medicationCodeableConcept.coding[1].code" is="2149001F1ZZZ"/>
  </expect></case>)");
}

}  // namespace
}  // namespace fhir_mapper::test
