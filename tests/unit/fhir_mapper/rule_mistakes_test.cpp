// Every way to write a rule wrongly, and what its author is told.
#include "tests/unit/fhir_mapper/mistake.h"
#include "tests/unit/fhir_mapper/rule_run.h"

namespace fhir_mapper::test {
namespace {

/// `written` stands in line 3, inside a <resource> for Condition of PPR-01.
void check_rules(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    check_told(mistake, mapping_of(resource_of(mistake.written)),
               {table_of("local.tsv", "\tAD\thttp://s\tadded\n"), table_of("a.tsv", ""),
                table_of("b.tsv", ""), table_of("c.tsv", ""), table_of("d.tsv", "")});
  }
}

const std::string kHere = "test.xml:3:2";

TEST_CASE("an element or attribute that does not exist is told with those that do") {
  check_rules({
      {R"(<vlaue path="code.text" constant="x"/>)", kHere,
       "did you mean value?; <value>, <object>, <first> or <use>"},
      {R"(<template id="x"/>)", kHere, "unknown element <template>; <value>, <object>, <first> or <use>"},
      {R"(<object path="code"><ended from="PRB-9"/></object>)", "test.xml:3:22",
       "<ended> stands directly in a <resource> only"},
      {R"(<value path="code.text" constant="b" form="x"/>)", kHere,
       R"(unknown attribute "form" of <value>; there are: id, path, from)"},
      {R"(<object pth="a" path="code"><value path="text" constant="x"/></object>)", kHere,
       R"(unknown attribute "pth" of <object>; there are: id, path, each, when)"},
      {R"(<first path="a"><value path="code.text" constant="x"/></first>)", kHere,
       R"(unknown attribute "path" of <first>; there are: id, when)"},
      {R"(<leave-out when="PRB-1" reason="r" why="x"/>)", kHere, "<leave-out>; there are: id, when, reason"},
      {R"(<ended from="PRB-9" by="x"/>)", kHere, "<ended>; there are: id, from, when"},
      {R"(<ignore from="PRB-9" reason="r" when="PRB-1"/>)", kHere, "<ignore>; there are: id, from, reason"},
      {"\n  PRB-3", "test.xml:4:3", "only elements may stand here, no text"},
  });
}

TEST_CASE(
    "what stands inside an element that takes nothing is a mistake, and so is an element without what it "
    "needs") {
  check_rules({
      {R"(<value path="code.text" constant="b"><value path="id" constant="d"/></value>)", kHere,
       "nothing may stand inside a <value>"},
      {R"(<leave-out when="PRB-1" reason="r"><value path="id" constant="d"/></leave-out>)", kHere,
       "nothing may stand inside a <leave-out>"},
      {R"(<ended from="PRB-9"><value path="id" constant="d"/></ended>)", kHere,
       "nothing may stand inside a <ended>"},
      {R"(<object path="code"/>)", kHere, "an <object> without rules never comes out"},
      {"<first/>", kHere, "<first> needs rules to choose from"},
      {R"(<leave-out reason="r"/>)", kHere, "<leave-out> needs the attribute when"},
      {R"(<leave-out when="PRB-1"/>)", kHere, "<leave-out> needs the attribute reason"},
      {R"(<ended when="PRB-1"/>)", kHere, "<ended> needs the attribute from"},
      {R"(<ignore from="PRB-9"/>)", kHere, "<ignore> needs the attribute reason"},
      {R"(<ignore reason="r"/>)", kHere, "<ignore> needs the attribute from"},
      {R"(<value from="PRB-1"/>)", kHere, "<value> needs the attribute path"},
      {R"(<object><value path="id" constant="x"/></object>)", kHere, "<object> needs the attribute path"},
      {R"(<value path="code.text"/>)", kHere, "a <value> needs either from or constant"},
      {R"(<value path="code.text" from="PRB-1" constant="b"/>)", kHere, "needs either from or constant"},
  });
}

TEST_CASE("attributes of a value that have no effect beside each other are told") {
  const std::string constant = R"(<value path="code.text" constant="b" )";
  const std::string from = R"(<value path="code.text" from="PRB-1" )";
  check_rules({
      {constant + R"(otherwise="c"/>)", kHere, "otherwise goes with from, not with constant"},
      {constant + R"(join="-"/>)", kHere, "join goes with from"},
      {constant + R"(table="local"/>)", kHere, "table goes with from"},
      {constant + R"(matches="b"/>)", kHere, "matches goes with from"},
      {constant + R"(with="trim"/>)", kHere, "with goes with from"},
      {constant + R"(format="c{}"/>)", kHere, "format goes with from"},
      {from + R"(format="c"/>)", kHere, R"(format="c" needs {} once, where the value is to stand)"},
      {from + R"(format="{}-{}"/>)", kHere, "needs {} once"},
      {from + R"(otherwise="x" if-missing="hold"/>)", kHere, "if-missing is without effect"},
      {from + R"(join="-" matches="x"/>)", kHere, "matches does not go with join: it looks at one source"},
      {R"(<value path="code.text" from="$patient-id PRB-4" join="-" table="local"/>)", kHere,
       R"(a table beside join with a variable needs unknown="expected")"},
      {from + R"(held-as="map:no-code"/>)", kHere, "held-as needs if-missing"},
      {from + R"(if-missing="hold" held-as="file:empty"/>)", kHere,
       R"(held-as="file:empty" must be one of: map:missing-element, map:bad-value)"},
      {from + R"(column="display"/>)", kHere, "column needs a table"},
      {from + R"(table-system="S"/>)", kHere, "table-system needs a table"},
      {from + R"(unknown="todo"/>)", kHere, "unknown needs a table"},
  });
}

TEST_CASE("a word that an attribute does not take is told with those that it takes") {
  const std::string from = R"(<value path="code.text" from="PRB-1" )";
  check_rules({
      {from + R"(as="number"/>)", kHere, R"(as="number" must be one of: text, code, decimal)"},
      {from + R"(if-missing="drop"/>)", kHere, "leaves out the <object> around, and there is none here"},
      {"<first>" + from + R"(if-missing="drop"/></first>)", "test.xml:3:9", "and there is none here"},
      {from + R"(if-missing="x"/>)", kHere, "must be one of: nothing, drop, hold"},
      {from + R"(table="local" column="x"/>)", kHere, "must be one of: code, display, system"},
      {from + R"(table="local" unknown="x"/>)", kHere, "must be one of: todo, expected"},
      {from + R"(with="trimm"/>)", kHere, R"(with="trimm" names no function; there are: trim, half-width)"},
      {from + R"(matches="["/>)", kHere, R"("[" is no regular expression: missing ])"},
      {from + R"(table="lokal"/>)", kHere,
       R"(no code table "lokal" (lokal.tsv in the terminology directory)"},
      {from + R"(table="lokal"/>)", kHere, "did you mean local?"},
      {from + R"(table="local? local"/>)", kHere, R"(the code table "local" stands twice in a chain)"},
      {from + R"(table="local a b c d"/>)", kHere, "a chain has at most 4 code tables"},
      {from + R"(table=""/>)", kHere, "the name of a code table must stand here"},
  });
}

TEST_CASE("a path that FHIR does not have, or does not have so, is told with what it has") {
  check_rules({
      {R"(<value path="code.txt" constant="x"/>)", kHere,
       R"(CodeableConcept has no element "txt"; did you mean text?)"},
      {R"(<value path="onset" constant="x"/>)", kHere, "the choice is between onsetAge, onsetDateTime"},
      {R"(<value path="code.coding.code" constant="x"/>)", kHere,
       "CodeableConcept.coding repeats: write coding[]"},
      {R"(<value path="code[].text" constant="x"/>)", kHere,
       "Condition.code does not repeat: write it without []"},
      {R"(<value path="code.text.x" constant="x"/>)", kHere,
       R"("text" is a string: nothing stands inside it)"},
      {R"(<value path="code..text" constant="x"/>)", kHere, "like code.coding[].system"},
      {R"(<value path="_recordedDate.txt" constant="x"/>)", kHere, R"(Element has no element "txt")"},
      {R"(<value path="contained[].id" constant="x"/>)", kHere,
       "write an <object> for it, with its resourceType"},
      {R"(<value path="code" constant="x"/>)", kHere,
       "a CodeableConcept, which has elements of its own: write an <obj"},
      {R"(<object path="recordedDate"><value path="id" constant="x"/></object>)", kHere,
       "is a dateTime: write a <value>"},
      {R"(<object path="contained[]"><value path="id" constant="x"/></object>)", kHere,
       R"(a contained resource needs <value path="resourceType" constant="...")"},
      {R"(<object path="contained[]"><value path="resourceType" constant="Encountr"/></object>)", kHere,
       R"(a contained resource needs <value path="resourceType" constant="...")"},
  });
}

TEST_CASE("a value that its element cannot hold is told before any document is read") {
  check_rules({
      {R"(<value path="code.text" from="PRB-1" as="decimal"/>)", kHere,
       R"(as="decimal" does not go into code.text, which is a string)"},
      {R"(<value path="recordedDate" from="PRB-1" as="boolean"/>)", kHere,
       "recordedDate, which is a dateTime"},
      {R"(<value path="recordedDate" constant="yesterday"/>)", kHere,
       R"(constant="yesterday" is no value for recordedDate; it is written as in HL7, a date like 20260401)"},
      {R"(<value path="onsetAge.value" from="PRB-1" otherwise="many"/>)", kHere,
       R"(otherwise="many" is no value for onsetAge.value)"},
      {R"(<value path="code.text" constant=""/>)", kHere,
       R"(constant="" is empty, and FHIR has no empty values)"},
      {R"(<object path="note[]"><value path="time" from="PRB-2"/></object>)", kHere,
       "Annotation needs text, and no rule makes it"},
      {R"(<object path="extension[]"><value path="valueString" from="PRB-2"/></object>)", kHere,
       "Extension needs url, and no rule makes it"},
  });
}

Mistake from(const std::string& source, const std::string& message) {
  return {"<value path=\"code.text\" from=\"" + source + "\"/>", kHere, message};
}

TEST_CASE("a source that never says anything is told with what HL7 has") {
  check_rules({
      from(" ", R"(from="" names no source; one looks like PRB-3.1)"),
      from("PRB3", "must begin with a segment and a field, like PRB-3, with @ or with $"),
      from("PRB", "is a whole segment; a field looks like PRB-3"),
      from("PRB-99", "PRB has 28 fields"),
      from("PRB-1.2", "is of type ID, which has 1 component"),
      from("PRB-4.1.2", "of type ST, which has 1 part"),
      from("AL1-3", "there is no AL1 in PPR-01 documents"),
      from("$pateint-id", "is no variable; there are: $institution-number"),
      from("$", "needs a name after $"),
      from("@.1", "has a meaning only inside an <object> with each"),
      from("PRB-0", "needs a number from 1 to 999 after -"),
      from("PRB-3[1", "has [ without ]"),
      from("PRB-3[]", "needs a repetition like [2] or a filter like [8=I]"),
      from("PRB-3(A", "has ( without )"),
      from("PRB-3()", "needs the name of a coding system between ( and )"),
      from("PRB-3(A).4", "takes .1 (code), .2 (text) or .3 (system) behind the name of a coding system"),
      from("PRB-3.1|PRB-4", R"(has "|PRB-4" at its end, which is not understood)"),
      {R"(<object path="category[]" each="ZPR-1"><value path="text" from="@[2].1"/></object>)",
       "test.xml:3:41", "stands at one repetition already"},
      {R"(<ignore from="$patient-id" reason="r"/>)", kHere,
       R"(like NK1, PID-9 or PID-5.7, not "$patient-id")"},
      {R"(<ignore from="PRB-3[2]" reason="r"/>)", kHere, R"(fields and components, like NK1, PID-9)"},
      {R"(<ignore from="PRB-99" reason="r"/>)", kHere, "PRB has 28 fields"},
      {R"(<ignore from="AL1" reason="r"/>)", kHere, "there is no AL1 in PPR-01 documents"},
  });
}

Mistake when(const std::string& condition, const std::string& message) {
  return {"<value path=\"code.text\" constant=\"x\" when=\"" + condition + "\"/>", kHere, message};
}

TEST_CASE("alternatives that are never looked at, or are several by mistake, are told") {
  check_rules(
      {{R"(<first><value path="onsetString" constant="1"/><value path="code.text" from="PRB-4"/></first>)",
        "test.xml:3:9", "what stands behind it in <first> is never looked at"},
       {R"(<first><value path="onsetString" from="PRB-7" otherwise="1"/><value path="code.text" from="PRB-4"/></first>)",
        "test.xml:3:9", "what stands behind it in <first> is never looked at"}});
}

TEST_CASE("a condition or each that is not understood is told with what may be written") {
  check_rules({
      when("PRB-1 PRB-2",
           "write SOURCE, not SOURCE, SOURCE = A|B, SOURCE != A|B, SOURCE ~ PATTERN, SOURCE in TABLE"),
      when("PRB-1 == A", R"("==" is no comparison; there are =, !=, ~, in and not-in)"),
      when("PRB-1 = AD AND PRB-9", R"("AND" would be part of the code "AD AND PRB-9")"),
      when("PRB-1 = AD PRB-9 = X", R"("=" would be part of the code)"),
      when("PRB-1 = AD, DE", "alternatives are separated by |, like D|W"),
      when("PRB-1 = 'AD'", "stands there without quotes"),
      when("PID-5[4000000000] = X", "with numbers from 1 to 999"),
      when("PID-5[8=] = X", "needs a repetition like [2] or a filter like [8=I]"),
      when("PRB-1 = AD|", R"("AD|" needs a value on both sides of |, like D|W)"),
      when("PRB-1 != |AD", "needs a value on both sides of |"),
      when("PRB-1 in lokal", "did you mean local?"),
      when("PRB-1 ~ (", R"("(" is no regular expression: missing ))"),
      when("PR = A", R"(the source "PR" must begin with a segment and a field)"),
      when("NTE", R"(the source "NTE" is a whole segment; a field looks like NTE-3)"),
      when("@.1", "has a meaning only inside an <object> with each"),
  });
  check_rules({{R"(<object path="severity" each="ZPR-1"><value path="text" from="@.2"/></object>)", kHere,
                "does not repeat: of what each goes through only the last would be left"}});
  for (const char* each : {"$patient-id", "ZPR-1 ZPR-2", "ZPR-1.1", "ZPR-1[2]", ""}) {
    check_rules({{"<object path=\"category[]\" each=\"" + std::string(each) +
                      "\"><value path=\"text\" constant=\"x\"/></object>",
                  kHere, "each takes one field or segment, like PID-5 or NTE, and goes through all of it"}});
  }
}

}  // namespace
}  // namespace fhir_mapper::test
