#pragma once
// ISO-2022-JP with the sets and deviations that real storages hold. A state machine of our own: glibc's
// decoder passes unknown escapes through silently and refuses the NEC and IBM extension cells that hospitals
// use.

#include "ssmix2/text_span.h"
#include "ssmix2/text_writer.h"

#include <optional>

namespace ssmix2 {

/// Sets: ASCII, JIS X 0208, 0212, 0213, half-width kana (which stay half-width: ESC ( I, shift out after
/// ESC ) I, bytes A1-DF outside of two-byte mode). CR and LF lead back to ASCII. What is bad becomes U+FFFD:
/// - a pair with a byte that no pair has, as a whole, so that the pairs behind it stay pairs; but its lead
///   byte alone before a control character, an escape or a space, which are read;
/// - an unassigned cell, a control character, a byte that no set has;
/// - an escape that is not known. Behind one that begins two-byte mode every pair is unknown as well.
/// The offset of a character or escape that the end cuts off, when the text is not ended.
std::optional<std::size_t> decode_iso2022jp(const TextSpan& text, TextWriter& out);

}  // namespace ssmix2
