#pragma once
// The 94 x 94 cells of JIS X 0212, the supplementary kanji, as the WHATWG index jis0212 has them (0x2237 is
// U+FF5E: other readers make it the ASCII tilde, which is a delimiter of HL7).

#include "ssmix2/jis_cells.h"

namespace ssmix2 {

extern const JisCells<char16_t, 94> kJisX0212;

}  // namespace ssmix2
