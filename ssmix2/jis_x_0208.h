#pragma once
// The 94 x 94 cells of JIS X 0208 with NEC row 13 and NEC-selected IBM rows 89-92, as the WHATWG index
// jis0208 has them (0x215D is U+FF0D, 0x2141 U+FF5E, 0x2142 U+2225).

#include "ssmix2/jis_cells.h"

namespace ssmix2 {

extern const JisCells<char16_t, 94> kJisX0208;

/// Rows of makers: NEC's 13, IBM's characters in 89-92 and, in CP932, from 115 on.
constexpr bool is_extension_row(std::size_t row) {
  return row == 13 || row >= 89;
}

}  // namespace ssmix2
