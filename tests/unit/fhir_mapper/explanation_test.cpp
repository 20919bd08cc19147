#include "fhir_mapper/explanation.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

/// Of what `rules` map, without the element that resource_of() supplies.
std::vector<Explanation> explained(const std::string& rules, RuleSetting setting = {}) {
  setting.trace = true;
  const RuleRun run(rules, setting);
  auto all = explanations_of(run.result().trace, run.message());
  REQUIRE_FALSE(all.empty());
  CHECK(all.back().element == "subject.reference");
  all.pop_back();
  return all;
}

TEST_CASE("an explanation tells element, value, rule, source and table of what is in the tree") {
  const auto all = explained(
      "<value path=\"meta.profile[]\" from=\"PRB-1\" table=\"t\"/>\n"
      "<object path=\"category[]\">\n<value path=\"text\" from=\"$patient-id\"/></object>");
  REQUIRE(all.size() == 2);
  CHECK(all[0].element == "meta.profile[0]");
  CHECK(all[0].value == "added");
  CHECK(all[0].rule == "c/meta.profile");
  CHECK(all[0].place == "test.xml:3");
  CHECK_FALSE(all[0].site);
  CHECK(all[0].source == "PRB[1]-1");
  CHECK(all[0].table == "t.tsv:2");
  CHECK(all[1].element == "category[0].text");
  CHECK(all[1].value == "0001");
  CHECK(all[1].rule == "c/category/text");
  CHECK(all[1].place == "test.xml:5");
  CHECK(all[1].source == "$patient-id");
  CHECK(all[1].table.empty());
}

TEST_CASE("what was dropped with its object is not explained") {
  const auto all = explained(
      R"(<object path="category[]"><value path="id" constant="1"/>
         <value path="text" from="PRB-7" if-missing="drop"/></object>
         <object path="category[]"><value path="text" from="PRB-4"/></object>)");
  REQUIRE(all.size() == 1);
  CHECK(all[0].element == "category[0].text");
}

TEST_CASE("constants, what serves instead, references and numbers are explained as they stand") {
  const auto all = explained(R"(<value path="language" constant="ja"/>
      <value path="onsetString" from="PRB-7" otherwise="unknown"/>
      <value path="recorder.reference" from="$patient-url"/><value path="onsetAge.value" from="PRB-5"/>
      <value path="code.coding[].userSelected" constant="true"/>)");
  REQUIRE(all.size() == 5);
  CHECK(all[0].source == "constant");
  CHECK(all[0].value == "ja");
  CHECK(all[1].source == "otherwise");
  CHECK(all[1].value == "unknown");
  CHECK(all[2].source == "$patient-url");
  CHECK(all[2].value.empty());
  CHECK(all[3].value == "7.20");
  CHECK(all[4].value == "true");
}

TEST_CASE("sources that were joined are one explanation, in their order") {
  const auto all =
      explained(R"(<value path="onsetString" from="$patient-id PRB-7 PRB-3(MDCDX2).1" join="-"/>)");
  REQUIRE(all.size() == 1);
  CHECK(all[0].value == "0001-20054174");
  CHECK(all[0].source == "$patient-id PRB[1]-3.1");
}

TEST_CASE("repetitions and alternatives are explained by what was taken") {
  const auto all = explained(R"(<object path="category[]" each="ZPR-1" when="@.2">
      <value path="text" from="@.2"/></object>
      <first><value path="onsetAge.value" from="PRB-6"/><value path="onsetString" from="PRB-6"/></first>)");
  REQUIRE(all.size() == 3);
  CHECK(all[0].element == "category[0].text");
  CHECK(all[0].source == "ZPR[1]-1[1].2");
  CHECK(all[1].element == "category[1].text");
  CHECK(all[1].source == "ZPR[1]-1[3].2");
  CHECK(all[2].element == "onsetString");
  CHECK(all[2].rule == "c/onsetString");
}

TEST_CASE("a rule of the site's own is told as such, one of a template by the template") {
  RuleSetting setting;
  setting.more.push_back({"site/o.xml",
                          R"(<overlay xmlns="urn:kakehashi:mapping:1">
<add to="c"><value path="language" constant="ja"/></add></overlay>)",
                          ConfigOrigin::site});
  setting.more.push_back({"common.xml",
                          R"(<mapping xmlns="urn:kakehashi:mapping:1">
<template id="name"><value path="text" from="PRB-4"/></template></mapping>)"});
  setting.trace = true;
  const RuleRun run(R"(<object path="code"><use template="name"/></object>)", setting);
  const auto all = explanations_of(run.result().trace, run.message());
  REQUIRE(all.size() == 3);
  CHECK(all[0].element == "code.text");
  CHECK(all[0].rule == "name/text");
  CHECK(all[0].place == "common.xml:2");
  CHECK_FALSE(all[0].site);
  CHECK(all[2].element == "language");
  CHECK(all[2].rule == "c/language");
  CHECK(all[2].place == "site/o.xml:2");
  CHECK(all[2].site);
}

TEST_CASE("of a chain of tables every row that was asked is told") {
  const auto mapping = load_mapping(
      mapping_of(resource_of(R"(<value path="onsetString" from="PRB-1" table="local shared"/>)")),
      {table_of("local.tsv", "\tAD\t\tX\n"),
       {"site/shared.tsv", table_of("", "\tX\t\tadded\n").bytes, ConfigOrigin::site}});
  REQUIRE(mapping.has_value());
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD\n");
  const auto rows = rows_of(message, ssmix2::DataType::PPR_01, "PRB");
  const ssmix2::FieldIndex fields(message);
  const Variables variables;
  const ResourceRule& rule = (*mapping)->resources().front();
  Tree tree;
  const auto mapped = map_row(rule, RowScope(rule, rows.front(), fields, variables), {"+09:00", true}, tree);
  CHECK(explanations_of(mapped.trace, message).at(0).table == "local.tsv:2 > site/shared.tsv:2");
}

}  // namespace
}  // namespace fhir_mapper::test
