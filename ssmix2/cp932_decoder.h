#pragma once
// Shift_JIS as Windows writes it, with the rows of NEC and IBM.

#include "ssmix2/text_span.h"
#include "ssmix2/text_writer.h"

#include <optional>

namespace ssmix2 {

/// User-defined characters (F040-F9FC) and what is no character become U+FFFD. The offset of a character that
/// the end cuts off, when the text is not ended.
std::optional<std::size_t> decode_cp932(const TextSpan& text, TextWriter& out);

}  // namespace ssmix2
