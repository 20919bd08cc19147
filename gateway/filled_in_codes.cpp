#include "gateway/filled_in_codes.h"

#include "fhir_mapper/replaced_character.h"
#include "gateway/codes_list.h"
#include "ssmix2/text_decoder.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gateway {
namespace {

constexpr std::size_t kCells = 6;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\t' || text.back() == ' ' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

/// `"a ""b"", c"` is what a spreadsheet makes of `a "b", c`.
std::string unquoted(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') return std::string(cell);
  cell = cell.substr(1, cell.size() - 2);
  std::string text;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    text += cell[i];
    if (cell[i] == '"' && i + 1 < cell.size() && cell[i + 1] == '"') ++i;
  }
  return text;
}

class Reading {
 public:
  explicit Reading(const std::string& name) : name_(name) {}

  void read(std::string_view bytes) {
    while (!bytes.empty()) {
      ++line_;
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      read_line(bytes.substr(0, end));
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    if (!header_seen_) mistake("there is no header; give the file that `kakehashi codes todo` printed");
  }

  boost::system::result<FilledInCodes, SettingsErrors> result() {
    if (!mistakes_.empty()) return std::move(mistakes_);
    return std::move(codes_);
  }

 private:
  void mistake(const std::string& message) {
    mistakes_.push_back({name_ + ":" + std::to_string(std::max(line_, 1)), message});
  }

  void read_line(std::string_view text) {
    const std::string_view line = trimmed(text);
    if (line.empty()) return;
    if (line.front() == '#') {
      if (line.starts_with(kTableComment)) table_ = line.substr(kTableComment.size());
      return;
    }
    if (!header_seen_) {
      header_seen_ = true;
      if (line == kCodesHeader) return;
      mistake(
          "the first line must be the header: from_system, from_code, to_system, to_code, to_display, note, "
          "separated by tabs; save the sheet as tab-separated text in UTF-8");
      return;
    }
    read_row(line);
  }

  void read_row(std::string_view line) {
    if (fhir_mapper::has_replaced_character(line)) {
      return mistake("the line has a character that cannot be read; save the sheet as UTF-8");
    }
    std::vector<std::string> cells;
    for (const std::string_view cell : split_cells(line)) cells.push_back(unquoted(cell));
    if (cells.size() > kCells) {
      return mistake("a row has 6 cells separated by tabs, this one has " + std::to_string(cells.size()));
    }
    cells.resize(kCells);
    if (cells[5].starts_with(kNoteBegin)) cells[5].clear();
    const FilledInRow row{
        std::string(table_), cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], line_};
    if (row.to_code.empty() && (!row.to_system.empty() || !row.to_display.empty())) {
      return mistake("to_code is empty, but to_system or to_display is not; fill it in, or empty all three");
    }
    if (row.to_code.empty()) {
      ++codes_.left_empty;
      return;
    }
    check(row);
    codes_.rows.push_back(row);
  }

  void check(const FilledInRow& row) {
    if (row.table.empty()) {
      mistake("no line \"" + std::string(kTableComment) + "...\" says to which table the row belongs");
    }
    if (row.from_code.empty()) mistake("from_code is empty");
    if (row.to_code.front() == ' ' || row.to_code.back() == ' ') mistake("to_code has spaces around it");
    const auto [earlier, fresh] = lines_.try_emplace({row.table, row.from_system, row.from_code}, line_);
    if (!fresh) {
      mistake("the same code stands in line " + std::to_string(earlier->second) + "; remove one of them");
    }
  }

  const std::string& name_;
  int line_ = 0;
  bool header_seen_ = false;
  std::string_view table_;
  std::map<std::tuple<std::string, std::string, std::string>, int> lines_;
  FilledInCodes codes_;
  SettingsErrors mistakes_;
};

}  // namespace

std::vector<std::string_view> split_cells(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t at = line.find('\t');
    cells.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return cells;
    line.remove_prefix(at + 1);
  }
}

boost::system::result<FilledInCodes, SettingsErrors> read_filled_in(const std::string& name,
                                                                    std::string_view bytes) {
  const auto text = ssmix2::decode_text(bytes);
  if (!text.has_value()) return SettingsErrors{{name, "the file ends inside a character; save it once more"}};
  Reading reading(name);
  reading.read(text->utf8);
  return reading.result();
}

}  // namespace gateway
