#pragma once
// Code tables: TSV files that a site can edit. Header `from_system from_code to_system to_code to_display
// note`, UTF-8, `#` begins a comment line. A from_code is a code, `~` with an expression for all codes of
// that shape, or `*` for every code that no other row knows. A site's table of the same name changes rows of
// the shipped one: the same from_system and from_code replaces a row, `!remove` as to_code takes it away,
// other rows are added. Immutable, for all threads.

#include "fhir_mapper/code_row.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class CodeTable {
 public:
  /// `name` is the file's without folder and ".tsv". `rows` are asked in this order. (load_code_tables makes
  /// tables of files.)
  CodeTable(std::string name, std::vector<CodeRow> rows);

  const std::string& name() const { return name_; }
  /// The row for `code`; null: there is none. With `system` not empty only rows that name that system or
  /// none. First the rows of this very code, then shapes, then `*`; of each those of the very `system`, those
  /// of the site and those further up in the file come first, a shape by its place alone. What the row makes
  /// of `code`: CodeRow::code_for.
  const CodeRow* find(std::string_view code, std::string_view system = {}) const;
  /// The site's in the order of its file, then what is left of the shipped ones.
  const std::vector<CodeRow>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }

 private:
  /// An exact row, at its code's hash or at the next free place behind that: a look-up is made for every
  /// coded value of every document.
  struct Slot {
    std::size_t hash = 0;
    std::uint32_t row = kFree;
  };
  static constexpr std::uint32_t kFree = static_cast<std::uint32_t>(-1);

  void add_exact(std::uint32_t row);
  const CodeRow* find_exact(std::string_view code, std::string_view system) const;

  std::string name_;
  std::vector<CodeRow> rows_;
  std::vector<Slot> exact_;  // of a code in order; as many as a power of two, half of them free at least
  std::vector<std::uint32_t> shapes_;
  std::vector<std::uint32_t> defaults_;
};

using CodeTables = std::map<std::string, CodeTable, std::less<>>;

/// Every table that the files make together. `errors` gets all mistakes; a table that has some is there all
/// the same with its other rows, so that nobody is told that it does not exist.
CodeTables load_code_tables(const std::vector<ConfigFile>& files, ConfigErrors& errors);

/// "site/gender.tsv" is a file of the table "gender".
std::string code_table_name(const ConfigFile& file);

}  // namespace fhir_mapper
