#!/usr/bin/env python3
"""Writes a table of ssmix2/ to standard output: make_jis_tables.py jis_x_0208|jis_x_0212|jis_x_0213|ibm_extension

With --check FILE compares it with FILE instead. The cells come from Python's codecs. Where codecs disagree with the
WHATWG Encoding Standard, the standard is followed: what the tables share decodes alike, and no cell is an ASCII
character, which could pass for a delimiter of HL7.
"""
import sys
import unicodedata

HEAD = '''\
#include "ssmix2/{table}.h"

namespace ssmix2 {{
namespace {{

using namespace std::string_view_literals;

// Made by tests/unit/ssmix2/make_jis_tables.py. One row a line, \\0 where a cell is unassigned, the unassigned
// end of a row left out. What NFC normalisation would change is written as an escape.{note}
// clang-format off
'''

PAIR_NOTE = ''' A cell of two
// code points is written as one number, the second code point in its upper half.'''

TAIL = '''\
// clang-format on

}}  // namespace

{cells}
}}  // namespace ssmix2
'''

FULL_WIDTH_TILDE = "\uFF5E"


def decoded(codec, escape, row, cell):
    try:
        return (escape + bytes([row + 0x20, cell + 0x20])).decode(codec)
    except UnicodeDecodeError:
        return None


def cp932(row, cell):
    """The character of a JIS cell by way of its Shift_JIS bytes, or None. The same mapping as index jis0208."""
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


def jis_x_0212(row, cell):
    char = decoded("iso2022_jp_2", b"\x1b$(D", row, cell)
    return FULL_WIDTH_TILDE if char == "~" else char  # as index jis0212 has it


def plane_1(row, cell):
    char = decoded("iso2022_jp_2004", b"\x1b$(Q", row, cell)
    if char == "~":
        return FULL_WIDTH_TILDE
    # Six signs of JIS X 0208 that index jis0208 reads otherwise (0x215D is U+FF0D). Row 13 is not NEC's.
    return cp932(row, cell) if char and row in (1, 2) and cp932(row, cell) else char


def plane_2(row, cell):
    return decoded("iso2022_jp_2004", b"\x1b$(P", row, cell)


def literal(char):
    if char is None:
        return "\\0"
    if len(char) == 2:
        return f"\\x{ord(char[1]):04X}{ord(char[0]):04X}"
    if unicodedata.normalize("NFC", char) != char or char.isspace() or unicodedata.combining(char):
        return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
    return char


def rows(name, prefix, character, first=1, last=94):
    view = {"u": "std::u16string_view", "U": "std::u32string_view"}[prefix]
    yield f"constexpr std::array<{view}, {last - first + 1}> {name} = {{\n"
    for row in range(first, last + 1):
        cells = [character(row, cell) for cell in range(1, 95)]
        while cells and cells[-1] is None:
            cells.pop()
        yield f'    {prefix}"{"".join(map(literal, cells))}"sv,  // {row}\n'
    yield "};\n"


def cells(name, rows_name):
    return f"constinit const decltype({name}) {name} = cells_of({rows_name});\n"


TABLES = {
    "jis_x_0208": (rows("kRows", "u", cp932), cells("kJisX0208", "kRows"), ""),
    "jis_x_0212": (rows("kRows", "u", jis_x_0212), cells("kJisX0212", "kRows"), ""),
    "jis_x_0213": ([*rows("kRowsOfPlane1", "U", plane_1), "\n", *rows("kRowsOfPlane2", "U", plane_2)],
                   cells("kJisX0213Plane1", "kRowsOfPlane1") + cells("kJisX0213Plane2", "kRowsOfPlane2"), PAIR_NOTE),
    "ibm_extension": (rows("kRows", "u", cp932, 115, 119), cells("kIbmExtension", "kRows"), ""),
}


def source(table):
    lines, definitions, note = TABLES[table]
    return HEAD.format(table=table, note=note) + "".join(lines) + TAIL.format(cells=definitions)


def main():
    text = source(sys.argv[1])
    if len(sys.argv) == 4 and sys.argv[2] == "--check":
        with open(sys.argv[3], encoding="utf-8", newline="") as file:
            return 0 if file.read() == text else "the table is not what this script makes"
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
