#include "fhir_mapper/code_table_reader.h"

#include "fhir_mapper/replaced_character.h"
#include "fhir_mapper/well_formed_utf8.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace fhir_mapper {
namespace {

enum Column : std::size_t { from_system, from_code, to_system, to_code, to_display, note };
constexpr std::size_t kLeastCells = to_code + 1;  // display and note may be left out

struct Cells {
  std::array<std::string_view, kCodeColumns.size()> texts;
  std::size_t count = 0;  // of the line; only the first six are kept
};

Cells split(std::string_view line) {
  Cells cells;
  while (true) {
    const std::size_t at = line.find('\t');
    if (cells.count < cells.texts.size()) cells.texts[cells.count] = line.substr(0, at);
    ++cells.count;
    if (at == std::string_view::npos) return cells;
    line.remove_prefix(at + 1);
  }
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string in_hex(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 0xF]};
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool is_edged_by(std::string_view text, std::string_view mark) {
  return text.starts_with(mark) || text.ends_with(mark);
}

/// What no cell of its column may hold, whatever the others say.
std::optional<std::string> mistake_of_cell(Column column, std::string_view text) {
  const auto control = std::ranges::find_if(text, is_control);
  if (control != text.end()) return "holds a control character (" + in_hex(*control) + "); remove it";
  if (has_replaced_character(text)) {
    return "holds U+FFFD, which stands where a character was lost; write the character that belongs there";
  }
  if (column == note) return std::nullopt;
  if (is_edged_by(text, " ") || is_edged_by(text, "\u3000")) {
    return "begins or ends with a space; remove it" +
           std::string(column == from_code ? " (for codes that do have it: ~ and an expression with \\x20)"
                                           : "");
  }
  if (text.size() > 1 && text.starts_with('"') && text.ends_with('"')) {
    return "stands in quotation marks, as spreadsheets write them; remove them";
  }
  return std::nullopt;
}

/// What is wrong with a cell, told with the column's name.
struct CellMistake {
  Column column;
  std::string message;
};

/// {1} is what a group of the row's own expression took.
std::optional<std::string> mistake_of_groups(const CodeRow& row) {
  if (row.is_shape() && !row.shape) return std::nullopt;  // its expression is none: that was told
  const std::size_t groups = row.shape ? row.shape->group_count() : 0;
  for (const std::size_t named : row.groups_named()) {
    if (named <= groups) continue;
    const std::string gap = "{" + std::to_string(named) + "}";
    if (!row.is_shape()) {
      return "holds " + gap + ", which stands for a group only in a row with ~; write the code";
    }
    return "holds " + gap + ", but the expression in from_code has " + std::to_string(groups) + " group" +
           (groups == 1 ? "" : "s") + " ( ) of its own";
  }
  return std::nullopt;
}

/// Cells that are each right may not go together. Compiles the shape of `row`.
std::vector<CellMistake> mistakes_of_cells(CodeRow& row) {
  std::vector<CellMistake> mistakes;
  const std::array<std::string_view, kCodeColumns.size()> texts{
      row.from_system, row.from_code, row.to_system, row.to_code, row.to_display, row.note};
  for (std::size_t column = 0; column < texts.size(); ++column) {
    if (auto mistake = mistake_of_cell(static_cast<Column>(column), texts[column])) {
      mistakes.push_back({static_cast<Column>(column), std::move(*mistake)});
    }
  }
  if (row.from_system.starts_with('#')) {
    mistakes.push_back({from_system, "begins with #, which makes the line a comment"});
  }
  if (row.from_code.empty()) {
    mistakes.push_back({from_code, "is empty; write * for the row of every other code"});
  } else if (row.from_code == "~") {
    mistakes.push_back({from_code, "needs a regular expression behind ~"});
  } else if (row.is_shape()) {
    auto shape = Pattern::compile(std::string_view(row.from_code).substr(1));
    if (shape.has_value()) {
      row.shape = std::move(*shape);
    } else {
      mistakes.push_back({from_code, "is no regular expression: " + shape.error().message});
    }
  } else if (!row.is_default() && row.to_code.find("{}") != std::string::npos) {
    mistakes.push_back(
        {to_code,
         "holds {}, which stands for the code only in a row of many codes (~ or *); write the code"});
  }
  if (const auto mistake = mistake_of_groups(row)) mistakes.push_back({to_code, *mistake});
  if (row.is_removal() && row.file && row.file->origin == ConfigOrigin::shipped) {
    mistakes.push_back({to_code, "is !remove, but only a site's table removes rows; delete the row instead"});
  }
  return mistakes;
}

std::string told(const CellMistake& mistake) {
  return std::string(kCodeColumns[mistake.column]) + " " + mistake.message;
}

class Reader {
 public:
  Reader(const ConfigFile& file, ConfigErrors& errors)
      : bytes_(without_byte_order_mark(file.bytes)),
        file_(std::make_shared<const CodeFile>(CodeFile{file.name, file.origin})),
        errors_(errors) {}

  std::vector<CodeRow> read() {
    while (!bytes_.empty() && !is_at_end_) read_line(next_line());
    if (!header_seen_) error(1, "the table is empty; it needs at least the header");
    if (mistakes_ > kMostMistakesTold) {
      errors_.push_back({file_->name, "and " + std::to_string(mistakes_ - kMostMistakesTold) +
                                          " more mistakes; correct the first ones and look again"});
    }
    return std::move(rows_);
  }

 private:
  std::string_view next_line() {
    ++line_;
    const std::size_t end = bytes_.find('\n');
    std::string_view line = bytes_.substr(0, end);
    bytes_.remove_prefix(end == std::string_view::npos ? bytes_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  void read_line(std::string_view line) {
    if (line.size() > kLongestCodeLine) {
      error(line_, "the line is longer than " + std::to_string(kLongestCodeLine) +
                       " bytes; is the end of a line missing?");
      return;
    }
    if (const auto bad = find_bad_utf8(line)) {
      error_at(line_, count_characters(line.substr(0, *bad)) + 1,
               "the byte " + in_hex(line[*bad]) + " is not UTF-8; save the file as UTF-8");
      header_seen_ = header_seen_ || !line.starts_with('#');  // or one mistake would be told as two
      return;
    }
    if (line.starts_with('#') || line.find_first_not_of('\t') == std::string_view::npos) return;
    const Cells cells = split(line);
    if (!header_seen_) {
      read_header(cells);
    } else {
      read_row(line, cells);
    }
  }

  void read_header(const Cells& cells) {
    header_seen_ = true;
    if (cells.count == kCodeColumns.size() && cells.texts == kCodeColumns) return;
    error(line_,
          "the first line must be the header: from_system, from_code, to_system, to_code, to_display, note, "
          "separated by tabs");
    is_at_end_ = true;  // without it, nobody knows what the cells are
  }

  void read_row(std::string_view line, const Cells& cells) {
    if (cells.count < kLeastCells || cells.count > kCodeColumns.size()) {
      error(line_, "a row has 4 to 6 cells separated by tabs, this one has " + std::to_string(cells.count));
      return;
    }
    if (rows_.size() == kMostCodeRows) {
      error(line_, "a table has at most " + std::to_string(kMostCodeRows) + " rows");
      is_at_end_ = true;
      return;
    }
    const auto text = [&cells](Column column) { return std::string(cells.texts[column]); };
    CodeRow row{text(from_system), text(from_code), text(to_system), text(to_code), text(to_display),
                text(note),        std::nullopt,    file_,           line_};
    if (row.is_shape() && ++shapes_ > kMostShapeRows) {
      if (shapes_ > kMostShapeRows + 1) return;
      error(line_, "a table has at most " + std::to_string(kMostShapeRows) + " rows with ~");
      return;
    }
    const auto mistakes = mistakes_of_cells(row);
    for (const CellMistake& mistake : mistakes) {
      const auto before = static_cast<std::size_t>(cells.texts[mistake.column].data() - line.data());
      error_at(line_, count_characters(line.substr(0, before)) + 1, told(mistake));
    }
    if (is_duplicate(line, row) || !mistakes.empty()) return;
    rows_.push_back(std::move(row));
  }

  bool is_duplicate(std::string_view line, const CodeRow& row) {
    const std::string_view key = line.substr(0, row.from_system.size() + 1 + row.from_code.size());
    const auto [first, is_new] = lines_.emplace(key, line_);
    if (is_new || row.from_code.empty()) return false;
    error(line_, "the code " + quoted(row.from_code) + " has a row already, in line " +
                     std::to_string(first->second) + "; remove one of them");
    return true;
  }

  void error(int line, std::string message) {
    if (++mistakes_ > kMostMistakesTold) return;
    errors_.push_back({file_->name + ":" + std::to_string(line), std::move(message)});
  }
  void error_at(int line, std::size_t column, std::string message) {
    if (++mistakes_ > kMostMistakesTold) return;
    errors_.push_back(
        {file_->name + ":" + std::to_string(line) + ":" + std::to_string(column), std::move(message)});
  }

  std::string_view bytes_;  // that are still to be read
  std::shared_ptr<const CodeFile> file_;
  ConfigErrors& errors_;
  std::vector<CodeRow> rows_;
  std::unordered_map<std::string_view, int> lines_;  // by from_system and from_code as they stand in the file
  std::size_t mistakes_ = 0;
  std::size_t shapes_ = 0;
  int line_ = 0;
  bool header_seen_ = false;
  bool is_at_end_ = false;
};

}  // namespace

std::vector<CodeRow> read_code_rows(const ConfigFile& file, ConfigErrors& errors) {
  return Reader(file, errors).read();
}

void check_code_row(const CodeRow& row, ConfigErrors& errors) {
  CodeRow copy = row;
  for (const CellMistake& mistake : mistakes_of_cells(copy)) errors.push_back({row.place(), told(mistake)});
}

std::string_view without_byte_order_mark(std::string_view bytes) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kMark)) bytes.remove_prefix(kMark.size());
  return bytes;
}

}  // namespace fhir_mapper
