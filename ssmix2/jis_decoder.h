#pragma once
// ISO-2022-JP to UTF-8, with the deviations real storages hold. A state machine of our own: glibc's decoder
// passes unknown escapes through silently and refuses the NEC and IBM extension cells that hospitals use.

#include "ssmix2/failure.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace ssmix2 {

/// What was tolerated; summed up per root so that an operator sees what a storage is like.
struct TextDeviations {
  std::size_t extension_cells = 0;    // JIS X 0208 rows 13 and 89-92: ① ㈱ 髙 﨑
  std::size_t half_width_kana = 0;    // by ESC ( I or as bytes A1-DF
  std::size_t jis_latin_escapes = 0;  // ESC ( J; its 0x5C and 0x7E are read as ASCII, HL7 needs them
  std::size_t old_jis_escapes = 0;    // ESC $ @
  std::size_t unassigned_cells = 0;   // each became U+FFFD
  std::size_t shift_left_open = 0;    // a line or the file ended in two-byte mode

  friend bool operator==(const TextDeviations&, const TextDeviations&) = default;
};

struct DecodedText {
  std::string utf8;
  TextDeviations deviations;
};

/// Whole files only. Leading BOM/VT and trailing FS, CR, LF, SUB, NUL are dropped before decoding. Cells
/// follow the WHATWG index jis0208; half-width kana stay half-width (U+FF61..FF9F); two-byte mode ends at CR
/// and LF. Errors carry the byte offset: text_truncated_character (a pair is cut by the end, a control
/// character or an escape), text_bad_byte (a byte >= 0x80 that is no half-width kana, or a control character
/// other than CR LF TAB VT FS), text_unknown_escape.
Result<DecodedText> decode_iso2022jp(std::string_view bytes);

}  // namespace ssmix2
