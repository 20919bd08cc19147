#include "fhir_mapper/source.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const char* const kMessage =
    "MSH|^~\\&|H|S|G|R|20260401||PPR^ZD1|1|P|2.5\n"
    "PRB|AD|2026|LOC1^ローカル名^99LOC^20054174^胃炎^MDCDX2|X1~X2&sub&three|A^a^S1~B^b^I~C^c^I||   ||\"\"|sp "
    "ace\n"
    "ZPR|20050001^急性^MDCDX2~20050002^慢性^MDCDX2\n";

class Fixture {
 public:
  Found found(std::string_view text) const { return find(parse(text), scope()); }
  std::string text(std::string_view source) const { return found(source).text; }

  static Source parse(std::string_view text) {
    std::string why;
    const auto source = Source::parse(text, why);
    INFO(text << " " << why);
    REQUIRE(source.has_value());
    return *source;
  }

  Scope scope() const { return {.row = &rows_.front(), .variables = &variables_}; }

 private:
  ssmix2::Message message_ = message_of(kMessage);
  std::vector<ssmix2::Row> rows_ = rows_of(message_, ssmix2::DataType::PPR_01, "PRB");
  Variables variables_{{"department", "01"}, {"patient-url", EntryUrl{0}}};
};

std::string why_not(std::string_view text) {
  std::string why;
  CHECK_FALSE(Source::parse(text, why).has_value());
  return why;
}

TEST_CASE("a field, component or subcomponent gives its text and place") {
  const Fixture row;
  CHECK(row.text("PRB-1") == "AD");
  CHECK(row.text("PRB-3.2") == "ローカル名");
  CHECK(row.text("PRB-4") == "X1");
  CHECK(row.text("PRB-4[2].1.2") == "sub");
  CHECK(row.found("PRB-3.2").place ==
        ssmix2::Place{.segment = "PRB", .occurrence = 1, .field = 3, .component = 2});
  CHECK(
      row.found("PRB-4[2].1.2").place ==
      ssmix2::Place{
          .segment = "PRB", .occurrence = 1, .field = 4, .repetition = 2, .component = 1, .subcomponent = 2});
}

TEST_CASE(
    "other segments of the row's group and of the message are found, absent ones are empty with a place") {
  const Fixture row;
  CHECK(row.text("ZPR-1.2") == "急性");
  CHECK(row.text("MSH-9.2") == "ZD1");
  CHECK(row.found("ORC-2").empty());
  CHECK(row.found("ORC-2").place.segment == "ORC");
}

TEST_CASE("a repetition is chosen by number or by the value of a component") {
  const Fixture row;
  CHECK(row.text("PRB-5[2].1") == "B");
  CHECK(row.text("PRB-5[3=I].1") == "B");
  CHECK(row.text("PRB-5[3=S1].2") == "a");
  CHECK(row.text("PRB-5[3=X].1").empty());
  CHECK(row.text("PRB-5[9].1").empty());
}

TEST_CASE("a coded value is chosen by the name of its system wherever it stands") {
  const Fixture row;
  CHECK(row.text("PRB-3(MDCDX2).1") == "20054174");
  CHECK(row.text("PRB-3(MDCDX2).2") == "胃炎");
  CHECK(row.text("PRB-3(MDCDX2).3") == "MDCDX2");
  CHECK(row.found("PRB-3(MDCDX2).2").place.component == 5);
  CHECK(row.text("PRB-3(99LOC).1") == "LOC1");
  CHECK(row.text("PRB-3(NONE|MDC*).1") == "20054174");
  CHECK(row.text("PRB-3(!MDCDX2).1") == "LOC1");
  CHECK(row.text("PRB-3(!MDCDX2|99LOC).1").empty());
  CHECK(row.text("PRB-3(NONE).1").empty());
}

TEST_CASE("a triplet without code and text is not taken for one without the unwanted system") {
  const auto message = message_of("MSH|^~\\&|H\nOBX|1|NM|3A010^総蛋白^JC10\n");
  const auto rows = rows_of(message, ssmix2::DataType::OML_11, "OBX");
  const Variables none;
  CHECK(find(Fixture::parse("OBX-3(!JC10).2"), {.row = &rows.front(), .variables = &none}).empty());
}

TEST_CASE("a field of spaces or null says nothing, spaces inside a value stay") {
  const Fixture row;
  CHECK(row.found("PRB-7").empty());
  CHECK(row.found("PRB-9").empty());
  CHECK(row.text("PRB-10") == "sp ace");
}

TEST_CASE("a variable gives its text or an entry's URL") {
  const Fixture row;
  CHECK(row.text("$department") == "01");
  CHECK(row.found("$patient-url").entry_url == EntryUrl{0});
  CHECK_FALSE(row.found("$patient-url").empty());
  CHECK(row.found("$facility-name").empty());
}

TEST_CASE("@ is the repetition an object stands at, and nothing outside of one") {
  const Fixture row;
  CHECK(row.found("@.1").empty());
  const auto all = repetitions(Fixture::parse("ZPR-1"), row.scope());
  REQUIRE(all.size() == 2);
  Scope scope = row.scope();
  scope.current = &all[1].first;
  scope.current_place = all[1].second;
  CHECK(find(Fixture::parse("@.2"), scope).text == "慢性");
  CHECK(find(Fixture::parse("@(MDCDX2).1"), scope).text == "20050002");
  CHECK(find(Fixture::parse("@.2"), scope).place.repetition == 2);
  CHECK(repetitions(Fixture::parse("ORC-2"), row.scope()).empty());
}

TEST_CASE("what is no source is refused with the reason") {
  CHECK_THAT(why_not(""), Catch::Contains("is empty"));
  CHECK_THAT(why_not("$"), Catch::Contains("needs a name after $"));
  for (const char* text : {"PRB", "PRB3", "prb-3", "PR-3", "PRBX-3", "-3"}) {
    CHECK_THAT(why_not(text), Catch::Contains("must begin with a segment and a field"));
  }
  for (const char* text : {"PRB-x", "PRB-0", "PRB-1000", "PRB--1", "PRB-3.x", "PRB-3.0", "PRB-3."}) {
    INFO(text);
    CHECK_THAT(why_not(text), Catch::Contains("needs a number from 1 to 999"));
  }
  CHECK_THAT(why_not("PRB-3[1"), Catch::Contains("[ without ]"));
  for (const char* text : {"PRB-3[]", "PRB-3[x]", "PRB-3[0]", "PRB-3[=I]"}) {
    CHECK_THAT(why_not(text), Catch::Contains("needs a repetition like [2] or a filter like [8=I]"));
  }
  CHECK_THAT(why_not("PRB-3(A"), Catch::Contains("( without )"));
  CHECK_THAT(why_not("PRB-3()"), Catch::Contains("name of a coding system"));
  CHECK_THAT(why_not("PRB-3(!)"), Catch::Contains("name of a coding system"));
  for (const char* text : {"PRB-3.1.2.3", "PRB-3.1(A)", "PRB-3x", "PRB-3.1|PRB-4"}) {
    CHECK_THAT(why_not(text), Catch::Contains("not understood"));
  }
}

}  // namespace
}  // namespace fhir_mapper::test
