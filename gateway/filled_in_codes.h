#pragma once
// The list of `codes todo` as a person gives it back, out of an editor or a spreadsheet. Pure.

#include "gateway/settings.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace gateway {

struct FilledInRow {
  std::string table;
  std::string from_system;
  std::string from_code;
  std::string to_system;
  std::string to_code;
  std::string to_display;
  std::string note;  // empty when it is the list's own
  int line = 0;
};

struct FilledInCodes {
  std::vector<FilledInRow> rows;  // with a to_code
  std::size_t left_empty = 0;
};

/// Spreadsheets write quotes around cells, carriage returns, tabs behind comments, a byte order mark or
/// Shift_JIS: all of that is taken. `name` is the file's, for mistakes: all there are, each with its line.
boost::system::result<FilledInCodes, SettingsErrors> read_filled_in(const std::string& name,
                                                                    std::string_view bytes);

/// Cells of a line of a table; quotes are part of them.
std::vector<std::string_view> split_cells(std::string_view line);

}  // namespace gateway
