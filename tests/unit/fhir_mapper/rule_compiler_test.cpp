#include "fhir_mapper/rule_compiler.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

RuleSetting templates(const std::string& body) {
  RuleSetting setting;
  setting.more.push_back(
      {"common.xml", "<mapping xmlns=\"urn:kakehashi:mapping:1\">\n" + body + "</mapping>"});
  return setting;
}

TEST_CASE("a template's rules stand where it is used, with its parameters filled in") {
  const RuleSetting setting = templates(R"(<template id="named" parameters="source default-text">
      <value path="text" from="{source}.1 {source}.2" otherwise="{default-text}"/></template>)");
  CHECK(json_of_rules(R"(<object path="code"><use template="named" source="PRB-3" default-text="x"/></object>
                         <object path="severity"><use template="named" source="PRB-7" default-text="なし"/></object>)",
                      setting) == R"({"code":{"text":"20054174"},"severity":{"text":"なし"}})");
}

TEST_CASE("parameters are filled into paths, conditions, functions and repetitions, too") {
  const RuleSetting setting = templates(R"(<template id="t" parameters="element field condition function">
      <object path="{element}[]" each="{field}" when="@.1 and {condition}">
      <value path="text" from="@.2" with="{function}"/></object></template>)");
  CHECK(
      json_of_rules(
          R"(<use template="t" element="category" field="ZPR-1" condition="PRB-1 = AD" function="full-width"/>)",
          setting) == R"({"category":[{"text":"急性"},{"text":"慢性"}]})");
}

TEST_CASE("a template hands its parameters on to the templates that it uses") {
  const RuleSetting setting = templates(R"(
      <template id="outer" parameters="from"><object path="coding[]">
        <use template="inner" source="{from}.1" system="urn:{from}"/></object></template>
      <template id="inner" parameters="source system"><value path="system" constant="{system}"/>
        <value path="code" from="{source}"/></template>)");
  CHECK(json_of_rules(R"(<object path="code"><use template="outer" from="PRB-4"/></object>)", setting) ==
        R"({"code":{"coding":[{"system":"urn:PRB-4","code":"P1"}]}})");
}

TEST_CASE("what is filled in is not filled in again") {
  const RuleSetting setting = templates(
      R"(<template id="t" parameters="a b"><value path="onsetString" constant="{a} {b}"/></template>)");
  CHECK(json_of_rules(R"(<use template="t" a="{b}" b="{a}"/>)", setting) == R"({"onsetString":"{b} {a}"})");
}

TEST_CASE("braces that are no parameter stay as they are") {
  const RuleSetting setting = templates(R"(<template id="t" parameters="d">
      <value path="onsetString" from="PRB-3.1" matches="[0-9]{8}" format="{d}{}"/>
      <value path="abatementString" from="PRB-3.2" matches="\p{Han}{2}"/></template>)");
  CHECK(json_of_rules(R"(<use template="t" d="n"/>)", setting) ==
        R"({"onsetString":"n20054174","abatementString":"胃炎"})");
  CHECK(json_of_rules(R"(<value path="onsetString" constant="{d}"/>)") == R"({"onsetString":"{d}"})");
}

TEST_CASE("an empty argument is one") {
  const RuleSetting setting =
      templates(R"(<template id="t" parameters="a"><value path="onsetString" constant="x{a}"/></template>)");
  CHECK(json_of_rules(R"(<use template="t" a=""/>)", setting) == R"({"onsetString":"x"})");
}

TEST_CASE("a contained resource has the elements of the type that it says") {
  CHECK(json_of_rules(R"(<object path="contained[]"><value path="resourceType" constant="Encounter"/>
      <value path="status" constant="finished"/><value path="class.code" constant="AMB"/></object>)") ==
        R"({"contained":[{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"}}]})");
}

TEST_CASE("an ignore rule names segments, fields and components") {
  const auto mapping =
      load_mapping(mapping_of(resource_of(R"(<ignore from="NK1 PRB-9  PRB-3.6" reason="none of it"/>)")), {});
  // NK1 is not in these documents.
  CHECK(mapping.has_error());
  const auto right =
      load_mapping(mapping_of(resource_of(R"(<ignore from="NTE PRB-9  PRB-3.6" reason="none of it"/>)")), {})
          .value();
  const auto& ignored = right->resources().front().ignored;
  REQUIRE(ignored.size() == 3);
  CHECK(ignored[0].segment == "NTE");
  CHECK(ignored[0].field == 0);
  CHECK(ignored[1].field == 9);
  CHECK(ignored[1].component == 0);
  CHECK(ignored[2].field == 3);
  CHECK(ignored[2].component == 6);
  CHECK(ignored[2].reason == "none of it");
}

}  // namespace
}  // namespace fhir_mapper::test
