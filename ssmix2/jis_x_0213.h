#pragma once
// The cells of both planes of JIS X 0213:2004. What plane 1 has from JIS X 0208 decodes as it does there.

#include "ssmix2/jis_cells.h"

namespace ssmix2 {

/// 25 cells are two code points (か with a semi-voiced mark): the second one stands in the upper half.
constexpr char32_t kLastCodePoint = 0x10FFFF;

extern const JisCells<char32_t, 94> kJisX0213Plane1;
extern const JisCells<char32_t, 94> kJisX0213Plane2;

}  // namespace ssmix2
