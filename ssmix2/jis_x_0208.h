#pragma once
// The 94 x 94 cells of JIS X 0208 with NEC row 13 and NEC-selected IBM rows 89-92, as the WHATWG index
// jis0208 has them (0x215D is U+FF0D, 0x2141 U+FF5E, 0x2142 U+2225).

namespace ssmix2 {

/// `row` and `cell` are 1..94 (the JIS bytes less 0x20). 0 = unassigned.
char16_t jis_x_0208(unsigned row, unsigned cell);

}  // namespace ssmix2
