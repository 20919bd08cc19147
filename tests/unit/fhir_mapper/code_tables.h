#pragma once
// What the tests of code tables share: files with a header, and the tables they make.

#include "fhir_mapper/code_table.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {

inline const std::string kCodeHeader = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n";

/// Rows stand from line 2 on.
inline ConfigFile shipped_table(const std::string& name, const std::string& rows) {
  return {name + ".tsv", kCodeHeader + rows, ConfigOrigin::shipped};
}
inline ConfigFile site_table(const std::string& name, const std::string& rows) {
  return {"site/" + name + ".tsv", kCodeHeader + rows, ConfigOrigin::site};
}

inline CodeTables tables_of(const std::vector<ConfigFile>& files) {
  ConfigErrors errors;
  CodeTables tables = load_code_tables(files, errors);
  for (const ConfigError& error : errors) FAIL(error.place + ": " + error.message);
  return tables;
}

inline ConfigError only_error_of(const std::vector<ConfigFile>& files) {
  ConfigErrors errors;
  load_code_tables(files, errors);
  REQUIRE(errors.size() == 1);
  return errors.front();
}

}  // namespace fhir_mapper::test
