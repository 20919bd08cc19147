#include "fhir_mapper/overlay.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kXmlns = R"( xmlns="urn:kakehashi:mapping:1")";

ConfigFile site_file(const std::string& root, const std::string& body,
                     const std::string& name = "site/o.xml") {
  return {name, "<" + root + kXmlns + ">\n" + body + "</" + root + ">", ConfigOrigin::site};
}

/// What the rules map after the site has changed them.
std::string changed(const std::string& rules, const std::vector<std::string>& changes) {
  RuleSetting setting;
  for (const std::string& change : changes) setting.more.push_back(site_file("overlay", change));
  return json_of_rules(rules, setting);
}

std::string first_error(const std::string& rules, const std::string& change) {
  auto files = mapping_of(resource_of(rules));
  files.push_back(site_file("overlay", change));
  const auto mapping = load_mapping(files, {});
  REQUIRE(mapping.has_error());
  return mapping.error().front().message;
}

const std::string kRules = R"(<value path="onsetString" from="PRB-4"/>
  <object path="code"><value path="id" constant="a"/><value path="text" constant="b"/></object>)";

TEST_CASE("replace puts rules in the place of one") {
  CHECK(changed(kRules,
                {R"(<replace rule="c/onsetString"><value path="onsetString" constant="own"/></replace>)"}) ==
        R"({"onsetString":"own","code":{"id":"a","text":"b"}})");
  CHECK(changed(kRules, {R"(<replace rule="c/code/id"><value path="coding[].code" constant="1"/>
                            <value path="coding[].code" constant="2"/></replace>)"}) ==
        R"({"onsetString":"P1","code":{"coding":[{"code":"1"},{"code":"2"}],"text":"b"}})");
}

TEST_CASE("remove takes one rule away, with what is inside it") {
  CHECK(changed(kRules, {R"(<remove rule="c/onsetString" reason="r"/>)"}) ==
        R"({"code":{"id":"a","text":"b"}})");
  CHECK(changed(kRules, {R"(<remove rule="c/code" reason="r"/>)"}) == R"({"onsetString":"P1"})");
}

TEST_CASE("add puts rules before or behind one, or at the end inside one") {
  const std::string value = R"(<value path="language" constant="ja"/></add>)";
  CHECK(changed(kRules, {R"(<add before="c/onsetString">)" + value}) ==
        R"({"language":"ja","onsetString":"P1","code":{"id":"a","text":"b"}})");
  CHECK(changed(kRules, {R"(<add after="c/onsetString">)" + value}) ==
        R"({"onsetString":"P1","language":"ja","code":{"id":"a","text":"b"}})");
  CHECK(changed(kRules, {R"(<add to="c/code"><value path="coding[].code" constant="x"/></add>)"}) ==
        R"({"onsetString":"P1","code":{"id":"a","text":"b","coding":[{"code":"x"}]}})");
}

TEST_CASE("what is added to a resource also leaves rows out and ignores values") {
  auto files = mapping_of(resource_of(kRules));
  files.push_back(site_file("overlay", R"(<add to="c"><leave-out when="PRB-1 = DE" reason="own"/>
                                          <ignore from="NTE" reason="own"/></add>)"));
  const auto mapping = load_mapping(files, {}).value();
  const ResourceRule& rule = mapping->resources().front();
  REQUIRE(rule.leave_out.size() == 1);
  CHECK(rule.leave_out[0].identity->text() == "c/leave-out (site/o.xml:2)");
  CHECK(rule.leave_out[0].identity->whose == ConfigOrigin::site);
  REQUIRE(rule.ignored.size() == 1);
  CHECK(rule.ignored[0].segment == "NTE");
}

TEST_CASE("a rule of a template is changed once for all that use it") {
  const std::string rules = R"(<object path="code"><use template="coded" system="A"/></object>
                               <object path="severity"><use template="coded" system="B"/></object>)";
  RuleSetting setting;
  setting.more.push_back({"common.xml", "<mapping" + kXmlns + R"(><template id="coded" parameters="system">
    <object path="coding[]"><value path="system" constant="{system}"/><value path="code" constant="1"/></object>
    </template></mapping>)"});
  setting.more.push_back(site_file(
      "overlay", R"(<replace rule="coded/coding/code"><value path="code" constant="{system}2"/></replace>)"));
  CHECK(json_of_rules(rules, setting) == R"({"code":{"coding":[{"system":"A","code":"A2"}]},)"
                                         R"("severity":{"coding":[{"system":"B","code":"B2"}]}})");
}

TEST_CASE("a rule with an id is called by it, and one inside <first> as if it stood outside") {
  const std::string rules = R"(<first><value path="onsetString" from="PRB-7"/>
    <value id="fallback" path="onsetString" constant="x"/></first>)";
  CHECK(
      changed(rules, {R"(<replace rule="c/fallback"><value path="onsetString" constant="y"/></replace>)"}) ==
      R"({"onsetString":"y"})");
  CHECK(changed(rules, {R"(<add before="c/onsetString"><value path="onsetString" from="PRB-4"/></add>)"}) ==
        R"({"onsetString":"P1"})");
}

TEST_CASE("changes are made one after the other, also of several overlays") {
  CHECK(
      changed(kRules,
              {R"(<replace rule="c/onsetString"><value id="own" path="onsetString" constant="1"/></replace>)"
               R"(<replace rule="c/own"><value path="onsetString" constant="2"/></replace>)",
               R"(<replace rule="c/onsetString"><value path="onsetString" constant="3"/></replace>)"}) ==
      R"({"onsetString":"3","code":{"id":"a","text":"b"}})");
}

TEST_CASE("an address of several rules changes none of them") {
  const std::string twice = R"(<object path="note[]"><value path="text" constant="a"/></object>
                               <object path="note[]"><value path="text" constant="b"/></object>)";
  CHECK_THAT(first_error(twice, R"(<remove rule="c/note" reason="r"/>)"),
             Catch::Contains("2 rules are called \"c/note\""));
  CHECK_THAT(first_error(twice, R"(<remove rule="c/note/text" reason="r"/>)"),
             Catch::Contains("2 rules are called \"c/note/text\""));
}

TEST_CASE("an address that is nearly right is told with the right one") {
  CHECK_THAT(first_error(kRules, R"(<remove rule="c/onsetstrnig" reason="r"/>)"),
             Catch::Contains("did you mean c/onsetString?"));
  CHECK_THAT(first_error(kRules, R"(<remove rule="c/code/txt" reason="r"/>)"),
             Catch::Contains("did you mean c/code/text?"));
}

TEST_CASE("a site's own mapping file stands beside the shipped ones") {
  auto files = mapping_of(resource_of(kRules));
  const std::string own =
      R"(<resource id="own" type="Observation" document="OML-11" row="OBX" instance="OBX-3">
    <value path="status" constant="final"/><value path="code.text" from="OBX-3.2"/></resource>)";
  files.push_back(site_file("mapping", own, "site/own.xml"));
  files.push_back(
      site_file("overlay", R"(<add after="own/status"><value path="language" constant="ja"/></add>)"));
  const auto mapping = load_mapping(files, {}).value();
  REQUIRE(mapping->resources().size() == 2);
  const ResourceRule* rule = mapping->find("Observation", ssmix2::DataType::OML_11);
  REQUIRE(rule != nullptr);
  CHECK(rule->identity->whose == ConfigOrigin::site);
  CHECK(rule->identity->origin.text() == "site/own.xml:2");
  CHECK(rule->rules.size() == 3);
  CHECK(mapping->resources()[0].identity->whose == ConfigOrigin::shipped);
}

TEST_CASE("a whole resource is replaced by another") {
  CHECK(changed(kRules, {"<replace rule=\"c\">" + resource_of(R"(<value path="language" constant="ja"/>)") +
                         "</replace>"}) == R"({"language":"ja"})");
}

}  // namespace
}  // namespace fhir_mapper::test
