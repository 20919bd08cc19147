#!/usr/bin/env python3
"""Writes ssmix2/jis_x_0208.cpp to standard output; with --check FILE compares it with FILE instead.

The cells come from Python's codec cp932, which has the same mapping as the WHATWG index jis0208.
"""
import sys
import unicodedata

HEAD = '''\
#include "ssmix2/jis_x_0208.h"

#include <array>
#include <string_view>

namespace ssmix2 {
namespace {

using namespace std::string_view_literals;

// Made by tests/unit/ssmix2/make_jis_x_0208.py. One row a line, \\0 where a cell is unassigned, the unassigned
// end of a row left out. What NFC normalisation would change is written as an escape.
// clang-format off
constexpr std::array<std::u16string_view, 94> kRows = {
'''

TAIL = '''\
};
// clang-format on

}  // namespace

char16_t jis_x_0208(unsigned row, unsigned cell) {
  if (row < 1 || row > kRows.size() || cell < 1) return 0;
  const std::u16string_view cells = kRows[row - 1];
  return cell <= cells.size() ? cells[cell - 1] : u'\\0';
}

}  // namespace ssmix2
'''


def character(row, cell):
    """The character of a JIS cell by way of its Shift_JIS bytes, or None."""
    lead = (row - 1) // 2 + 0x81
    if lead > 0x9F:
        lead += 0x40
    if row % 2 == 1:
        trail = cell + 0x3F if cell <= 63 else cell + 0x40
    else:
        trail = cell + 0x9E
    try:
        return bytes([lead, trail]).decode("cp932")
    except UnicodeDecodeError:
        return None


def literal(char):
    if char is None:
        return "\\0"
    if unicodedata.normalize("NFC", char) != char or char.isspace():
        return f"\\u{ord(char):04X}"
    return char


def source():
    lines = []
    for row in range(1, 95):
        cells = [character(row, cell) for cell in range(1, 95)]
        while cells and cells[-1] is None:
            cells.pop()
        lines.append(f'    u"{"".join(map(literal, cells))}"sv,  // {row}\n')
    return HEAD + "".join(lines) + TAIL


def main():
    text = source()
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        with open(sys.argv[2], encoding="utf-8", newline="") as file:
            return 0 if file.read() == text else "the table is not what this script makes"
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
