#include "fhir_mapper/source.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

Source parsed(std::string_view text) {
  std::string why;
  const auto source = Source::parse(text, why);
  INFO(text << " " << why);
  REQUIRE(source.has_value());
  return *source;
}

std::string why_not(std::string_view text) {
  std::string why;
  INFO(text);
  CHECK_FALSE(Source::parse(text, why).has_value());
  return why;
}

TEST_CASE("a source of a field says segment, field, repetition, component and sub-component") {
  const Source source = parsed("PRB-4[2].1.3");
  CHECK(source.kind == Source::Kind::field);
  CHECK(source.text == "PRB-4[2].1.3");
  CHECK(source.segment == "PRB");
  CHECK(source.field == 4);
  CHECK(source.repetition == 2);
  CHECK(source.component == 1);
  CHECK(source.subcomponent == 3);
  CHECK(parsed("PRB-999").field == 999);
  CHECK(parsed("PRB-4").repetition == 1);
  CHECK(parsed("PRB-4").component == 0);
}

TEST_CASE("a repetition may be asked for by the value of a component, and a code by its system") {
  const Source filtered = parsed("PID-5[8=I].1");
  REQUIRE(filtered.filter.has_value());
  CHECK(filtered.filter->component == 8);
  CHECK(filtered.filter->value == "I");
  CHECK(filtered.component == 1);
  CHECK(parsed("PRB-3(A|B*).2").systems == std::vector<std::string>{"A", "B*"});
  CHECK_FALSE(parsed("PRB-3(A)").systems_negated);
  CHECK(parsed("PRB-3(!A)").systems_negated);
  CHECK(parsed("@(A).3").kind == Source::Kind::current);
}

TEST_CASE("every repetition is asked for with a star, and with a coding system, too") {
  CHECK(parsed("ZPR-1[*].2").every_repetition);
  CHECK(parsed("ZPR-1[*](MDCDX2).1").every_repetition);
  CHECK_FALSE(parsed("ZPR-1[2].2").every_repetition);
}

TEST_CASE("a second field stands behind the first, and is asked repetition by repetition") {
  CHECK(parsed("ZPR-1|4[*].2").field == 1);
  CHECK(parsed("ZPR-1|4[*].2").stand_in == 4);
  CHECK(parsed("ZPR-1[*].2").stand_in == 0);
  CHECK_THAT(why_not("ZPR-1|4.2"), Catch::Contains("write [*] behind it"));
  CHECK_THAT(why_not("ZPR-1|4[2].2"), Catch::Contains("write [*] behind it"));
}

TEST_CASE("a segment alone is a source of itself") {
  CHECK(parsed("NTE").segment == "NTE");
  CHECK(parsed("NTE").field == 0);
}

TEST_CASE("every variable there is can be asked for") {
  for (std::size_t index = 0; index < kVariableNames.size(); ++index) {
    const Source source = parsed("$" + std::string(kVariableNames[index]));
    CHECK(source.kind == Source::Kind::variable);
    CHECK(source.variable == static_cast<Variable>(index));
  }
}

TEST_CASE("what is no source is refused with the reason") {
  using Catch::Contains;
  CHECK_THAT(why_not(""), Contains("is empty"));
  CHECK_THAT(why_not("$"), Contains("needs a name after $"));
  CHECK_THAT(why_not("$pateint-id"), Contains("is no variable; there are: $institution-number, $facility"));
  for (const char* text : {"PR", "PRB3", "prb-3", "PR-3", "PRBX-3", "-3", "PRB-", "prb", "PRB.1"}) {
    CHECK_THAT(why_not(text), Contains("must begin with a segment and a field"));
  }
  for (const char* text : {"PRB-x", "PRB-0", "PRB-1000", "PRB--1", "PRB-3.x", "PRB-3.0", "PRB-3."}) {
    CHECK_THAT(why_not(text), Contains("needs a number from 1 to 999"));
  }
  CHECK_THAT(why_not("PRB-3[1"), Contains("[ without ]"));
  for (const char* text : {"PRB-3[]", "PRB-3[x]", "PRB-3[0]", "PRB-3[=I]"}) {
    CHECK_THAT(why_not(text), Contains("needs a repetition like [2] or a filter like [8=I]"));
  }
  CHECK_THAT(why_not("PRB-3(A"), Contains("( without )"));
  CHECK_THAT(why_not("PRB-3()"), Contains("name of a coding system"));
  CHECK_THAT(why_not("PRB-3(!)"), Contains("name of a coding system"));
  for (const char* text : {"PRB-3.1.2.3", "PRB-3.1(A)", "PRB-3x", "PRB-3.1|PRB-4"}) {
    CHECK_THAT(why_not(text), Contains("not understood"));
  }
}

TEST_CASE("what would be read and mean nothing is refused") {
  using Catch::Contains;
  for (const char* text : {"@[2].1", "@[8=I]"})
    CHECK_THAT(why_not(text), Contains("at one repetition already"));
  for (const char* text : {"PRB-3(A).4", "PRB-3(A).1.2", "@(A).7"}) {
    CHECK_THAT(why_not(text), Contains("takes .1 (code), .2 (text) or .3 (system)"));
  }
}

}  // namespace
}  // namespace fhir_mapper::test
