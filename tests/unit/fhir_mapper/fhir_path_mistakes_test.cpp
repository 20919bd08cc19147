#include "fhir_mapper/fhir_path_parser.h"
#include "tests/unit/fhir_mapper/fhir_path_support.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string mistake_of(std::string_view expression) {
  const auto path = FhirPath::compile(expression);
  if (path.has_value()) return "none";
  return std::to_string(path.error().column) + ": " + path.error().message;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string made;
  for (std::size_t i = 0; i < count; ++i) made += text;
  return made;
}

TEST_CASE("what is wrong with an expression is told with its column and what would be right") {
  const std::vector<std::pair<std::string, std::string>> mistakes = {
      {"", "1: the expression ends here, where a value must stand: a path, a literal or a ("},
      {"name.exist()", "6: there is no function exist() here; did you mean exists?"},
      {"(a and (b or c)", "1: \"(\" is never closed; write ) where it ends"},
      {"a.exists(", "10: the expression ends here, where a value must stand: a path, a literal or a ("},
      {"a b", "3: \"b\" stands here, where an operator, a dot or the end must stand"},
      {"a)", "2: \")\" stands here, where an operator, a dot or the end must stand"},
      {"text.div",
       "6: \"div\" stands here, where the name of an element or a function must stand; write "
       "`div` for an element of that name"},
      {"'架橋", "1: what begins here never ends; write ' behind it"},
      {"'架橋' = \"x\"", "8: a text stands between ', not between \""},
      {"a /* x", "3: this comment never ends; write */ behind it"},
      {"a = @2026-02-30",
       "5: @ stands before a date or a time that exists, like @2026-04-01T09:30+09:00 or @T09:30"},
      {"a is Patiant", "6: FHIR R4 has no type \"Patiant\"; did you mean Patient?"},
      {"a.ofType(1)", "10: the name of a type must stand here, like Patient, dateTime or System.String"},
      {"Pateint.name", "1: FHIR R4 has no type \"Pateint\"; did you mean Patient?"},
      {"a.where()", "3: where() needs 1 argument"},
      {"a.count(1)", "9: count() takes no arguments"},
      {"a.where(b, c)", "12: where() takes at most 1 argument"},
      {"%resorce",
       "1: the variables are %resource, %rootResource, %context, %ucum, %sct, %loinc, %`vs-...` and "
       "%`ext-...`"},
      {"a.matches(b)",
       "11: a regular expression must stand here as a text between ': it is compiled once, before "
       "anything is known of a resource"},
      {"a.matches('(')", "11: this regular expression cannot be used: missing ): ("},
      {"$total", "1: only $this and $index are known here"},
      {"1234567890123456789012", "1: a number may have eighteen digits"},
      {"'\\u12'", "2: \\u stands before four hexadecimal digits, and not for half a character"},
      {"a ? b", "3: nothing in FHIRPath begins with this character"},
  };
  for (const auto& [expression, mistake] : mistakes) {
    INFO(expression);
    CHECK(mistake_of(expression) == mistake);
  }
}

TEST_CASE("expressions that are too long or too deep are refused") {
  CHECK(mistake_of(repeated("(", 150) + "a" + repeated(")", 150)) == "none");
  CHECK(mistake_of(repeated("(", 100'000)) ==
        "1: an expression may have 16384 bytes; write several rules instead");
  CHECK(mistake_of(repeated("(", 5000)).ends_with("nested too deeply; write several rules instead"));
  CHECK(mistake_of("a" + repeated(".a", 5000))
            .ends_with("too many steps in a row; write several rules instead"));
  CHECK(mistake_of("a" + repeated(" or a", 2000))
            .ends_with("too many steps in a row; write several rules instead"));
  CHECK(mistake_of(repeated("-", 10'000) + "1") == "none");
  CHECK(mistake_of("a" + repeated(".a", kDeepestFhirPath - 2)) == "none");
  // What is asked of each item lies on the stack above what leads to it.
  const std::string half = "a" + repeated(".a", kDeepestFhirPath / 2);
  CHECK(mistake_of(half + ".where(" + half + ")")
            .ends_with("too many steps in a row; write several rules instead"));
}

TEST_CASE("an evaluation that takes too much is given up") {
  const std::string all = repeated("%resource.descendants().select(", 8) + "$this" + repeated(")", 8);
  CHECK(on_patient(all + ".count() > 0") == "unevaluable");
  CHECK(on_patient("'" + std::string(1000, 'a') + "'" + repeated(".replace('a', 'aaaaaaaaaa')", 10) +
                   ".length() > 0") == "unevaluable");
  CHECK(on_patient("'a'" + repeated(".select($this & $this)", 60) + ".length() > 0") == "unevaluable");
  CHECK(on_patient("1" + repeated(".select($this.combine($this))", 60) + ".count() > 0") == "unevaluable");
  CHECK(on_patient("'a'.repeat($this & 'a').count() > 0") == "unevaluable");
}

TEST_CASE("comments and line ends stand between words") {
  CHECK(on_patient("active // is it\n and /* also */ id = 'p1'") == "holds");
}

TEST_CASE("texts may hold quotes and any character") {
  CHECK(on_patient(R"('\'' = '\u0027' and 'a\tb\\' = 'a\u0009b\u005c' and '\u67B6\/' = '架/')") == "holds");
}

}  // namespace
}  // namespace fhir_mapper::test
