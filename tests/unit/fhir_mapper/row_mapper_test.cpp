#include "fhir_mapper/row_mapper.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using ssmix2::FailureCode;

TEST_CASE("a value takes the first source that says something") {
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-7 PRB-4 PRB-1"/>)") ==
        R"({"onsetString":"P1"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-7"/>)") == "{}");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-7" otherwise="o"/>)") ==
        R"({"onsetString":"o"})");
  CHECK(json_of_rules(R"(<value path="recorder.reference" from="$patient-url"/>)") ==
        R"({"recorder":{"reference":"<url 0>"}})");
}

TEST_CASE("how a value is written follows from the element's type") {
  CHECK(json_of_rules(R"(<value path="onsetAge.value" from="PRB-5"/>)") == R"({"onsetAge":{"value":7.20}})");
  CHECK(json_of_rules(R"(<value path="recordedDate" from="PRB-2"/>)") == R"({"recordedDate":"2026-04-01"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-2"/>)") == R"({"onsetString":"20260401"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-2" as="date"/>)") ==
        R"({"onsetString":"2026-04-01"})");
  CHECK(json_of_rules(R"(<value path="code.coding[].userSelected" constant="true"/>)") ==
        R"({"code":{"coding":[{"userSelected":true}]}})");
}

TEST_CASE("a path makes objects and appends to arrays") {
  CHECK(json_of_rules(R"(<value path="meta.source" constant="1"/><value path="meta.profile[]" constant="2"/>
                         <value path="meta.profile[]" constant="3"/><value path="category[].text" constant="4"/>
                         <value path="category[].text" constant="5"/>)") ==
        R"({"meta":{"source":"1","profile":["2","3"]},"category":[{"text":"4"},{"text":"5"}]})");
}

TEST_CASE("an object beside values for the same element adds to them") {
  CHECK(json_of_rules(R"(<value path="code.text" constant="1"/>
                         <object path="code"><value path="id" constant="2"/></object>)") ==
        R"({"code":{"text":"1","id":"2"}})");
}

TEST_CASE("a missing value is left out, drops its object or holds the unit") {
  const std::string before =
      R"(<object path="code"><value path="text" constant="1"/><value path="id" from="PRB-7")";
  CHECK(json_of_rules(before + "/></object>") == R"({"code":{"text":"1"}})");
  CHECK(json_of_rules(before + " if-missing=\"drop\"/></object>") == "{}");
  const RuleRun held(before + " if-missing=\"hold\"/></object>");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_missing_element);
  CHECK(to_text(held.result().holds[0].place).str() == "PRB[1]-7");
  CHECK(held.result().holds[0].detail.str() == "id by test.xml:3");
}

TEST_CASE("a value that is missing elsewhere than in the row names the row that waits for it") {
  const RuleRun of_visit(R"(<value path="code.text" from="PV1-10" if-missing="hold"/>)");
  REQUIRE(of_visit.result().holds.size() == 1);
  CHECK(of_visit.result().holds[0].detail.str() == "code.text of the row PRB[1] by test.xml:3");
  const RuleRun of_variable(R"(<value path="code.text" from="$department" if-missing="hold"/>)");
  REQUIRE(of_variable.result().holds.size() == 1);
  CHECK(of_variable.result().holds[0].detail.str() == "code.text of the row PRB[1] by test.xml:3");
}

TEST_CASE("drop leaves out the nearest object only") {
  CHECK(json_of_rules(R"(<object path="code"><value path="text" constant="1"/><object path="coding[]">
                           <value path="code" constant="2"/><value path="display" from="PRB-7" if-missing="drop"/>
                         </object></object>)") == R"({"code":{"text":"1"}})");
}

TEST_CASE("an object without members leaves no trace") {
  CHECK(json_of_rules(R"(<object path="category[]"><value path="text" from="PRB-7"/></object>)") == "{}");
}

TEST_CASE("a value that does not convert is left out with a warning, or holds") {
  const RuleRun warned(R"(<value path="recordedDate" from="PRB-8"/>)");
  CHECK(warned.json() == "{}");
  REQUIRE(warned.result().warnings.size() == 1);
  CHECK(warned.result().warnings[0].code == FailureCode::map_bad_value);
  CHECK(to_text(warned.result().warnings[0].place).str() == "PRB[1]-8");
  const RuleRun held(R"(<value path="recordedDate" from="PRB-8" if-missing="hold"/>)");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_bad_value);
  CHECK(RuleRun(R"(<value path="onsetAge.value" from="PRB-1 PRB-4" join="-"/>)").result().warnings.size() ==
        1);
}

TEST_CASE("a source that does not convert is told where a later one or otherwise serves, too") {
  for (const char* serves :
       {"PRB-8 PRB-2\"", "PRB-8 PRB-2\" if-missing=\"hold\"", "PRB-8\" otherwise=\"20260401\""}) {
    const RuleRun run(std::string(R"(<value path="recordedDate" from=")") + serves + "/>");
    CHECK(run.json() == R"({"recordedDate":"2026-04-01"})");
    CHECK(run.result().holds.empty());
    REQUIRE(run.result().warnings.size() == 1);
    CHECK(run.result().warnings[0].code == FailureCode::map_bad_value);
    CHECK(to_text(run.result().warnings[0].place).str() == "PRB[1]-8");
  }
}

TEST_CASE("no warning or hold quotes the value") {
  const RuleRun run(R"(<value path="recordedDate" from="PRB-8"/>
                       <value path="onsetAge.value" from="PRB-6" if-missing="hold"/>)");
  CHECK_THAT(to_text(run.result().warnings.at(0)).str(), !Catch::Contains("20260231"));
  CHECK_THAT(to_text(run.result().holds.at(0)).str(), !Catch::Contains("abc"));
}

TEST_CASE("join puts all sources that say something together") {
  CHECK(json_of_rules(
            R"(<value path="onsetString" from="$institution-number PRB-7 $patient-id PRB-4" join="-"/>)") ==
        R"({"onsetString":"1319999999-0001-P1"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-7" join="-"/>)") == "{}");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-1 PRB-4" join=" " format="[{}]"/>)") ==
        R"({"onsetString":"[AD P1]"})");
}

TEST_CASE(
    "of every repetition join takes all that say something, in their order, and without it the first "
    "counts") {
  CHECK(json_of_rules(R"(<value path="onsetString" from="ZPR-1[*].2 PRB-3.2" join=""/>)") ==
        R"({"onsetString":"急性慢性胃炎"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-7 ZPR-1[*].2"/>)") ==
        R"({"onsetString":"急性"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="ZPR-3[*].2" join=""/>)") == "{}");
}

TEST_CASE("where a repetition says nothing, the same repetition of a second field may stand in") {
  RuleSetting setting;
  setting.message =
      "MSH|^~\\&|H\nPRB|AD||^胃炎|P1\nZPR|1^^S~2^慢性^S~^^S|||X^急性^S~Y^別^S|Z^ロ^S|^^S~W^術後^S\n";
  const auto joined = [&setting](const std::string& from) {
    return json_of_rules("<value path=\"onsetString\" from=\"" + from + "\" join=\"/\" if-missing=\"hold\"/>",
                         setting);
  };
  CHECK(joined("ZPR-1|4[*].2") == R"({"onsetString":"急性/慢性"})");
  CHECK(joined("ZPR-3|6[*].2") == R"({"onsetString":"術後"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="ZPR-1|4[*].2"/>)", setting) ==
        R"({"onsetString":"急性"})");
}

TEST_CASE("what is joined is missing where neither field says it of a repetition that has a code") {
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB|AD||^胃炎|P1\nZPR|1^急性^S~2^^S|||X^急性^S\n";
  const RuleRun held(R"(<value path="onsetString" from="ZPR-1|4[*].2" join="" if-missing="hold"/>)", setting);
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_missing_element);
  CHECK(held.result().holds[0].place ==
        ssmix2::Place{.segment = "ZPR", .occurrence = 1, .field = 1, .repetition = 2});
  CHECK(json_of_rules(R"(<value path="onsetString" from="ZPR-1|4[*].2" join=""/>)", setting) ==
        R"({"onsetString":"急性"})");
}

TEST_CASE("what is joined may be looked up, and is never a code to do") {
  const RuleRun known(
      R"(<value path="onsetString" from="PRB-1 PRB-7" join="" table="t" unknown="expected" otherwise="no"/>)");
  CHECK(known.json() != R"({"onsetString":"no"})");
  const RuleRun unknown(
      R"(<value path="onsetString" from="PRB-1 PRB-4" join="/" table="t" unknown="expected" otherwise="no"/>)");
  CHECK(unknown.json() == R"({"onsetString":"no"})");
  CHECK(unknown.result().missing_codes.empty());
}

TEST_CASE("join takes every repetition that says something where the source has [*]") {
  CHECK(json_of_rules(R"(<value path="onsetString" from="ZPR-1[*].2 PRB-4" join="/"/>)") ==
        R"({"onsetString":"急性/慢性/P1"})");
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB|AD||" + std::string(RowScope::kMostRepetitions, '~') + "x\n";
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-3[*]" join="/"/>)", setting) ==
        R"({"onsetString":"x"})");
  setting.message = "MSH|^~\\&|H\nPRB|AD||";
  for (std::size_t i = 0; i <= RowScope::kMostRepetitions; ++i) setting.message += "x~";
  const RuleRun held(R"(<value path="onsetString" from="PRB-3[*]" join="/" if-missing="hold"/>)", setting);
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_bad_value);
}

TEST_CASE("a joined code is looked up as a whole, without the spaces around its parts") {
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB| A || D |P1\n";
  const std::string rule = R"(<value path="onsetString" from="PRB-1 PRB-3" table="t" join=)";
  CHECK(json_of_rules(rule + R"(""/>)", setting) == R"({"onsetString":"added"})");
  const RuleRun missed(rule + R"("_"/>)", setting);
  REQUIRE(missed.result().missing_codes.size() == 1);
  CHECK(missed.result().missing_codes[0].code == "A_D");
}

TEST_CASE("held-as is the reason for which a missing value holds the unit") {
  const RuleRun held(R"(<value path="onsetString" from="PRB-5" table="t" if-missing="hold"
                               held-as="code:shared-item"/>)");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::code_shared_item);
  CHECK(held.result().missing_codes.size() == 1);
}

TEST_CASE("a table that knows only some codes is asked for some spellings only") {
  const std::string rule = R"(<value path="onsetString" from="PRB-4 PRB-1" with="ordinal" table="t" )";
  CHECK(RuleRun(rule + R"(unknown="expected"/>)").result().warnings.empty());
  CHECK(RuleRun(rule + "/>").result().warnings.size() == 1);
}

TEST_CASE("format puts the value where its braces are") {
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-4" format="urn:{}:x"/>)") ==
        R"({"onsetString":"urn:P1:x"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-7" format="urn:{}:x"/>)") == "{}");
}

TEST_CASE("matches takes whole values only, or the pattern's first group of them") {
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-3.1" matches="[0-9]{8}"/>)") ==
        R"({"onsetString":"20054174"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-3.1" matches="[0-9]{4}"/>)") == "{}");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-3.1" matches="([0-9]{4})[0-9]*"/>)") ==
        R"({"onsetString":"2005"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-6 PRB-4" matches="P[0-9]"/>)") ==
        R"({"onsetString":"P1"})");
}

TEST_CASE("a value of a megabyte is no match and does not end the process") {
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB|AD||" + std::string(1'000'000, '7') + "^x^S|P1\n";
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-3.1" matches=".*"/>)", setting) == "{}");
}

TEST_CASE("a table gives code, display or system, and nothing for what it does not have") {
  CHECK(json_of_rules(R"(<object path="code.coding[]"><value path="code" from="PRB-1" table="t"/>
                           <value path="display" from="PRB-1" table="t" column="display"/>
                           <value path="system" from="PRB-1" table="t" column="system"/></object>)") ==
        R"({"code":{"coding":[{"code":"added","display":"追加","system":"http://s"}]}})");
  const auto looked_up = [](const std::string& attributes) {
    return json_of_rules("<value path=\"onsetString\" table=\"t\" " + attributes + "/>");
  };
  CHECK(looked_up("from=\"PRB-5\"") == "{}");
  CHECK(looked_up("from=\"PRB-6\"") == "{}");
  CHECK(looked_up("from=\"PRB-5 PRB-1\"") == R"({"onsetString":"added"})");
  CHECK(looked_up("from=\"PRB-4\" table-system=\"X\"") == R"({"onsetString":"of-x"})");
  CHECK(looked_up("from=\"PRB-4\" table-system=\"Y\"") == "{}");
}

TEST_CASE("a table miss that holds says so") {
  const RuleRun held(R"(<value path="onsetString" from="PRB-5" table="t" if-missing="hold"/>)");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_no_code);
  CHECK(to_text(held.result().holds[0].place).str() == "PRB[1]-5");
}

TEST_CASE("a code that a table does not know is one to do, unless the rule expects it") {
  const RuleRun missed(
      R"(<value path="onsetString" from="PRB-5" table="t" table-system="S" if-missing="hold"/>)");
  REQUIRE(missed.result().missing_codes.size() == 1);
  const MissingCode& code = missed.result().missing_codes[0];
  CHECK(code.table == "t");
  CHECK(code.system == "S");
  CHECK(code.code == "7.20");
  CHECK(code.rule == "c/onsetString (test.xml:3)");
  CHECK(to_text(code.place).str() == "PRB[1]-5");
  CHECK(code.holds);

  const RuleRun served(R"(<value path="onsetString" from="PRB-5 PRB-1" table="t" if-missing="hold"/>)");
  REQUIRE(served.result().missing_codes.size() == 1);
  CHECK_FALSE(served.result().missing_codes[0].holds);

  CHECK(RuleRun(R"(<value path="onsetString" from="PRB-5" table="t" unknown="expected"/>)")
            .result()
            .missing_codes.empty());
  CHECK(RuleRun(R"(<value path="onsetString" from="PRB-5" table="t" unknown="todo"/>)")
            .result()
            .missing_codes.size() == 1);
}

TEST_CASE("functions are applied one after the other, before the value is written") {
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB|AD|||P1|　７．２０ 　\n";
  CHECK(json_of_rules(R"(<value path="onsetAge.value" from="PRB-5" with="trim half-width"/>)", setting) ==
        R"({"onsetAge":{"value":7.20}})");
  CHECK(RuleRun(R"(<value path="onsetAge.value" from="PRB-5"/>)", setting).result().warnings.size() == 1);
}

TEST_CASE("functions are applied to what a pattern took, and before a table is asked") {
  RuleSetting setting;
  setting.message = "MSH|^~\\&|H\nPRB|AD|||P1|＊ＡＤ\n";
  const std::string from = R"(<value path="onsetString" from="PRB-5" matches=".(..) *" with="half-width" )";
  CHECK(json_of_rules(from + R"(table="t"/>)", setting) == R"({"onsetString":"added"})");
  CHECK(json_of_rules(from + R"(table="t" column="display" format="{}!"/>)", setting) ==
        R"({"onsetString":"追加!"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-1 PRB-4" join="／" with="full-width"/>)",
                      setting) == R"({"onsetString":"ＡＤ／Ｐ１"})");
  const RuleRun unknown(R"(<value path="onsetString" from="PRB-4" with="full-width" table="t"/>)", setting);
  REQUIRE(unknown.result().missing_codes.size() == 1);
  CHECK(unknown.result().missing_codes[0].code == "Ｐ１");
}

TEST_CASE("a child of first that drops the object around does so when no other child has anything") {
  const auto rules = [](const char* other) {
    return R"(<object path="severity"><value path="id" constant="i"/><first>)"
           R"(<value path="text" from="PRB-7" if-missing="drop"/><value path="text" from=")" +
           std::string(other) + R"("/></first></object>)";
  };
  CHECK(json_of_rules(rules("PRB-4")) == R"({"severity":{"id":"i","text":"P1"}})");
  CHECK(json_of_rules(rules("PRB-9")) == "{}");
}

TEST_CASE("codes are looked up and matched without the spaces that writers with fixed widths fill") {
  RuleSetting setting;
  setting.message =
      "MSH|^~\\&|H\nPRB| AD |20260401|20054174^x^MDCDX2   |P1  \nPID|||||架橋^太郎^^^^^L ^I  \n";
  CHECK(json_of_rules(R"(<value path="code.coding[].code" from="PRB-1" table="t"/>)", setting) ==
        R"({"code":{"coding":[{"code":"added"}]}})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-3(MDCDX2).1"/>)", setting) ==
        R"({"onsetString":"20054174"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PID-5[7=L].1"/>)", setting) ==
        R"({"onsetString":"架橋"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-4" matches="P[0-9]"/>)", setting) ==
        R"({"onsetString":"P1"})");
  CHECK(json_of_rules(R"(<value path="onsetString" from="PRB-4"/>)", setting) == R"({"onsetString":"P1  "})");
}

TEST_CASE("first takes the first child that adds something") {
  CHECK(json_of_rules(R"(<first><value path="onsetString" from="PRB-7"/><value path="code.text" from="PRB-4"/>
                         <value path="abatementString" constant="x"/></first>)") ==
        R"({"code":{"text":"P1"}})");
  CHECK(json_of_rules(
            R"(<value path="meta.profile[]" constant="0"/><first><value path="meta.profile[]" from="PRB-7"/>
                         <value path="meta.profile[]" from="PRB-4"/><value path="meta.profile[]" constant="2"/>
                         </first>)") == R"({"meta":{"profile":["0","P1"]}})");
  CHECK(json_of_rules(R"(<first><object path="code"><value path="text" constant="1"/>
                           <value path="id" from="PRB-7" if-missing="drop"/></object>
                         <value path="onsetString" constant="2"/></first>)") == R"({"onsetString":"2"})");
  CHECK(json_of_rules(R"(<first when="PRB-7"><value path="onsetString" constant="1"/></first>)") == "{}");
}

TEST_CASE("what a later alternative could use is no warning") {
  const std::string number = R"(<value path="onsetAge.value" from="PRB-6"/>)";
  const auto warnings = [&](const std::string& alternative) {
    return RuleRun("<first>" + number + alternative + "</first>").result().warnings.size();
  };
  CHECK(warnings(R"(<value path="onsetString" from="PRB-6"/>)") == 0);
  CHECK(warnings(R"(<value path="onsetString" from="PRB-7"/>)") == 1);
}

TEST_CASE("each makes an object for every repetition, and its when asks each of them") {
  const auto mapped = [](const std::string& attributes, const std::string& of_text) {
    return json_of_rules("<object path=\"category[]\" " + attributes +
                         "><value path=\"id\" from=\"@.1\"/><value path=\"text\" from=\"@.2\"" + of_text +
                         "/></object>");
  };
  CHECK(mapped("each=\"ZPR-1\"", "") ==
        R"({"category":[{"id":"1","text":"急性"},{"id":"2"},{"id":"3","text":"慢性"}]})");
  const std::string with_text = R"({"category":[{"id":"1","text":"急性"},{"id":"3","text":"慢性"}]})";
  CHECK(mapped("each=\"ZPR-1\" when=\"@.2\"", "") == with_text);
  CHECK(mapped("each=\"ZPR-1\"", " if-missing=\"drop\"") == with_text);
  CHECK(mapped("each=\"ZPR-3\"", " otherwise=\"x\"") == "{}");
}

TEST_CASE("each makes an object for every segment, and its when asks each of them") {
  RuleSetting setting;
  setting.message =
      "MSH|^~\\&|H\nPRB|AD|||P1\nNTE|1||初診~次行\nNTE|2|L|再診\nPRB|AD|||P2\nNTE|1||他の病名の注記\n";
  CHECK(json_of_rules(R"(<object path="note[]" each="NTE"><value path="text" from="NTE-3"/></object>)",
                      setting) == R"({"note":[{"text":"初診"},{"text":"再診"}]})");
  CHECK(json_of_rules(
            R"(<object path="note[]" each="NTE" when="NTE-2 = L"><value path="text" from="NTE-3"/></object>)",
            setting) == R"({"note":[{"text":"再診"}]})");
  CHECK(json_of_rules(R"(<object path="category[]" each="NTE"><value path="id" from="NTE-1"/>
                           <object path="coding[]" each="NTE-3"><value path="display" from="@"/></object></object>)",
                      setting) ==
        R"({"category":[{"id":"1","coding":[{"display":"初診"},{"display":"次行"}]},)"
        R"({"id":"2","coding":[{"display":"再診"}]}]})");
  CHECK(json_of_rules(R"(<object path="note[]" each="OBX"><value path="text" constant="x"/></object>)",
                      setting) == "{}");
}

TEST_CASE(
    "a field of very many repetitions is gone through once by a filter, and each holds the unit for it") {
  const auto message_with = [](std::size_t before_last) {
    std::string message = std::string(kProblemMessage.substr(0, kProblemMessage.find("ZPR"))) + "ZPR|";
    for (std::size_t i = 0; i < before_last; ++i) message += "x~";
    return message + "8^last^S\n";
  };
  CHECK(json_of_rules(R"(<value path="onsetString" from="ZPR-1[3=S].2"/>)",
                      {.message = message_with(1'000'000)}) == R"({"onsetString":"last"})");
  const std::string each =
      R"(<object path="category[]" each="ZPR-1" when="@.3 = S"><value path="text" from="@.2"/></object>)";
  CHECK(json_of_rules(each, {.message = message_with(RowScope::kMostRepetitions - 1)}) ==
        R"({"category":[{"text":"last"}]})");
  const RuleRun too_many(each, {.message = message_with(RowScope::kMostRepetitions)});
  CHECK(too_many.json() == "{}");
  REQUIRE(too_many.result().holds.size() == 1);
  CHECK(too_many.result().holds[0].code == ssmix2::FailureCode::map_bad_value);
  CHECK(to_text(too_many.result().holds[0].place).view() == "ZPR[1]-1");
}

TEST_CASE("two objects of one path have the items of both") {
  CHECK(json_of_rules(R"(<object path="code"><value path="coding[].code" constant="a"/></object>
                         <object path="code"><value path="coding[].code" constant="b"/></object>)") ==
        R"({"code":{"coding":[{"code":"a"},{"code":"b"}]}})");
}

}  // namespace
}  // namespace fhir_mapper::test
