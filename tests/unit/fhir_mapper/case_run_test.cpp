#include "fhir_mapper/case_run.h"

#include "fhir_mapper/rule_coverage.h"
#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

// Line numbers of the tests below are of this text; the first line of <mapping> is 2.
const std::string kRules =
    R"(<resource id="p" type="Patient" document="ADT-00" row="PID" instance="$patient-id">
<value path="id" from="$patient-id"/>
</resource>
<resource id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4.1">
<leave-out when="PRB-1 = DE" reason="deleted"/>
<leave-out when="PRB-13" reason="suspected"/>
<value path="code.text" from="PRB-17 PRB-3.2" if-missing="hold"/>
<value path="language" from="PRB-14" table="states"/>
<value path="onsetDateTime" from="PRB-7" as="dateTime"/>
<value path="bodySite[].text" from="PRB-9"/>
<value path="subject.reference" from="$patient-url"/>
</resource>)";

const Mapping& small_mapping() {
  static const auto mapping = [] {
    auto tables = shipped_tables();
    tables.push_back(table_of("states.tsv", "X\tF\t\tended\t\t\n"));
    return load_mapping(mapping_of(kRules), tables).value();
  }();
  return *mapping;
}

CaseResult run(const std::string& rows, const std::string& expect) {
  const std::string text =
      "<cases xmlns=\"urn:kakehashi:mapping-case:1\">\n<case name=\"a\">\n<document type=\"PPR-01\">" + rows +
      "</document>\n<expect>\n" + expect + "\n</expect></case></cases>";
  const auto cases = parse_cases({{"a.case.xml", text, ConfigOrigin::site}});
  REQUIRE(cases.has_value());
  return run_case(cases->front(), small_mapping());
}

/// "line what: expected / got", one a line.
std::string differences(const std::string& rows, const std::string& expect) {
  std::string text;
  for (const CaseDifference& each : run(rows, expect).differences) {
    text += each.origin.text() + " " + each.what + ": " + each.expected + " / " + each.got + "\n";
  }
  return text;
}

const std::string kOne = "PRB|AD||^胃炎|P1|||20260301";
const std::string kText = "<element path=\"Condition.code.text\" is=\"胃炎\"/>";

TEST_CASE("a case whose expectations all come true passes") {
  CHECK(differences(
            kOne, kText + "<count path=\"Condition\" is=\"1\"/><absent path=\"Condition.bodySite\"/>") == "");
  CHECK(run(kOne, kText).passed());
}

TEST_CASE("a difference names the line of the expectation, the path, what was expected and what came") {
  CHECK(differences(kOne, "<element path=\"Condition.code.text\" is=\"胃潰瘍\"/>") ==
        "a.case.xml:5 Condition.code.text: 胃潰瘍 / 胃炎\n");
  CHECK(differences(kOne, "<element path=\"Condition.language\" is=\"x\"/>") ==
        "a.case.xml:5 Condition.language: x / nothing\n");
  CHECK(differences(kOne, "<count path=\"Condition\" is=\"2\"/>") ==
        "a.case.xml:5 number of Condition: 2 / 1\n");
  CHECK(differences(kOne, "<absent path=\"Condition.code.text\"/>") ==
        "a.case.xml:5 Condition.code.text: nothing / 胃炎\n");
}

TEST_CASE("an element is not absent when what should be around it is not there: the path may be a slip") {
  CHECK(differences(kOne, "<absent path=\"Condition.coed.text\"/>") ==
        "a.case.xml:5 Condition.coed.text: nothing, in something that is there / nothing around it either\n");
}

TEST_CASE(
    "an element, or all of a resource, can be compared as JSON; white space between its parts is none of "
    "it") {
  CHECK(differences(kOne, "<json path=\"Condition.code\">{ \"text\" :\n \"胃炎\" }</json>") == "");
  CHECK(differences(kOne, "<json path=\"Condition.code\">{\"text\": \"胃 炎\"}</json>") ==
        "a.case.xml:5 Condition.code: {\"text\":\"胃 炎\"} / {\"text\":\"胃炎\"}\n");
  CHECK(differences(kOne, "<json path=\"Condition.code\">{\"text\": \"a\\\" b\"}</json>") ==
        "a.case.xml:5 Condition.code: {\"text\":\"a\\\" b\"} / {\"text\":\"胃炎\"}\n");
}

TEST_CASE("JSON of a list is all of the list, JSON of an object its only item") {
  const std::string rows = kOne + "||20260401";
  CHECK(differences(rows, kText + "<json path=\"Condition.bodySite\">[{\"text\":\"20260401\"}]</json>") ==
        "");
  CHECK(differences(rows, kText + "<json path=\"Condition.bodySite\">{\"text\":\"20260401\"}</json>") == "");
  CHECK(differences(rows, kText + "<json path=\"Condition\">{}</json>")
            .starts_with("a.case.xml:5 Condition: {} / {\"res"));
}

TEST_CASE("a unit that is held fails a case that does not say so, and the hold is all that is told") {
  CHECK(differences("PRB|AD|||P1", kText) ==
        "a.case.xml:2 held: nothing / map:missing-element at PRB[1]-17 (code.text by test.xml:8)\n");
}

TEST_CASE("a hold is expected by its failure, and by its place when one is given") {
  CHECK(differences("PRB|AD|||P1", "<held failure=\"map:missing-element\"/>") == "");
  CHECK(differences("PRB|AD|||P1", "<held failure=\"map:missing-element\" at=\"PRB[1]-17\"/>") == "");
  CHECK(
      differences("PRB|AD|||P1", "<held failure=\"map:missing-element\" at=\"PRB[2]-17\"/>") ==
      "a.case.xml:5 held: map:missing-element at PRB[2]-17 / map:missing-element at PRB[1]-17 (code.text by "
      "test.xml:8)\n");
  CHECK(differences(kOne, "<held failure=\"map:missing-element\"/>") ==
        "a.case.xml:5 held: map:missing-element / nothing like it\n");
  CHECK(differences("PRB|AD|||P1\nPRB|AD|||P2", "<held failure=\"map:missing-element\"/>") ==
        "a.case.xml:2 held: nothing / map:missing-element at PRB[2]-17 (code.text by test.xml:8)\n");
}

TEST_CASE("a warning nobody expected fails a case, too") {
  const std::string rows = "PRB|AD||^胃炎|P1|||soon";
  CHECK(differences(rows, kText) ==
        "a.case.xml:2 warning: nothing / map:bad-value at PRB[1]-7 (onsetDateTime by test.xml:10)\n");
  CHECK(differences(rows, kText + "<warning failure=\"map:bad-value\" at=\"PRB[1]-7\"/>") == "");
}

TEST_CASE("rows that were left out are counted, whether a case speaks of them or not") {
  const std::string rows = kOne + "\nPRB|DE||^骨折|P2";
  CHECK(differences(rows, kText) == "a.case.xml:2 rows left out: 0 / 1\n");
  CHECK(differences(rows, kText + "<left-out rows=\"1\"/>") == "");
  CHECK(differences(rows, kText + "<left-out rows=\"2\"/>") == "a.case.xml:6 rows left out: 2 / 1\n");
}

TEST_CASE("a unit with nothing to send has no resources, and no patient") {
  CHECK(differences("PRB|DE||^骨折|P2", "<left-out rows=\"1\"/><count path=\"Condition\" is=\"0\"/>") == "");
  CHECK(differences("PRB|DE||^骨折|P2",
                    "<left-out rows=\"1\"/><element path=\"Patient.id\" is=\"0001234\"/>") ==
        "a.case.xml:5 Patient.id: 0001234 / nothing: there is nothing to send\n");
}

TEST_CASE("a missing code is expected by its table and code, and by its place when one is given") {
  const std::string rows = kOne + "|||||||Q";
  CHECK(differences(rows, "<missing-code table=\"states\" code=\"Q\" at=\"PRB[1]-14\"/>") == "");
  CHECK(differences(rows, "<missing-code table=\"states\" code=\"R\"/>") ==
        "a.case.xml:5 missing code: R of states / Q of states at PRB[1]-14\n");
  CHECK(differences(kOne, "<missing-code table=\"states\" code=\"Q\"/>") ==
        "a.case.xml:5 missing code: Q of states / none\n");
}

TEST_CASE("rules that gave a value, held a unit or left out a row are touched, the others are not") {
  const auto untouched = [](const std::vector<CaseResult>& results) {
    std::string lines;
    for (const RuleOrigin& origin : untouched_rules(small_mapping(), results))
      lines += std::to_string(origin.line) + " ";
    return lines;
  };
  CHECK(untouched({}) == "3 6 7 8 9 10 11 12 ");
  CHECK(untouched({run(kOne, kText)}) == "6 7 9 11 ");
  CHECK(untouched({run("PRB|AD|||P1", "<held failure=\"map:missing-element\"/>")}) == "3 6 7 9 10 11 ");
  const auto deleted = run(kOne + "\nPRB|DE||^骨折|P2", kText + "<left-out rows=\"1\"/>");
  CHECK(untouched({deleted}) == "7 9 11 ");
  const auto twice = run(kOne + "\nPRB|DE||^骨折|P2|||||||||1", kText + "<left-out rows=\"1\"/>");
  CHECK(untouched({twice}) == "7 9 11 ");
}

}  // namespace
}  // namespace fhir_mapper::test
