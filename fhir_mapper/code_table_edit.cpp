#include "fhir_mapper/code_table_edit.h"

#include "fhir_mapper/code_table_reader.h"
#include "fhir_mapper/well_formed_utf8.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>

namespace fhir_mapper {
namespace {

/// The end of a line as the table's other lines have it.
std::string_view line_end_of(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  return end != std::string_view::npos && end > 0 && bytes[end - 1] == '\r' ? "\r\n" : "\n";
}

/// Of the new rows: their cells, and that each code has one row.
void check_new_rows(const std::vector<CodeRow>& present, const std::vector<CodeRow>& added,
                    ConfigErrors& errors) {
  std::map<CodeRow::Key, const CodeRow*> known;
  for (const CodeRow& row : present) known.emplace(row.key(), &row);
  for (const CodeRow& row : added) {
    check_code_row(row, errors);
    for (const std::string* cell : row.cells()) {
      if (find_bad_utf8(*cell)) errors.push_back({row.place(), "a cell is not UTF-8"});
    }
    const auto [other, is_new] = known.emplace(row.key(), &row);
    if (is_new) continue;
    errors.push_back({row.place(), "the code \"" + row.from_code + "\" has a row already, in " +
                                       other->second->place() + "; change that one, or leave this one out"});
  }
}

}  // namespace

boost::system::result<std::string, ConfigErrors> with_rows(const ConfigFile& table,
                                                           const std::vector<CodeRow>& rows) {
  ConfigErrors errors;
  std::string bytes = table.bytes;
  const std::string end(line_end_of(bytes));
  if (without_byte_order_mark(bytes).empty()) {
    bytes += code_header() + end;
  } else if (!bytes.ends_with('\n')) {
    bytes += end;
  }
  check_new_rows(read_code_rows({table.name, bytes, table.origin}, errors), rows, errors);
  if (!errors.empty()) return errors;
  for (const CodeRow& row : rows) bytes += code_line(row) + end;
  // What was written is read once more: a table has limits, and nothing may be written that cannot be read.
  read_code_rows({table.name, bytes, table.origin}, errors);
  if (!errors.empty()) return errors;
  return bytes;
}

boost::system::result<FilledRows, ConfigErrors> read_filled_rows(const ConfigFile& list) {
  ConfigErrors errors;
  FilledRows filled;
  for (CodeRow& row : read_code_rows(list, errors)) {
    if (row.to_code.empty()) {
      ++filled.open;
    } else {
      filled.rows.push_back(std::move(row));
    }
  }
  if (!errors.empty()) return errors;
  return filled;
}

}  // namespace fhir_mapper
