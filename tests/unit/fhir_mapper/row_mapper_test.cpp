#include "fhir_mapper/row_mapper.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using ssmix2::FailureCode;

const char* const kMessage =
    "MSH|^~\\&|H|S|G|R|20260401||PPR^ZD1|1|P|2.5\n"
    "PRB|AD|20260401|20054174^胃炎^MDCDX2|P1|7.20|abc||20260231|||||A B\n"
    "ZPR|1^急性^S~2^^S~3^慢性^S\n";

/// The rules inside one resource, run over the row of kMessage.
class Mapped {
 public:
  explicit Mapped(const std::string& rules, bool explain = false)
      : mapping_(
            load_mapping(mapping_of("<resource id=\"c\" type=\"C\" document=\"PPR-01\" row=\"PRB\" "
                                    "instance=\"PRB-4.1\">\n" +
                                    rules + "</resource>"),
                         {table_of("t.tsv", "\tAD\thttp://s\tadded\t追加\n\tabc\t\t\t空\nX\tP1\t\tof-x\n")})
                .value()),
        mapped_(map_row(mapping_->resources().front(), rows_.front(), variables_, {"+09:00", explain})) {}

  std::string json() const {
    const std::string all = json_of(mapped_.resource);
    const std::string head = "{\"resourceType\":\"C\"";
    REQUIRE(all.substr(0, head.size()) == head);
    return all == head + "}" ? "{}" : "{" + all.substr(head.size() + 1);
  }
  const MappedRow& result() const { return mapped_; }

 private:
  ssmix2::Message message_ = message_of(kMessage);
  std::vector<ssmix2::Row> rows_ = rows_of(message_, ssmix2::DataType::PPR_01, "PRB");
  Variables variables_{
      {"institution-number", "1319999999"}, {"patient-id", "0001"}, {"patient-url", EntryUrl{0}}};
  std::shared_ptr<const Mapping> mapping_;
  MappedRow mapped_;
};

std::string json(const std::string& rules) {
  return Mapped(rules).json();
}

bool holds_when(const std::string& when) {
  return json("<value path=\"x\" constant=\"y\" when=\"" + when + "\"/>") == R"({"x":"y"})";
}

TEST_CASE("a value takes the first source that says something") {
  CHECK(json("<value path=\"a\" from=\"PRB-7 PRB-4 PRB-1\"/>") == R"({"a":"P1"})");
  CHECK(json("<value path=\"a\" from=\"PRB-7\"/>") == "{}");
  CHECK(json("<value path=\"a\" from=\"PRB-7\" otherwise=\"o\"/>") == R"({"a":"o"})");
  CHECK(json("<value path=\"a\" from=\"$patient-url\"/>") == R"({"a":"<url 0>"})");
  CHECK(json("<value path=\"a\" from=\"PRB-5\" as=\"decimal\"/>") == R"({"a":7.20})");
}

TEST_CASE("a path makes objects and appends to arrays") {
  CHECK(json("<value path=\"a.b\" constant=\"1\"/><value path=\"a.c[]\" constant=\"2\"/><value "
             "path=\"a.c[]\" constant=\"3\"/>"
             "<value path=\"d[].e\" constant=\"4\"/><value path=\"d[].e\" constant=\"5\"/>") ==
        R"({"a":{"b":"1","c":["2","3"]},"d":[{"e":"4"},{"e":"5"}]})");
}

TEST_CASE("an object beside values for the same element adds to them") {
  CHECK(json("<value path=\"a.b\" constant=\"1\"/><object path=\"a\"><value path=\"c\" "
             "constant=\"2\"/></object>") == R"({"a":{"b":"1","c":"2"}})");
}

TEST_CASE("a missing value is left out, drops its object or holds the unit") {
  const std::string before = "<object path=\"o\"><value path=\"x\" constant=\"1\"/>";
  CHECK(json(before + "<value path=\"y\" from=\"PRB-7\"/></object>") == R"({"o":{"x":"1"}})");
  CHECK(json(before + "<value path=\"y\" from=\"PRB-7\" if-missing=\"drop\"/></object>") == "{}");
  const Mapped held(before + "<value path=\"y\" from=\"PRB-7\" if-missing=\"hold\"/></object>");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_missing_element);
  CHECK(to_text(held.result().holds[0].place).str() == "PRB[1]-7");
  CHECK(held.result().holds[0].detail.str() == "y by test.xml:3");
}

TEST_CASE("drop leaves out the nearest object only") {
  CHECK(json("<object path=\"o\"><value path=\"x\" constant=\"1\"/><object path=\"p[]\"><value path=\"q\" "
             "constant=\"2\"/>"
             "<value path=\"r\" from=\"PRB-7\" if-missing=\"drop\"/></object></object>") ==
        R"({"o":{"x":"1"}})");
}

TEST_CASE("an object without members leaves no trace") {
  CHECK(json("<object path=\"o[]\"><value path=\"x\" from=\"PRB-7\"/></object>") == "{}");
}

TEST_CASE("a value that does not convert is left out with a warning, or holds") {
  const Mapped warned("<value path=\"a\" from=\"PRB-8\" as=\"date\"/>");
  CHECK(warned.json() == "{}");
  REQUIRE(warned.result().warnings.size() == 1);
  CHECK(warned.result().warnings[0].code == FailureCode::map_bad_value);
  CHECK(to_text(warned.result().warnings[0].place).str() == "PRB[1]-8");
  const Mapped held("<value path=\"a\" from=\"PRB-8\" as=\"date\" if-missing=\"hold\"/>");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_bad_value);
  CHECK(
      Mapped("<value path=\"a\" from=\"PRB-1 PRB-4\" join=\"-\" as=\"decimal\"/>").result().warnings.size() ==
      1);
}

TEST_CASE("no warning or hold quotes the value") {
  const Mapped mapped(
      "<value path=\"a\" from=\"PRB-8\" as=\"date\"/><value path=\"b\" from=\"PRB-6\" as=\"decimal\" "
      "if-missing=\"hold\"/>");
  CHECK_THAT(to_text(mapped.result().warnings.at(0)).str(), !Catch::Contains("20260231"));
  CHECK_THAT(to_text(mapped.result().holds.at(0)).str(), !Catch::Contains("abc"));
}

TEST_CASE("join puts all sources that say something together") {
  CHECK(json("<value path=\"a\" from=\"$institution-number PRB-7 $patient-id PRB-4\" join=\"-\"/>") ==
        R"({"a":"1319999999-0001-P1"})");
  CHECK(json("<value path=\"a\" from=\"PRB-7\" join=\"-\"/>") == "{}");
  CHECK(json("<value path=\"a\" from=\"PRB-1 PRB-4\" join=\" \" format=\"[{}]\"/>") == R"({"a":"[AD P1]"})");
}

TEST_CASE("format puts the value where its braces are") {
  CHECK(json("<value path=\"a\" from=\"PRB-4\" format=\"urn:{}:x\"/>") == R"({"a":"urn:P1:x"})");
  CHECK(json("<value path=\"a\" from=\"PRB-7\" format=\"urn:{}:x\"/>") == "{}");
}

TEST_CASE("matches takes whole values only, or the pattern's first group of them") {
  CHECK(json("<value path=\"a\" from=\"PRB-3.1\" matches=\"[0-9]{8}\"/>") == R"({"a":"20054174"})");
  CHECK(json("<value path=\"a\" from=\"PRB-3.1\" matches=\"[0-9]{4}\"/>") == "{}");
  CHECK(json("<value path=\"a\" from=\"PRB-3.1\" matches=\"([0-9]{4})[0-9]*\"/>") == R"({"a":"2005"})");
  CHECK(json("<value path=\"a\" from=\"PRB-6 PRB-4\" matches=\"P[0-9]\"/>") == R"({"a":"P1"})");
}

TEST_CASE("a value of a megabyte is no match and does not end the process") {
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD||" + std::string(1'000'000, '7') + "^x^S|P1\n");
  const auto rows = rows_of(message, ssmix2::DataType::PPR_01, "PRB");
  const auto mapping =
      load_mapping(
          mapping_of("<resource id=\"c\" type=\"C\" document=\"PPR-01\" row=\"PRB\" instance=\"PRB-4\">"
                     "<value path=\"a\" from=\"PRB-3.1\" matches=\".*\"/>"
                     "<value path=\"b\" constant=\"x\" when=\"PRB-3.1 ~ .*\"/></resource>"),
          {})
          .value();
  CHECK(json_of(map_row(mapping->resources().front(), rows.front(), {}, {"+09:00", false}).resource) ==
        R"({"resourceType":"C"})");
}

TEST_CASE("a table gives code, display or system, and nothing for what it does not have") {
  CHECK(json("<value path=\"a\" from=\"PRB-1\" table=\"t\"/><value path=\"b\" from=\"PRB-1\" table=\"t\" "
             "column=\"display\"/>"
             "<value path=\"c\" from=\"PRB-1\" table=\"t\" column=\"system\"/>") ==
        R"({"a":"added","b":"追加","c":"http://s"})");
  CHECK(json("<value path=\"a\" from=\"PRB-5\" table=\"t\"/>") == "{}");
  CHECK(json("<value path=\"a\" from=\"PRB-6\" table=\"t\"/>") == "{}");
  CHECK(json("<value path=\"a\" from=\"PRB-5 PRB-1\" table=\"t\"/>") == R"({"a":"added"})");
  CHECK(json("<value path=\"a\" from=\"PRB-4\" table=\"t\" table-system=\"X\"/>") == R"({"a":"of-x"})");
  CHECK(json("<value path=\"a\" from=\"PRB-4\" table=\"t\" table-system=\"Y\"/>") == "{}");
}

TEST_CASE("a table miss that holds says so") {
  const Mapped held("<value path=\"a\" from=\"PRB-5\" table=\"t\" if-missing=\"hold\"/>");
  REQUIRE(held.result().holds.size() == 1);
  CHECK(held.result().holds[0].code == FailureCode::map_no_code);
  CHECK(to_text(held.result().holds[0].place).str() == "PRB[1]-5");
}

TEST_CASE("first takes the first child that adds something") {
  CHECK(json("<first><value path=\"a\" from=\"PRB-7\"/><value path=\"b\" from=\"PRB-4\"/><value path=\"c\" "
             "constant=\"x\"/></first>") == R"({"b":"P1"})");
  CHECK(json("<value path=\"a[]\" constant=\"0\"/><first><value path=\"a[]\" from=\"PRB-7\"/><value "
             "path=\"a[]\" constant=\"1\"/>"
             "<value path=\"a[]\" constant=\"2\"/></first>") == R"({"a":["0","1"]})");
  CHECK(json("<first><object path=\"o\"><value path=\"x\" constant=\"1\"/><value path=\"y\" from=\"PRB-7\" "
             "if-missing=\"drop\"/></object>"
             "<value path=\"z\" constant=\"2\"/></first>") == R"({"z":"2"})");
  CHECK(json("<first when=\"PRB-7\"><value path=\"a\" constant=\"1\"/></first>") == "{}");
}

TEST_CASE("what a later alternative could use is no warning") {
  const std::string number = "<value path=\"a\" from=\"PRB-6\" as=\"decimal\"/>";
  CHECK(Mapped("<first>" + number + "<value path=\"b\" from=\"PRB-6\"/></first>").result().warnings.empty());
  CHECK(Mapped("<first>" + number + "<value path=\"b\" from=\"PRB-7\"/></first>").result().warnings.size() ==
        1);
}

TEST_CASE("each makes an object for every repetition, and its when asks each of them") {
  CHECK(json("<object path=\"m[]\" each=\"ZPR-1\"><value path=\"c\" from=\"@.1\"/><value path=\"t\" "
             "from=\"@.2\"/></object>") == R"({"m":[{"c":"1","t":"急性"},{"c":"2"},{"c":"3","t":"慢性"}]})");
  CHECK(json("<object path=\"m[]\" each=\"ZPR-1\" when=\"@.2\"><value path=\"c\" from=\"@.1\"/></object>") ==
        R"({"m":[{"c":"1"},{"c":"3"}]})");
  CHECK(json("<object path=\"m[]\" each=\"ZPR-1\"><value path=\"c\" from=\"@.1\"/><value path=\"t\" "
             "from=\"@.2\" if-missing=\"drop\"/></object>") ==
        R"({"m":[{"c":"1","t":"急性"},{"c":"3","t":"慢性"}]})");
  CHECK(
      json("<object path=\"m[]\" each=\"ZPR-3\"><value path=\"c\" from=\"@.1\" otherwise=\"x\"/></object>") ==
      "{}");
}

TEST_CASE("conditions ask for presence, values, tables and patterns") {
  CHECK(holds_when("PRB-1"));
  CHECK_FALSE(holds_when("PRB-7"));
  CHECK(holds_when("not PRB-7"));
  CHECK_FALSE(holds_when("not PRB-1"));
  CHECK(holds_when("PRB-1 = UP|AD"));
  CHECK_FALSE(holds_when("PRB-1 = A"));
  CHECK(holds_when("PRB-1 != A|B"));
  CHECK_FALSE(holds_when("PRB-1 != AD|B"));
  CHECK(holds_when("PRB-7 != A"));
  CHECK(holds_when("PRB-1 in t"));
  CHECK_FALSE(holds_when("PRB-5 in t"));
  CHECK(holds_when("PRB-5 not-in t"));
  CHECK_FALSE(holds_when("PRB-7 not-in t"));
  CHECK_FALSE(holds_when("PRB-1 not-in t"));
  CHECK(holds_when("PRB-1 ~ A."));
  CHECK_FALSE(holds_when("PRB-1 ~ A"));
  CHECK(holds_when("PRB-1 and PRB-4 = P1"));
  CHECK_FALSE(holds_when("PRB-1 and PRB-7"));
}

TEST_CASE("explanations name element, rule, source and table of what is in the tree, and of nothing else") {
  const Mapped mapped(
      "<value path=\"a.b[]\" from=\"PRB-1\" table=\"t\"/>\n<object path=\"o[]\"><value path=\"x\" "
      "constant=\"1\"/>\n"
      "<value path=\"y\" from=\"PRB-7\" if-missing=\"drop\"/></object>\n"
      "<object path=\"o[]\">\n<value path=\"z\" from=\"$patient-id\"/></object>",
      true);
  const auto& all = mapped.result().explanations;
  REQUIRE(all.size() == 2);
  CHECK(all[0].element == "a.b[0]");
  CHECK(all[0].rule == "test.xml:3");
  CHECK(all[0].source == "PRB[1]-1");
  CHECK(all[0].table == "t.tsv:2");
  CHECK(all[1].element == "o[0].z");
  CHECK(all[1].rule == "test.xml:7");
  CHECK(all[1].source == "$patient-id");
  CHECK(all[1].table.empty());
  CHECK(Mapped("<value path=\"a\" constant=\"1\"/>").result().explanations.empty());
}

}  // namespace
}  // namespace fhir_mapper::test
