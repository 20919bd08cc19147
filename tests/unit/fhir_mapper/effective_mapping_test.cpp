#include "fhir_mapper/effective_mapping.h"

#include "fhir_mapper/case_run.h"
#include "fhir_mapper/effective_table.h"
#include "tests/unit/fhir_mapper/golden.h"
#include "tests/unit/fhir_mapper/support.h"

#include <cstdlib>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kXmlns = R"( xmlns="urn:kakehashi:mapping:1")";
const std::string kHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mapping" + kXmlns + ">\n";

/// `changes` begin in line 2.
ConfigFile overlay_of(const std::string& changes, const std::string& name = "site/o.xml") {
  return {name, "<overlay" + kXmlns + ">\n" + changes + "</overlay>", ConfigOrigin::site};
}

/// What is shown between <mapping> and </mapping>.
std::string shown(const std::string& body, const std::vector<ConfigFile>& overlays = {}) {
  auto files = mapping_of(body);
  files.insert(files.end(), overlays.begin(), overlays.end());
  std::string text = EffectiveMapping(files).text();
  REQUIRE(text.starts_with(kHead));
  REQUIRE(text.ends_with("</mapping>\n"));
  return text.substr(kHead.size(), text.size() - kHead.size() - std::string("</mapping>\n").size());
}

struct Files {
  std::vector<ConfigFile> mappings = shipped_mappings();
  std::vector<ConfigFile> tables = shipped_tables();
};

std::vector<ConfigFile> shown_rules(const Files& files) {
  return {{"shown.xml", EffectiveMapping(files.mappings).text()}};
}

/// What is shown of the files, as files.
Files shown_files(const Files& files) {
  Files read_back{shown_rules(files), {}};
  for (const std::string& name : table_names(files.tables)) {
    read_back.tables.push_back({name + ".tsv", effective_table(files.tables, name)});
  }
  return read_back;
}

std::vector<std::string> plan_of(const Mapping& mapping) {
  std::vector<std::string> plan;
  for (const RuleIdentity& rule : mapping.rules()) {
    plan.push_back(rule.address + " " + std::to_string(static_cast<int>(rule.kind)));
  }
  return plan;
}

std::vector<std::string> bundles_of(const Mapping& mapping) {
  std::vector<std::string> bundles;
  for (const auto& document : golden_documents()) bundles.push_back(golden_bundle(document, mapping));
  return bundles;
}

/// What the documents of the shipped cases become, as far as their authors say.
std::vector<std::string> case_differences(const Mapping& mapping) {
  std::vector<ConfigFile> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(KAKEHASHI_SOURCE_DIR "/config/mapping/cases")) {
    files.push_back({entry.path().filename().string(), read_file(entry.path().string())});
  }
  std::vector<std::string> texts;
  for (const MappingCase& each : parse_cases(files).value()) {
    for (const CaseDifference& difference : run_case(each, mapping).differences) {
      texts.push_back(difference.origin.text() + " " + difference.what + " " + difference.got);
    }
  }
  return texts;
}

/// `shown`: what is shown of the files that `mapping` was loaded from.
void check_reads_back(const Files& shown, const Mapping& mapping) {
  const auto read_back = load_mapping(shown.mappings, shown.tables);
  if (read_back.has_error()) FAIL(read_back.error().front().place + ": " + read_back.error().front().message);
  CHECK(plan_of(**read_back) == plan_of(mapping));
  CHECK(bundles_of(**read_back) == bundles_of(mapping));
}

TEST_CASE("the shipped mapping reads back from what is shown of it") {
  const Files again = shown_files({});
  check_reads_back(again, shipped_mapping());
  CHECK(case_differences(*load_mapping(again.mappings, again.tables).value()) ==
        case_differences(shipped_mapping()));
}

TEST_CASE("a mapping that a site has changed reads back from what is shown of it") {
  Files files;
  files.mappings.push_back(overlay_of(R"(
    <replace rule="condition/code.text"><value path="code.text" from="PRB-3.2" format="&lt;&amp;&quot;{}--"/>
      </replace>
    <replace rule="institution"><template id="institution"><use template="own"/></template></replace>
    <remove rule="patient/gender" reason="-- 架橋 --"/>
    <add to="condition"><leave-out when="PRB-4.1 = P9" reason="架橋"/><ignore from="NTE" reason="-"/></add>
    <add before="condition/subject.reference"><value path="language" constant="ja"/></add>)"));
  files.mappings.push_back({"site/own.xml",
                            "<mapping" + kXmlns +
                                R"(><template id="own"><object path="extension[]">
    <value path="url" constant="urn:own"/><value path="valueString" from="$facility-name"/></object>
    </template></mapping>)",
                            ConfigOrigin::site});
  files.tables.push_back(table_of("site/gender.tsv", "HL70001\tM\t\tother\t\t\nHL70001\tF\t\t!remove\n"));
  files.tables.back().origin = ConfigOrigin::site;
  const auto mapping = load_mapping(files.mappings, files.tables).value();
  const Files again = shown_files(files);
  check_reads_back(again, *mapping);
  CHECK(bundles_of(*mapping) != bundles_of(shipped_mapping()));
  CHECK(case_differences(*load_mapping(again.mappings, again.tables).value()) == case_differences(*mapping));
}

// Of each eight rules one, with KAKEHASHI_LONG all: under sanitizers all of them take eight minutes.
TEST_CASE("whichever rule a site removes, the rest reads back from what is shown of it") {
  const std::size_t stride = std::getenv("KAKEHASHI_LONG") != nullptr ? 1 : 8;
  const auto& rules = shipped_mapping().rules();
  std::size_t count = 0;
  for (std::size_t i = 0; i < rules.size(); i += stride) {
    INFO(rules[i].address);
    Files files;
    files.mappings.push_back(overlay_of("<remove rule=\"" + rules[i].address + "\" reason=\"r\"/>"));
    const auto mapping = load_mapping(files.mappings, files.tables);
    if (mapping.has_error()) continue;  // its name is another one's, too, or FHIR requires it
    check_reads_back({shown_rules(files), files.tables}, **mapping);  // tables are what they were
    ++count;
  }
  CHECK(count * stride > 200);
}

TEST_CASE("behind each element stands its address and where it comes from") {
  CHECK(shown(R"(<resource id="c" type="Condition"><leave-out when="PRB-1 = DE"/>
<first id="one"><object path="code.coding[]">
<value path="code" from="PRB-3"/></object></first></resource>)") == R"(
  <resource id="c" type="Condition"> <!-- c (test.xml:2) -->
    <leave-out when="PRB-1 = DE"/> <!-- (test.xml:2) -->
    <first id="one"> <!-- c/one (test.xml:3) -->
      <object path="code.coding[]"> <!-- c/one/code.coding (test.xml:3) -->
        <value path="code" from="PRB-3"/> <!-- c/one/code.coding/code (test.xml:4) -->
      </object>
    </first>
  </resource>
)");
}

const std::string kRules = R"(<resource id="c"><value path="a"/>
<value path="b"/>
<object path="d"><value path="e"/></object></resource>)";

TEST_CASE("a rule of the site says so, and which rules it stands for") {
  const ConfigFile first = overlay_of(
      "<replace rule=\"c/a\"><value path=\"a\" from=\"PRB-1\"/></replace>\n"
      "<add to=\"c\"><value path=\"z\"/></add>",
      "site/1.xml");
  const ConfigFile second = overlay_of(R"(<replace rule="c/a"><value path="a" from="PRB-2"/>
<value path="x"/></replace>)",
                                       "site/2.xml");
  CHECK(shown(kRules, {first, second}) == R"(
  <resource id="c"> <!-- c (test.xml:2) -->
    <value path="a" from="PRB-2"/> <!-- c/a (site/2.xml:2, site, instead of site/1.xml:2, site, instead of test.xml:2) -->
    <value path="x"/> <!-- c/x (site/2.xml:3, site, instead of site/1.xml:2, site, instead of test.xml:2) -->
    <value path="b"/> <!-- c/b (test.xml:3) -->
    <object path="d"> <!-- c/d (test.xml:4) -->
      <value path="e"/> <!-- c/d/e (test.xml:4) -->
    </object>
    <value path="z"/> <!-- c/z (site/1.xml:3, site) -->
  </resource>
)");
}

TEST_CASE("where a rule was removed stands who did it and why") {
  CHECK(shown(kRules, {overlay_of(R"(<remove rule="c/b" reason="not here"/>
<remove rule="c/d/e" reason="nor here"/>)")}) == R"(
  <resource id="c"> <!-- c (test.xml:2) -->
    <value path="a"/> <!-- c/a (test.xml:2) -->
    <!-- removed: c/b (test.xml:3) by site/o.xml:2, site: not here -->
    <object path="d"> <!-- c/d (test.xml:4) -->
      <!-- removed: c/d/e (test.xml:4) by site/o.xml:3, site: nor here -->
    </object>
  </resource>
)");
  CHECK(shown(R"(<resource id="c"/>)", {overlay_of(R"(<remove rule="c" reason="r"/>)")}) ==
        "  <!-- removed: c (test.xml:2) by site/o.xml:2, site: r -->\n");
}

TEST_CASE("what a site removes of its own changes is told, too") {
  const std::string told = shown(kRules, {overlay_of(R"(<replace rule="c/a"><value path="x"/></replace>
<add to="c"><value path="y"/></add>
<remove rule="c/x" reason="one"/>
<remove rule="c/y" reason="two"/>)")});
  CHECK(told.find("  <resource id=\"c\"> <!-- c (test.xml:2) -->\n"
                  "    <!-- removed: c/x (site/o.xml:2, site) by site/o.xml:4, site: one -->\n") !=
        std::string::npos);
  CHECK(told.ends_with(
      "  </resource>\n  <!-- removed: c/y (site/o.xml:3, site) by site/o.xml:5, site: two -->\n"));
}

TEST_CASE("comments of the files stay where they are") {
  CHECK(shown(R"(<!-- 架橋 --><resource id="c"><!-- of a -- --><value path="a"/><!-- last --></resource>)",
              {overlay_of("<!-- why --><replace rule=\"c/a\"><!-- own --><value path=\"a\"/></replace>")}) ==
        R"(
  <!-- 架橋 -->
  <resource id="c"> <!-- c (test.xml:2) -->
    <!-- of a - - -->
    <!-- why -->
    <!-- own -->
    <value path="a"/> <!-- c/a (site/o.xml:2, site, instead of test.xml:2) -->
    <!-- last -->
  </resource>
)");
}

TEST_CASE("what XML has a meaning for is shown so that it reads back") {
  CHECK(shown(R"(<resource id="c" x="&lt;&amp;lt;&quot;&#9;'>架橋"/><!--x---->)") ==
        R"(
  <resource id="c" x="&lt;&amp;lt;&quot;&#9;'>架橋"/> <!-- c (test.xml:2) -->
  <!--x- - -->
)");
}

TEST_CASE("one resource is shown with the templates that it uses, and those that these use") {
  auto files = mapping_of(R"(<!-- of t --><template id="t"/><template id="other"/>
<template id="u"><object path="x"><use template="t"/></object></template>
<resource id="c"><use template="u"/></resource>
<!-- of d --><resource id="d"/><!-- end -->)");
  files.push_back(overlay_of(R"(<add to="c"><value path="y"/></add><remove rule="c/y" reason="one"/>
<remove rule="other" reason="two"/>)"));
  CHECK(EffectiveMapping(files).resources() == std::vector<std::string_view>{"c", "d"});
  CHECK(EffectiveMapping(files).text_of_resource("c") == kHead + R"(
  <!-- of t -->
  <template id="t"/> <!-- t (test.xml:2) -->

  <template id="u"> <!-- u (test.xml:3) -->
    <object path="x"> <!-- u/x (test.xml:3) -->
      <use template="t"/> <!-- (test.xml:3) -->
    </object>
  </template>

  <resource id="c"> <!-- c (test.xml:4) -->
    <use template="u"/> <!-- (test.xml:4) -->
  </resource>
  <!-- removed: c/y (site/o.xml:2, site) by site/o.xml:2, site: one -->
</mapping>
)");
}

}  // namespace
}  // namespace fhir_mapper::test
