#include "fhir_mapper/code_row.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

constexpr std::string_view kIdeographicSpace = "\u3000";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// Whether a person could not see it in the cell, or the table's reader refuses it there.
bool needs_quoting(std::string_view code) {
  const auto is_edged_by = [code](std::string_view mark) {
    return code.starts_with(mark) || code.ends_with(mark);
  };
  return code == "*" || code.starts_with('~') || is_edged_by(" ") || is_edged_by(kIdeographicSpace) ||
         (code.starts_with('"') && code.ends_with('"')) || std::ranges::any_of(code, is_control);
}

/// Where something is to be filled in: {} or {1} to {9}.
struct Gap {
  std::size_t at = std::string_view::npos;
  std::size_t size = 0;
  std::size_t group = 0;  // 0: {}
};

Gap next_gap(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::string_view behind = text.substr(at + 1);
    if (behind.starts_with('}')) return {at, 2, 0};
    if (behind.size() > 1 && behind[0] >= '1' && behind[0] <= '9' && behind[1] == '}') {
      return {at, 3, static_cast<std::size_t>(behind[0] - '0')};
    }
  }
  return {};
}

}  // namespace

std::array<const std::string*, kCodeColumns.size()> CodeRow::cells() const {
  return {&from_system, &from_code, &to_system, &to_code, &to_display, &note};
}

std::string CodeRow::place() const {
  return (file ? file->name : "a new row") + ":" + std::to_string(line);
}

std::string CodeRow::code_for(std::string_view code) const {
  if (!has_gaps()) return to_code;
  const auto groups = shape ? shape->groups(code) : std::vector<std::string_view>();
  std::string text;
  std::string_view rest = to_code;
  while (true) {
    const Gap gap = next_gap(rest);
    text += rest.substr(0, gap.at);
    if (gap.at == std::string_view::npos) return text;
    if (gap.group == 0) text += code;
    if (gap.group != 0 && gap.group <= groups.size()) text += groups[gap.group - 1];
    rest.remove_prefix(gap.at + gap.size);
  }
}

std::vector<std::size_t> CodeRow::groups_named() const {
  std::vector<std::size_t> named;
  std::string_view rest = to_code;
  for (Gap gap = next_gap(rest); gap.at != std::string_view::npos; gap = next_gap(rest)) {
    if (gap.group != 0) named.push_back(gap.group);
    rest.remove_prefix(gap.at + gap.size);
  }
  return named;
}

std::string from_code_of(std::string_view code) {
  return needs_quoting(code) ? "~" + Pattern::quoted(code) : std::string(code);
}

std::string code_header() {
  std::string line;
  for (const std::string_view column : kCodeColumns) {
    if (!line.empty()) line += '\t';
    line += column;
  }
  return line;
}

std::string code_line(const CodeRow& row) {
  std::string line;
  for (const std::string* cell : row.cells()) line += *cell + '\t';
  line.pop_back();
  return line;
}

}  // namespace fhir_mapper
