#pragma once
// What the tables of two-byte character sets share: rows of 94 cells, flat, so that a lookup is one load.

#include <array>
#include <cstddef>
#include <string_view>

namespace ssmix2 {

constexpr std::size_t kCellsOfRow = 94;

/// 0 = unassigned.
template <typename Character, std::size_t Rows>
using JisCells = std::array<Character, Rows * kCellsOfRow>;

/// `row` and `cell` are 1..94 (the JIS bytes less 0x20); anything else is no cell.
template <typename Character, std::size_t Count>
constexpr Character cell_at(const std::array<Character, Count>& cells, std::size_t row, std::size_t cell) {
  if (row < 1 || row > Count / kCellsOfRow || cell < 1 || cell > kCellsOfRow) return 0;
  return cells[(row - 1) * kCellsOfRow + cell - 1];
}

/// Made when compiling: the sources stay readable rows of text.
template <typename Character, std::size_t Rows>
consteval JisCells<Character, Rows> cells_of(
    const std::array<std::basic_string_view<Character>, Rows>& rows) {
  JisCells<Character, Rows> cells{};
  for (std::size_t row = 0; row < Rows; ++row) {
    for (std::size_t cell = 0; cell < rows[row].size(); ++cell)
      cells[row * kCellsOfRow + cell] = rows[row][cell];
  }
  return cells;
}

}  // namespace ssmix2
