#include "fhir_mapper/fhir_path_number.h"

#include <catch2/catch.hpp>

namespace fhir_mapper {
namespace {

FhirPathNumber number(std::string_view text) {
  const auto parsed = FhirPathNumber::parse(text);
  INFO(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

TEST_CASE("numbers compare by value, however they are written") {
  CHECK(number("7.20") == number("7.2"));
  CHECK(number("1e3") == number("1000"));
  CHECK(number("-0") == number("0.000"));
  CHECK(number("0.1") < number("0.11"));
  CHECK(number("-2") < number("-1.5"));
  CHECK(number("999999999999999999") > number("0.000000000000000001"));
  CHECK(number("-999999999999999999") < number("0.000000000000000001"));
  CHECK(number("1.50000000000000000000000") == number("1.5"));
}

TEST_CASE("what does not fit, or is none, is no number") {
  for (const char* const text :
       {"", "-", "1.", ".5", "1e", "1e999", "99999999999999999999", "1x", "0.0000000000000000001", "1 "}) {
    INFO(text);
    CHECK_FALSE(FhirPathNumber::parse(text).has_value());
  }
}

TEST_CASE("a number is written without zeros that say nothing") {
  for (const auto& [in, out] : {std::pair("7.20", "7.2"), {"-0.05", "-0.05"}, {"1e2", "100"}, {"0.0", "0"}}) {
    CHECK(number(in).text() == out);
  }
  CHECK(number("2.45").rounded(1).text() == "2.5");
  CHECK(number("-2.45").rounded(1).text() == "-2.5");
  CHECK(number("2").rounded(3).text() == "2");
}

}  // namespace
}  // namespace fhir_mapper
