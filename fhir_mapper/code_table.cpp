#include "fhir_mapper/code_table.h"

#include "fhir_mapper/code_table_reader.h"
#include "fhir_mapper/replaced_character.h"
#include "fhir_mapper/same_text.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <set>
#include <utility>

namespace fhir_mapper {
namespace {

std::size_t hash_of(std::string_view code) {
  return std::hash<std::string_view>()(code);
}

bool is_for(const CodeRow& row, std::string_view system) {
  return system.empty() || row.from_system.empty() || row.from_system == system;
}

/// The better of the row that is best so far and a later one: only the very system beats an earlier place.
const CodeRow* better_of(const CodeRow* best, const CodeRow& row, std::string_view system) {
  if (!is_for(row, system)) return best;
  if (best == nullptr) return &row;
  return best->from_system != system && row.from_system == system ? &row : best;
}

/// The files of one table, by whose they are.
struct TableRows {
  std::vector<CodeRow> shipped;
  std::vector<CodeRow> site;
  std::string shipped_file;  // their names; empty: there is none
  std::string site_file;
};

/// The site's rows before the shipped ones that it leaves. A row that it removes and that is not there is a
/// mistake of the site, or one that came with a new version: then another row may be meant now.
std::vector<CodeRow> merged(TableRows files, ConfigErrors& errors) {
  if (files.site.empty()) return std::move(files.shipped);
  std::set<CodeRow::Key> changed;
  for (const CodeRow& row : files.site) changed.insert(row.key());
  std::set<CodeRow::Key> replaced;
  std::vector<const CodeRow*> left;
  for (const CodeRow& row : files.shipped) {
    if (changed.contains(row.key())) {
      replaced.insert(row.key());
    } else {
      left.push_back(&row);
    }
  }
  for (const CodeRow& row : files.site) {
    if (!row.is_removal() || replaced.contains(row.key())) continue;
    errors.push_back({row.place(), "there is no shipped row of from_system \"" + row.from_system +
                                       "\" and from_code \"" + row.from_code +
                                       "\" to remove; both must be written as they are there"});
  }
  std::vector<CodeRow> rows;
  for (const CodeRow& row : files.site) {
    if (!row.is_removal()) rows.push_back(row);
  }
  for (const CodeRow* row : left) rows.push_back(*row);
  return rows;
}

}  // namespace

CodeTable::CodeTable(std::string name, std::vector<CodeRow> rows)
    : name_(std::move(name)), rows_(std::move(rows)), exact_(std::bit_ceil(2 * rows_.size() + 1)) {
  for (std::uint32_t index = 0; index < rows_.size(); ++index) {
    if (rows_[index].is_default()) {
      defaults_.push_back(index);
    } else if (rows_[index].shape) {
      shapes_.push_back(index);
    } else {
      add_exact(index);
    }
  }
}

void CodeTable::add_exact(std::uint32_t row) {
  const std::size_t hash = hash_of(rows_[row].from_code);
  const std::size_t mask = exact_.size() - 1;
  std::size_t at = hash & mask;
  while (exact_[at].row != kFree) at = (at + 1) & mask;
  exact_[at] = {hash, row};
}

const CodeRow* CodeTable::find(std::string_view code, std::string_view system) const {
  if (has_replaced_character(code)) return nullptr;  // nobody wrote that code: not even * stands for it
  if (const CodeRow* row = find_exact(code, system)) return row;
  for (const std::uint32_t index : shapes_) {
    if (is_for(rows_[index], system) && rows_[index].shape->matches(code)) return &rows_[index];
  }
  const CodeRow* best = nullptr;
  for (const std::uint32_t index : defaults_) best = better_of(best, rows_[index], system);
  return best;
}

const CodeRow* CodeTable::find_exact(std::string_view code, std::string_view system) const {
  const CodeRow* best = nullptr;
  const std::size_t hash = hash_of(code);
  const std::size_t mask = exact_.size() - 1;
  for (std::size_t at = hash & mask; exact_[at].row != kFree; at = (at + 1) & mask) {
    if (exact_[at].hash != hash) continue;
    const CodeRow& row = rows_[exact_[at].row];
    if (same_text(row.from_code, code)) best = better_of(best, row, system);
  }
  return best;
}

CodeTables load_code_tables(const std::vector<ConfigFile>& files, ConfigErrors& errors) {
  std::map<std::string, TableRows> found;
  for (const ConfigFile& file : files) {
    TableRows& table = found[code_table_name(file)];
    const bool is_site = file.origin == ConfigOrigin::site;
    std::string& name = is_site ? table.site_file : table.shipped_file;
    if (!name.empty()) {
      errors.push_back({file.name, "the table is in " + name + " already; remove one of the files"});
      continue;
    }
    name = file.name;
    (is_site ? table.site : table.shipped) = read_code_rows(file, errors);
  }
  CodeTables tables;
  for (auto& [name, rows] : found) {
    tables.emplace(name, CodeTable(name, merged(std::move(rows), errors)));
  }
  return tables;
}

std::string code_table_name(const ConfigFile& file) {
  std::string_view name = file.name;
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  if (name.ends_with(".tsv")) name.remove_suffix(4);
  return std::string(name);
}

}  // namespace fhir_mapper
