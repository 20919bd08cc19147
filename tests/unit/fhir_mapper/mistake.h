#pragma once
// What the tables of mistakes share: what a person wrote, and what they must be told.

#include "tests/unit/fhir_mapper/support.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {

struct Mistake {
  std::string written;
  std::string place;    // file:line:column; of tables sometimes only the line
  std::string message;  // a part of it that says what would be right
};

/// One mistake is one error at its place.
inline void check_told(const Mistake& mistake, const std::vector<ConfigFile>& mappings,
                       const std::vector<ConfigFile>& tables) {
  const auto mapping = load_mapping(mappings, tables);
  std::string told;
  if (mapping.has_error()) {
    for (const ConfigError& error : mapping.error()) told += error.place + " " + error.message + "\n";
  }
  INFO(mistake.written.substr(0, 300) << "\ntold:\n" << told);
  REQUIRE(mapping.has_error());
  CHECK(mapping.error().size() == 1);
  CHECK(mapping.error().front().place == mistake.place);
  CHECK_THAT(mapping.error().front().message, Catch::Contains(mistake.message));
}

}  // namespace fhir_mapper::test
