#include "fhir_mapper/code_table.h"

#include "fhir_mapper/replaced_character.h"

#include <array>

namespace fhir_mapper {
namespace {

constexpr std::array<std::string_view, 6> kHeader{"from_system", "from_code",  "to_system",
                                                  "to_code",     "to_display", "note"};

std::vector<std::string_view> split(std::string_view text, char delimiter) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(delimiter);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool is_header(const std::vector<std::string_view>& cells) {
  return cells.size() == kHeader.size() && std::equal(cells.begin(), cells.end(), kHeader.begin());
}

}  // namespace

boost::system::result<CodeTable, ConfigErrors> CodeTable::parse(std::string name, std::string_view bytes) {
  CodeTable table;
  table.name_ = std::move(name);
  ConfigErrors errors;
  bool header_seen = false;
  int line = 0;
  for (std::string_view text : split(bytes, '\n')) {
    ++line;
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (text.empty() || text.front() == '#') continue;
    const std::string place = table.name_ + ".tsv:" + std::to_string(line);
    const auto cells = split(text, '\t');
    if (!header_seen) {
      header_seen = true;
      if (is_header(cells)) continue;
      errors.push_back({place,
                        "the first line must be the header: from_system, from_code, to_system, to_code, "
                        "to_display, note, separated by tabs"});
      break;
    }
    if (cells.size() < 4 || cells.size() > kHeader.size()) {
      errors.push_back(
          {place, "a row has 4 to 6 cells separated by tabs, this one has " + std::to_string(cells.size())});
      continue;
    }
    if (cells[1].empty()) {
      errors.push_back({place, "from_code is empty; write * for the row of every other code"});
      continue;
    }
    CodeRow row{std::string(cells[0]), std::string(cells[2]), std::string(cells[3]),
                cells.size() > 4 ? std::string(cells[4]) : "", line};
    const auto [begin, end] = table.rows_.equal_range(std::string(cells[1]));
    for (auto same = begin; same != end; ++same) {
      if (same->second.from_system != row.from_system) continue;
      errors.push_back({place, "the code \"" + std::string(cells[1]) + "\" has a row already, in line " +
                                   std::to_string(same->second.line) + "; remove one of them"});
    }
    table.rows_.emplace(std::string(cells[1]), std::move(row));
  }
  if (!header_seen)
    errors.push_back({table.name_ + ".tsv:1", "the table is empty; it needs at least the header"});
  if (!errors.empty()) return errors;
  return table;
}

const CodeRow* CodeTable::find(std::string_view code, std::string_view system) const {
  if (has_replaced_character(code)) return nullptr;  // nobody wrote that code: not even * stands for it
  for (const std::string_view wanted : {code, std::string_view("*")}) {
    const auto [begin, end] = rows_.equal_range(wanted);
    for (auto row = begin; row != end; ++row) {
      if (system.empty() || row->second.from_system.empty() || row->second.from_system == system) {
        return &row->second;
      }
    }
  }
  return nullptr;
}

}  // namespace fhir_mapper
