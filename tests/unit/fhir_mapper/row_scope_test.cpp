#include "fhir_mapper/row_scope.h"

#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using ssmix2::Place;

const char* const kMessage =
    "MSH|^~\\&|H|S|G|R|20260401||PPR^ZD1|1|P|2.5\n"
    "PRB|AD|2026|LOC1^ローカル名^99LOC^20054174^胃炎^MDCDX2|X1~X2&sub&three|A^a^S1~B^b^I~C^c^I||   ||\"\"|sp "
    "ace|a\\F\\b|\\X20\\\n"
    "NTE|1||初診\n"
    "NTE|2||再診\n"
    "ZPR|20050001^急性^MDCDX2~20050002^慢性^MDCDX2\n";

/// The first row of a message, and sources compiled for it.
class Scene {
 public:
  explicit Scene(std::string_view message = kMessage, ssmix2::DataType type = ssmix2::DataType::PPR_01,
                 std::string_view row = "PRB")
      : message_(message_of(message)), rows_(rows_of(message_, type, row)) {
    rule_.segments = {"PRB", "ZPR", "MSH", "ORC", "NTE", "OBX"};
    variables_.set(Variable::department, "01");
    variables_.set(Variable::patient_url, EntryUrl{0});
  }

  Source parse(std::string_view text) const {
    std::string why;
    auto source = Source::parse(text, why);
    INFO(text << " " << why);
    REQUIRE(source.has_value());
    const auto slot = std::find(rule_.segments.begin(), rule_.segments.end(), source->segment);
    source->slot = static_cast<std::size_t>(slot - rule_.segments.begin());
    return *source;
  }
  RowScope scope() const { return {rule_, rows_.front(), fields_, variables_}; }

  Found found(std::string_view source) const { return scope().find(parse(source)); }
  std::string text(std::string_view source) const { return std::string(found(source).text()); }
  Place place(std::string_view source) const { return scope().place_of(parse(source), found(source)); }

 private:
  ssmix2::Message message_;
  std::vector<ssmix2::Row> rows_;
  ssmix2::FieldIndex fields_{message_};
  ResourceRule rule_;
  Variables variables_;
};

TEST_CASE("a field, component or subcomponent gives its text and place") {
  const Scene row;
  CHECK(row.text("PRB-1") == "AD");
  CHECK(row.text("PRB-3.2") == "ローカル名");
  CHECK(row.text("PRB-4") == "X1");
  CHECK(row.text("PRB-4[2].1.2") == "sub");
  CHECK(row.place("PRB-3.2") == Place{.segment = "PRB", .occurrence = 1, .field = 3, .component = 2});
  CHECK(
      row.place("PRB-4[2].1.2") ==
      Place{
          .segment = "PRB", .occurrence = 1, .field = 4, .repetition = 2, .component = 1, .subcomponent = 2});
}

TEST_CASE(
    "other segments of the row's group and of the message are found, absent ones are empty with a place") {
  const Scene row;
  CHECK(row.text("ZPR-1.2") == "急性");
  CHECK(row.text("MSH-9.2") == "ZD1");
  CHECK(row.found("ORC-2").empty());
  CHECK(row.place("ORC-2").segment == "ORC");
  CHECK(row.place("ORC-2").field == 2);
  CHECK(row.place("PRB-6.1") == Place{.segment = "PRB", .occurrence = 1, .field = 6, .component = 1});
}

TEST_CASE("a repetition is chosen by number or by the value of a component") {
  const Scene row;
  CHECK(row.text("PRB-5[2].1") == "B");
  CHECK(row.text("PRB-5[3=I].1") == "B");
  CHECK(row.text("PRB-5[3=S1].2") == "a");
  CHECK(row.text("PRB-5[3=X].1").empty());
  CHECK(row.text("PRB-5[9].1").empty());
}

TEST_CASE("a coded value is chosen by the name of its system wherever it stands") {
  const Scene row;
  CHECK(row.text("PRB-3(MDCDX2).1") == "20054174");
  CHECK(row.text("PRB-3(MDCDX2)") == "20054174");
  CHECK(row.text("PRB-3(MDCDX2).2") == "胃炎");
  CHECK(row.text("PRB-3(MDCDX2).3") == "MDCDX2");
  CHECK(row.place("PRB-3(MDCDX2).2").component == 5);
  CHECK(row.text("PRB-3(99LOC).1") == "LOC1");
  CHECK(row.text("PRB-3(NONE|MDC*).1") == "20054174");
  CHECK(row.text("PRB-3(!MDCDX2).1") == "LOC1");
  CHECK(row.text("PRB-3(!MDCDX2|99LOC).1").empty());
  CHECK(row.text("PRB-3(NONE).1").empty());
}

TEST_CASE("JC10 is JLAC10 under whatever name, and without one where a code can be nothing else") {
  for (const char* system : {"JC10", "jc10", "JLAC10", "Jlac10", ""}) {
    const Scene row("MSH|^~\\&|H\nOBX|1|NM|A^a^99LOC^3A010000002327101^b^" + std::string(system) + "\n",
                    ssmix2::DataType::OML_11, "OBX");
    CHECK(row.text("OBX-3(JC10).2") == "b");
    CHECK(row.text("OBX-3(!JC10).2") == "a");
  }
  for (const char* code : {"3A0100000023271^b", "3A01000000232710^b", "3A010000002327101^b"}) {
    const Scene row(std::string("MSH|^~\\&|H\nOBX|1|NM|") + code + "\n", ssmix2::DataType::OML_11, "OBX");
    CHECK(row.text("OBX-3(JC10).2") == "b");
    CHECK(row.text("OBX-3(!JC10).2").empty());
  }
  for (const char* code :
       {"3A010000002327101^b^99LOC", "3A010^b", "3A01000000232710X^b", "33010000002327101^b",
        "3A0100000023271011^b", "3A010000002327101^b^JC1", "3A010000002327101^b^JC100"}) {
    const Scene row(std::string("MSH|^~\\&|H\nOBX|1|NM|") + code + "\n", ssmix2::DataType::OML_11, "OBX");
    CHECK(row.text("OBX-3(JC10).2").empty());
    CHECK(row.text("OBX-3(!JC10).2") == "b");
  }
  const Scene row("MSH|^~\\&|H\nOBX|1|NM|3A010000002327101^b^JLAC10\n", ssmix2::DataType::OML_11, "OBX");
  CHECK(row.text("OBX-3(JLAC10).2") == "b");
}

TEST_CASE("what had to be read to choose a value is told beside it") {
  const Scene row;
  CHECK(row.found("PRB-3(MDCDX2).1").selector().raw() == "MDCDX2");
  CHECK(row.found("PRB-5[3=I].1").selector().raw() == "I");
  CHECK(row.found("PRB-5[2].1").selector().raw().empty());
}

TEST_CASE("a triplet without code and text is not taken for one without the unwanted system") {
  const Scene row("MSH|^~\\&|H\nOBX|1|NM|3A010^総蛋白^JC10\n", ssmix2::DataType::OML_11, "OBX");
  CHECK(row.found("OBX-3(!JC10).2").empty());
}

TEST_CASE("a field of spaces or null says nothing, spaces inside a value stay") {
  const Scene row;
  CHECK(row.found("PRB-7").empty());
  CHECK(row.found("PRB-9").empty());
  CHECK(row.text("PRB-10") == "sp ace");
}

TEST_CASE("escapes are resolved, and spaces that were written as escapes say nothing either") {
  const Scene row;
  CHECK(row.text("PRB-11") == "a|b");
  CHECK(row.found("PRB-12").empty());
}

TEST_CASE("a variable gives its text or an entry's URL") {
  const Scene row;
  CHECK(row.text("$department") == "01");
  CHECK(row.found("$patient-url").entry_url() == EntryUrl{0});
  CHECK_FALSE(row.found("$patient-url").empty());
  CHECK(row.found("$facility-name").empty());
  CHECK(row.place("$department") == Place{});
}

TEST_CASE("@ is the repetition an object stands at, and nothing outside of one") {
  const Scene row;
  CHECK(row.found("@.1").empty());
  const auto all = row.scope().each(row.parse("ZPR-1"));
  REQUIRE(all.size() == 2);
  CHECK(all[1].find(row.parse("@.2")).text() == "慢性");
  CHECK(all[1].find(row.parse("@(MDCDX2).1")).text() == "20050002");
  const Source text = row.parse("@.2");
  CHECK(all[1].place_of(text, all[1].find(text)).repetition == 2);
  CHECK(row.scope().each(row.parse("ORC-2")).empty());
}

TEST_CASE("of what is not in the repetition the place is the repetition's") {
  const Scene row;
  const auto all = row.scope().each(row.parse("ZPR-1"));
  const Source missing = row.parse("@.9");
  REQUIRE(all.size() == 2);
  CHECK(all[1].find(missing).empty());
  CHECK(all[1].place_of(missing, {}) ==
        Place{.segment = "ZPR", .occurrence = 1, .field = 1, .repetition = 2});
}

TEST_CASE("each segment of a name is a scope in which its fields are those of that segment") {
  const Scene row;
  const auto all = row.scope().each(row.parse("NTE"));
  REQUIRE(all.size() == 2);
  CHECK(all[0].find(row.parse("NTE-3")).text() == "初診");
  CHECK(all[1].find(row.parse("NTE-3")).text() == "再診");
  CHECK(all[1].find(row.parse("PRB-1")).text() == "AD");
  CHECK(all[1].place_of(row.parse("NTE-3"), {}).occurrence == 2);
  CHECK(row.scope().each(row.parse("ORC")).empty());
}

}  // namespace
}  // namespace fhir_mapper::test
