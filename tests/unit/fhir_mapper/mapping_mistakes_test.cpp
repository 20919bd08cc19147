// Every way to write resources, templates, overlays and tables wrongly, and what their author is told. Of
// rules see rule_mistakes_test.cpp.
#include "tests/unit/fhir_mapper/code_tables.h"
#include "tests/unit/fhir_mapper/mistake.h"
#include "tests/unit/fhir_mapper/rule_run.h"

namespace fhir_mapper::test {
namespace {

const std::string kXmlns = R"( xmlns="urn:kakehashi:mapping:1")";
const std::string kSubject = R"(<value path="subject.reference" constant="#p"/>)";

/// `written` stands from line 2 on, inside <mapping>.
void check_files(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) check_told(mistake, mapping_of(mistake.written), {});
}

Mistake resource(const std::string& attributes, const std::string& message) {
  return {"<resource " + attributes + ">" + kSubject + "</resource>", "test.xml:2:2", message};
}

TEST_CASE("a resource that says too little, or what there is not, is told what would be right") {
  const std::string rest = R"( document="PPR-01" row="PRB" instance="PRB-4")";
  check_files({
      {"<rule/>", "test.xml:2:2", "unknown element <rule>; <resource> or <template> may stand here"},
      resource(R"(type="Condition")" + rest, "<resource> needs the attribute id"),
      resource(R"(id="c")" + rest, "<resource> needs the attribute type"),
      resource(R"(id="c" type="Conditon")" + rest,
               "no resource type that the gateway knows; did you mean Condition?"),
      resource(R"(id="c" type="Condition" row="PRB" instance="PRB-4")",
               "<resource> needs the attribute document"),
      resource(R"(id="c" type="Condition" document="PPR-99" row="PRB" instance="PRB-4")",
               R"(there is no data type "PPR-99"; they look like PPR-01)"),
      resource(R"(id="c" type="Condition" document="OML-11" row="OBX" instance="OBX-3")",
               "no Condition is made of OML-11 documents: they are made of PPR-01"),
      {R"(<resource id="c" type="AllergyIntolerance" document="PPR-01" row="PRB" instance="PRB-4">)"
       R"(<value path="patient.reference" constant="#p"/></resource>)",
       "test.xml:2:2", "they are made of ADT-61 and ADT-00"},
      {R"(<resource id="c" type="Practitioner" document="OML-11" row="ORC" instance="ORC-12">)"
       R"(<value path="active" constant="true"/></resource>)",
       "test.xml:2:2",
       "no Practitioner is made of OML-11 documents: the gateway sends no such resources by themselves"},
      resource(R"(id="c" type="Condition" document="PPR-01" instance="PRB-4")",
               "<resource> needs the attribute row"),
      resource(R"(id="c" type="Condition" document="PPR-01" row="IAM" instance="PRB-4")",
               "there is no such segment in PPR-01 documents"),
      resource(R"(id="c" type="Condition" document="PPR-01" row="PRB")",
               "<resource> needs the attribute instance"),
      resource(R"(id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4 |")",
               "needs sources on both sides of |, with spaces around it, like IAM-7.1 | IAM-2.1 IAM-3.1"),
      resource(R"(id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB")", "is a whole segment"),
      resource(R"(id="c" type="Condition" profile="x")" + rest,
               "<resource>; there are: id, type, document, row, instance"),
      {R"(<resource id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4"/>)", "test.xml:2:2",
       "Condition needs subject, and no rule makes it"},
      {resource_of("") + "\n" + resource_of(""), "test.xml:4:2",
       "there is a <resource> for Condition of PPR-01 already, in test.xml:2; an <overlay> changes its "
       "rules"},
      {resource_of("") +
           R"(<resource id="c" type="Observation" document="OML-11" row="OBX" instance="OBX-3">)"
           R"(<value path="status" constant="final"/><value path="code.text" from="OBX-3"/></resource>)",
       "test.xml:3:60", R"(there is a <resource id="c"> already, in test.xml:2)"},
  });
}

TEST_CASE("rows of a Patient are not chosen, so that a rule to choose them would do nothing") {
  const auto patient = [](const std::string& rule) {
    return R"(<resource id="p" type="Patient" document="ADT-00" row="PID" instance="$patient-id">)"
           "\n" +
           rule + "</resource>";
  };
  const std::string told = "a Patient is sent with whatever is sent of the patient: nothing leaves it out";
  check_files({
      {patient(R"(<leave-out when="PID-8 = X" reason="test patients"/>)"), "test.xml:3:2", told},
      {patient(R"(<ended from="PID-29"/>)"), "test.xml:3:2", told},
  });
  CHECK(load_mapping(mapping_of(patient(R"(<ignore from="PID-9" reason="r"/>)")), {}).has_value());
}

TEST_CASE("what stands there a second time is told, since nothing would come of it") {
  const ConfigFile two{"two.xml",
                       "<overlay xmlns=\"urn:kakehashi:mapping:1\"></overlay>\n"
                       "<overlay xmlns=\"urn:kakehashi:mapping:1\"><remove rule=\"c\"/></overlay>",
                       ConfigOrigin::site};
  check_told({two.bytes, "two.xml:2:2", "a second root element"}, {two}, {});
  const std::string rule = R"(<value path="code.text" from="PRB-1" when="PRB-2" when="PRB-4"/>)";
  check_told({rule, "test.xml:3:2", "the attribute when stands twice"}, mapping_of(resource_of(rule)), {});
}

/// A template in line 2 and rules in line 4.
Mistake templated(const std::string& written, const std::string& rules, const std::string& place,
                  const std::string& message) {
  return {written + "\n" + resource_of(rules), place, message};
}

TEST_CASE("a template that is not there, or is used wrongly, is told") {
  const std::string text =
      R"(<template id="text" parameters="from id"><value path="code.text" from="{from}"/>)"
      R"(</template>)";
  check_files({
      {R"(<template parameters="a"/>)", "test.xml:2:2", "<template> needs the attribute id"},
      {R"(<template id="a" use="b"/>)", "test.xml:2:2", "<template>; there are: id, parameters"},
      {"<template id=\"a\"/>\n<template id=\"a\"/>", "test.xml:3:2",
       "there is a template \"a\" already, in test.xml:2"},
      templated(text, R"(<use template="txt" from="PRB-1"/>)", "test.xml:4:2",
                R"(there is no <template id="txt">; did you mean text?)"),
      templated(text, "<use/>", "test.xml:4:2", "<use> needs the attribute template"),
      templated(text, R"(<use template="text" id="x"/>)", "test.xml:4:2", "needs the parameter from"),
      templated(text, R"(<use template="text" from="PRB-1" id="x" form="y"/>)", "test.xml:4:2",
                R"(has no parameter "form"; it has from, id)"),
      templated(text, R"(<use template="text" from="PRB-1" id="x"><value path="id" constant="x"/></use>)",
                "test.xml:4:2", "nothing may stand inside a <use>"),
      templated(text, R"(<use template="text" from="PRB-77" id="x"/>)", "test.xml:2:43",
                R"(the source "PRB-77": PRB has 28 fields (from="PRB-77"))"),
      templated(
          R"(<template id="t" parameters="from"><value path="code.text" constant="{form}"/></template>)",
          R"(<use template="t" from="x"/>)", "test.xml:2:37",
          R"(the template has no parameter "form"; parameters="..." of <template> names them)"),
      templated(R"(<template id="t"><object path="code"><use template="t"/></object></template>)",
                R"(<use template="t"/>)", "test.xml:2:39", R"(the template "t" uses itself)"),
      templated(
          R"(<template id="t"><use template="u"/></template><template id="u"><use template="t"/></template>)",
          R"(<use template="t"/>)", "test.xml:2:66", R"(the template "t" uses itself)"),
  });
}

/// Templates t0 to t<count>, each of which uses the next one so often.
std::string templates_in_a_row(int count, int uses, const std::string& argument = "") {
  const std::string parameter = argument.empty() ? "" : " parameters=\"a\"";
  std::string all;
  for (int i = 0; i < count; ++i) {
    all += "<template id=\"t" + std::to_string(i) + "\"" + parameter + ">\n";
    for (int use = 0; use < uses; ++use) {
      all += "<use template=\"t" + std::to_string(i + 1) + "\"" + argument + "/>";
    }
    all += "</template>";
  }
  return all + "<template id=\"t" + std::to_string(count) + "\"" + parameter +
         "><value path=\"meta.profile[]\" constant=\"x\"/></template>";
}

TEST_CASE("templates that would grow without end are refused") {
  const auto used = [](const std::string& templates, const std::string& use) {
    return templates + resource_of(use);
  };
  const std::string twice = used(templates_in_a_row(18, 2), R"(<use template="t0"/>)");
  const auto too_many = load_mapping(mapping_of(twice), {});
  REQUIRE(too_many.has_error());
  REQUIRE(too_many.error().size() == 1);
  CHECK_THAT(too_many.error()[0].message,
             Catch::Contains("more than 20000 rules, those of templates counted at every <use>"));
  CHECK(load_mapping(mapping_of(used(templates_in_a_row(12, 2), R"(<use template="t0"/>)")), {}).has_value());

  CHECK(load_mapping(mapping_of(used(templates_in_a_row(19, 1), R"(<use template="t0"/>)")), {}).has_value());
  check_files({
      {used(templates_in_a_row(20, 1), R"(<use template="t0"/>)"), "test.xml:22:2",
       "templates use each other more than 20 deep"},
      {used(templates_in_a_row(14, 1, R"( a="{a}{a}")"), R"(<use template="t0" a="x"/>)"), "test.xml:16:2",
       R"(a="..." is longer than 10000 bytes with its parameters filled in)"},
  });
}

TEST_CASE("a file that is no mapping is told as such") {
  const auto check = [](const std::string& bytes, const std::string& place, const std::string& message,
                        ConfigOrigin origin = ConfigOrigin::shipped) {
    check_told({bytes, place, message}, {{"a.xml", bytes, origin}}, {});
  };
  check("", "a.xml:1:1", "not well-formed XML: No document element found");
  check("<mapping>\n  <oops", "a.xml:2:7", "not well-formed XML");
  check("<mapping>\n</maping>", "a.xml:2:3", "Start-end tags mismatch");
  check("<mapping" + kXmlns + ">\n<!-- 架橋 \x93\xE0 -->", "a.xml:2:9",
        "not UTF-8 stands here; save the file as UTF-8");
  check("<rules" + kXmlns + "/>", "a.xml:1:2",
        "the root element must be <mapping xmlns=\"urn:kakehashi:mapping:1\">");
  check(R"(<mapping xmlns="urn:other"/>)", "a.xml:1:2",
        "must be <mapping xmlns=\"urn:kakehashi:mapping:1\">");
  check("<mapping version=\"2\"" + kXmlns + "/>", "a.xml:1:2",
        "unknown attribute \"version\" of <mapping>; there is: xmlns");
  check("<overlay" + kXmlns + "/>", "a.xml:1:2", "the root element must be <mapping");
  check("<overlays" + kXmlns + "/>", "a.xml:1:2", "or <overlay> with that xmlns", ConfigOrigin::site);
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += "<object path=\"a\">\n";
  for (int i = 0; i < 60; ++i) deep += "</object>";
  check("<mapping" + kXmlns + "><template id=\"x\">\n" + deep + "</template></mapping>", "a.xml:50:2",
        "elements stand more than 50 deep in each other; is the end of one missing?");
}

/// `written` stands from line 2 on, inside an <overlay> over these rules.
void check_overlays(const std::vector<Mistake>& mistakes) {
  const auto shipped = mapping_of(resource_of(R"(
    <value path="code.text" from="PRB-3.2"/>
    <object path="note[]"><value path="text" constant="a"/></object>
    <object path="note[]"><value path="text" constant="b"/></object>)"));
  for (const Mistake& mistake : mistakes) {
    auto files = shipped;
    files.push_back(
        {"site/o.xml", "<overlay" + kXmlns + ">\n" + mistake.written + "</overlay>", ConfigOrigin::site});
    check_told(mistake, files, {});
  }
}

TEST_CASE("a change that changes nothing, or nothing certain, is told") {
  const std::string here = "site/o.xml:2:2";
  const std::string value = R"(<value path="code.id" constant="x"/>)";
  check_overlays({
      {resource_of(""), here, "unknown element <resource>; <replace>, <remove> or <add> may stand here"},
      {"<replace rule=\"c/code.text\"/>", here,
       "<replace> needs the rules that stand instead; <remove> needs none"},
      {"<replace>" + value + "</replace>", here, "with the address of a rule, like condition/code.text"},
      {"<replace rule=\"c/code.text\" reason=\"r\">" + value + "</replace>", here,
       R"(unknown attribute "reason" of <replace>)"},
      {"<replace rule=\"c\">" + value + "</replace>", "site/o.xml:2:20",
       "<resource> or <template> may stand here"},
      {R"(<remove rule="c/code.text"/>)", here, "<remove> needs the attribute reason"},
      {R"(<remove reason="r"/>)", here, "<remove> needs the attribute rule with the address of a rule"},
      {R"(<remove rule="c/code.text" reason="r" whon="x"/>)", here,
       R"(unknown attribute "whon" of <remove>; there are: rule, reason)"},
      {R"(<remove rule="c/code.text" reason="r">)" + value + "</remove>", here,
       "<replace> puts rules instead"},
      {R"(<remove rule="c/code.txt" reason="r"/>)", here,
       "did you mean c/code.text?; `kakehashi mapping show` lists"},
      {R"(<remove rule="d/code.text" reason="r"/>)", here, R"(there is no rule "d/code.text")"},
      {R"(<remove rule="c/note" reason="r"/>)", here,
       R"(2 rules are called "c/note"; replace the rule around them)"},
      {"<add>" + value + "</add>", here,
       "<add> needs one of: to (at the end of that resource, template or object)"},
      {R"(<add to="c" after="c/code.text">)" + value + "</add>", here, "<add> needs one of: to"},
      {R"(<add to="c"/>)", here, "<add> needs the rules to add"},
      {R"(<add to="c" rule="c">)" + value + "</add>", here, R"(unknown attribute "rule" of <add>)"},
      {R"(<add to="c/code.text">)" + value + "</add>", here,
       "nothing may stand inside a <value>; before or after may be meant"},
      {R"(<add before="c">)" + value + "</add>", "site/o.xml:2:18",
       "<resource> or <template> may stand here"},
      {R"(<add to="c">text)" + value + "</add>", "site/o.xml:2:13", "only elements may stand here, no text"},
  });
}

TEST_CASE("a table that could not be used is told with line and remedy") {
  const auto check = [](const ConfigFile& table, const std::string& place, const std::string& message) {
    check_told({table.bytes, place, message}, {}, {table});
  };
  check({"t.tsv", ""}, "t.tsv:1", "the table is empty; it needs at least the header");
  check({"t.tsv", "from\tto\n"}, "t.tsv:1", "the first line must be the header: from_system, from_code");
  check(shipped_table("t", "a\tb\n"), "t.tsv:2", "a row has 4 to 6 cells separated by tabs, this one has 2");
  check(shipped_table("t", "\t\t\tx\n"), "t.tsv:2:2",
        "from_code is empty; write * for the row of every other code");
  check(shipped_table("t", "\ta\t\tx\n\ta\t\ty\n"), "t.tsv:3",
        "has a row already, in line 2; remove one of them");
  check(shipped_table("t", "\t~[\t\tx\n"), "t.tsv:2:2", "from_code is no regular expression: missing ]");
  check(shipped_table("t", "\t~\t\tx\n"), "t.tsv:2:2", "from_code needs a regular expression behind ~");
  check(shipped_table("t", "\ta\t\t{}\n"), "t.tsv:2:5", "write the code");
  check(shipped_table("t", "\ta\t\tx \n"), "t.tsv:2:5", "to_code begins or ends with a space; remove it");
  check(shipped_table("t", "\t\"a\"\t\tx\n"), "t.tsv:2:2",
        "stands in quotation marks, as spreadsheets write them");
  check(shipped_table("t", "\ta\t\tx\uFFFD\n"), "t.tsv:2:5", "write the character that belongs there");
  check(shipped_table("t", "\ta\t\tx\v\n"), "t.tsv:2:5", "holds a control character (0x0B); remove it");
  check(shipped_table("t", "\ta\t\tx\t\x93\xE0\n"), "t.tsv:2:7", "is not UTF-8; save the file as UTF-8");
  check(shipped_table("t", "\ta\t\t!remove\n"), "t.tsv:2:5",
        "only a site's table removes rows; delete the row instead");
  check(site_table("t", "\ta\t\t!remove\n"), "site/t.tsv:2", "there is no shipped row of from_system");
  check_told({"", "b/t.tsv", "the table is in t.tsv already; remove one of the files"}, {},
             {shipped_table("t", ""), {"b/t.tsv", kCodeHeader}});
}

}  // namespace
}  // namespace fhir_mapper::test
