#include "fhir_mapper/decimal.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string parsed(std::string_view text) {
  const auto decimal = Decimal::parse(text);
  return decimal ? decimal->text() : "nothing";
}

TEST_CASE("a decimal keeps every digit it was written with") {
  for (const char* text : {"7.20", "0", "-0.50", "100", "1.0E+2", "6.02e23", "1e-3", "0.000"})
    CHECK(parsed(text) == text);
}

TEST_CASE("what HL7 allows and JSON does not is written the JSON way") {
  CHECK(parsed("+7.20") == "7.20");
  CHECK(parsed("007.20") == "7.20");
  CHECK(parsed("-00") == "-0");
  CHECK(parsed(".5") == "0.5");
  CHECK(parsed("-.5") == "-0.5");
  CHECK(parsed("5.") == "5");
  CHECK(parsed("  7.20 ") == "7.20");
}

TEST_CASE("text that is no number is no decimal") {
  for (const char* text : {"", " ", "-", "+", ".", "e5", "1e", "1e+", "1,000", "< 0.5", "7.2.0", "1 2",
                           "0x10", "NaN", "検体不足", "７．２", "--1", "+-1", "1\t"}) {
    INFO(text);
    CHECK(parsed(text) == "nothing");
  }
}

TEST_CASE("a number of more than 64 characters is refused") {
  CHECK(parsed(std::string(64, '1')) == std::string(64, '1'));
  CHECK(parsed(std::string(65, '1')) == "nothing");
}

}  // namespace
}  // namespace fhir_mapper::test
