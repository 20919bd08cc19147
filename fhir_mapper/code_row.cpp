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

}  // namespace

std::array<const std::string*, kCodeColumns.size()> CodeRow::cells() const {
  return {&from_system, &from_code, &to_system, &to_code, &to_display, &note};
}

std::string CodeRow::place() const {
  return (file ? file->name : "a new row") + ":" + std::to_string(line);
}

std::string CodeRow::code_for(std::string_view code) const {
  constexpr std::string_view kCode = "{}";
  std::string text;
  std::string_view rest = to_code;
  while (true) {
    const std::size_t at = rest.find(kCode);
    text += rest.substr(0, at);
    if (at == std::string_view::npos) return text;
    text += code;
    rest.remove_prefix(at + kCode.size());
  }
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
