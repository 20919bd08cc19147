#include "fhir_mapper/effective_table.h"

#include "fhir_mapper/code_table.h"
#include "fhir_mapper/code_table_reader.h"

#include <map>
#include <set>

namespace fhir_mapper {
namespace {

/// The row that is not in force any more, as a comment.
std::string former(const CodeRow& row) {
  const std::string line = "# " + code_line(row);
  return line.size() > kLongestCodeLine ? "" : line + "\n";
}

std::string table_text(const std::vector<CodeRow>& shipped, const std::vector<CodeRow>& site,
                       const CodeTable& table) {
  std::map<CodeRow::Key, const CodeRow*> shipped_rows;
  for (const CodeRow& row : shipped) shipped_rows.emplace(row.key(), &row);
  std::string text = code_header() + "\n";
  for (const CodeRow& row : table.rows()) {
    const bool is_site = row.file->origin == ConfigOrigin::site;
    const auto replaced = is_site ? shipped_rows.find(row.key()) : shipped_rows.end();
    text += "# " + row.place() + (is_site ? ", site" : "");
    if (replaced == shipped_rows.end()) {
      text += "\n";
    } else {
      text += ", instead of " + replaced->second->place() + ":\n" + former(*replaced->second);
    }
    text += code_line(row) + "\n";
  }
  for (const CodeRow& row : site) {
    if (!row.is_removal()) continue;
    const CodeRow& removed = *shipped_rows.at(row.key());
    text += "# removed: " + removed.place() + " by " + row.place() + ", site" +
            (row.note.empty() ? "" : ": " + row.note) + "\n" + former(removed);
  }
  return text;
}

}  // namespace

std::string effective_table(const std::vector<ConfigFile>& files, std::string_view name) {
  ConfigErrors errors;
  std::vector<ConfigFile> of_table;
  std::vector<CodeRow> shipped;
  std::vector<CodeRow> site;
  for (const ConfigFile& file : files) {
    if (code_table_name(file) != name) continue;
    of_table.push_back(file);
    (file.origin == ConfigOrigin::site ? site : shipped) = read_code_rows(file, errors);
  }
  const CodeTables tables = load_code_tables(of_table, errors);
  return table_text(shipped, site, tables.begin()->second);
}

std::vector<std::string> table_names(const std::vector<ConfigFile>& files) {
  std::set<std::string> names;
  for (const ConfigFile& file : files) names.insert(code_table_name(file));
  return {names.begin(), names.end()};
}

}  // namespace fhir_mapper
