#pragma once
// One row of a code table: what a code of the storage is called where it is sent, and who says so.

#include "fhir_mapper/config_file.h"
#include "fhir_mapper/pattern.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhir_mapper {

constexpr std::array<std::string_view, 6> kCodeColumns{"from_system", "from_code",  "to_system",
                                                       "to_code",     "to_display", "note"};

/// The file that rows stand in; one for all of them.
struct CodeFile {
  std::string name;  // "site/gender.tsv"
  ConfigOrigin origin = ConfigOrigin::shipped;
};

struct CodeRow {
  std::string from_system;  // empty: of any system
  std::string from_code;    // a code; ~ and an expression; * for every other code
  std::string to_system;
  std::string to_code;  // may hold {}, {1}: see code_for; empty: known, but nothing is sent
  std::string to_display;
  std::string note;
  std::optional<Pattern> shape;  // what stands behind ~
  std::shared_ptr<const CodeFile> file;
  int line = 0;

  /// What a table has one row for. Points into the row.
  using Key = std::pair<std::string_view, std::string_view>;
  Key key() const { return {from_system, from_code}; }

  bool is_shape() const { return from_code.starts_with('~'); }
  bool is_default() const { return from_code == "*"; }
  /// A site's row that takes the shipped row of the same from_system and from_code away.
  bool is_removal() const { return to_code == "!remove"; }
  /// In the order of kCodeColumns. Points into the row.
  std::array<const std::string*, kCodeColumns.size()> cells() const;
  /// "site/gender.tsv:4"
  std::string place() const;
  /// Whether to_code may say less than code_for.
  bool has_gaps() const { return to_code.find('{') != std::string::npos; }
  /// to_code for `code`, which found this row: {} is the code itself, {1} to {9} what the groups of the shape
  /// took of it.
  std::string code_for(std::string_view code) const;
  /// The numbers of the groups that to_code names.
  std::vector<std::size_t> groups_named() const;
};

/// How `code` is written as from_code so that the row is for this very code: one that would read as a shape,
/// as every other code, or that no cell can hold, becomes a shape that only it has.
std::string from_code_of(std::string_view code);

/// Lines of a table without their ends.
std::string code_header();
std::string code_line(const CodeRow& row);

}  // namespace fhir_mapper
