#pragma once
// UTF-8, checked: storages must not hold it, some do.

#include "ssmix2/text_span.h"
#include "ssmix2/text_writer.h"

#include <optional>

namespace ssmix2 {

/// Of text with bytes above 0x7F that says nothing about its encoding. Well-formed UTF-8 is UTF-8, except
/// that text without any character of three bytes, whose two-byte ones all could be half-width kana of CP932,
/// is the latter: C4 B3 are ﾄｳ more often than ĳ in a Japanese storage. Text with bad bytes is UTF-8 all the
/// same when it has more characters of three bytes and more than bad bytes: as CP932 all of it would be
/// garbage that looks like names.
bool is_probably_utf8(const TextSpan& text);

/// What is not well-formed becomes U+FFFD as the Encoding Standard says: one for each longest beginning of a
/// character. The offset of a character that the end cuts off, when the text is not ended.
std::optional<std::size_t> decode_utf8(const TextSpan& text, TextWriter& out);

}  // namespace ssmix2
