#pragma once
// The bytes of a file as UTF-8, whichever encoding its writer chose. Nothing is dropped because of one
// character: what cannot be read becomes U+FFFD and is counted.

#include "ssmix2/failure.h"
#include "ssmix2/text_deviations.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ssmix2 {

struct DecodedText {
  std::string utf8;
  TextDeviations deviations;
};

/// Whole files only. Leading BOM and VT and trailing FS, CR, LF, SUB, NUL are dropped before decoding. With
/// an escape of ISO 2022, or with seven-bit bytes only, the file is ISO-2022-JP; else UTF-8 if it is
/// well-formed (a few bad bytes among many characters do not make it something else), else CP932. The only
/// error is text_truncated_character, with its byte: the file ends inside a character or an escape and no
/// segment end follows, so that its writer may not be done.
Result<DecodedText> decode_text(std::string_view bytes);

/// The byte of the file from which `decode_text(bytes)` has its byte `utf8_offset`: where that character
/// begins, behind the escapes that lead to it; at the end of the text, where that ends. Nothing beyond, nor
/// of a file that is refused. Found by decoding again, twenty-five times at most: for what a person asks
/// about, not for every value.
std::optional<std::size_t> source_byte_of(std::string_view bytes, std::size_t utf8_offset);

}  // namespace ssmix2
