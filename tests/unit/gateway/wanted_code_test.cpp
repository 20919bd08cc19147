#include "gateway/wanted_code.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;

fhir_mapper::MissingCode missing(const std::string& code, const std::string& rule, bool holds) {
  fhir_mapper::MissingCode missing;
  missing.table = "departments";
  missing.code = code;
  missing.rule = rule;
  missing.holds = holds;
  return missing;
}

}  // namespace

TEST_CASE("A code that several rules want is wanted once, and holds when one of them does") {
  WantedCodes codes;
  codes.add({missing("85", "a", true), missing("85", "b", false)}, {});
  codes.add({missing("85", "a", false)}, {});
  const auto list = codes.list();
  REQUIRE(list.size() == 1);
  CHECK(list[0].rules == "a\nb");
  CHECK(list[0].holds);
}

TEST_CASE("Of a unit that looks up free text only so much is kept, and all that it waits for") {
  WantedCodes codes;
  for (std::size_t i = 0; i < 2 * WantedCodes::kMost; ++i) {
    codes.add({missing(std::to_string(i), "a", false)}, {});
  }
  CHECK(codes.list().size() == WantedCodes::kMost);
  codes.add({missing("waits", "a", true)}, {});
  const auto list = codes.list();
  CHECK(list.size() == WantedCodes::kMost);
  CHECK(list.back().code == "waits");
}
