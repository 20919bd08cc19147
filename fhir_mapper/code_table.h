#pragma once
// Code tables: TSV files that a site can edit. Header `from_system from_code to_system to_code to_display
// note`, UTF-8, `#` begins a comment line, `*` as from_code is the row for every code that has no row of its
// own.

#include "fhir_mapper/config_file.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

struct CodeRow {
  std::string from_system;
  std::string to_system;
  std::string to_code;
  std::string to_display;
  int line = 0;
};

class CodeTable {
 public:
  /// `name` is the file name without ".tsv".
  static boost::system::result<CodeTable, ConfigErrors> parse(std::string name, std::string_view bytes);

  const std::string& name() const { return name_; }
  /// The row for `code`; with `system` not empty only rows that name that system or none.
  const CodeRow* find(std::string_view code, std::string_view system = {}) const;
  std::size_t size() const { return rows_.size(); }

 private:
  std::string name_;
  std::multimap<std::string, CodeRow, std::less<>> rows_;
};

using CodeTables = std::map<std::string, CodeTable, std::less<>>;

}  // namespace fhir_mapper
