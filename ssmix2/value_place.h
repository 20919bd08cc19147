#pragma once
// Where a value stands: in its message, for a person to find it, and in the bytes of its file. Nothing of
// this is stored: views know where they are because they point into their message. Pure; any thread.

#include "ssmix2/hl7_message.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace ssmix2 {

/// `value` is of `message`; one that is not there has no place. The place goes no deeper than the value does:
/// a field without components is PRB[1]-3 although its first component is the same bytes.
Place place_of(const Message& message, const Value& value);

/// The reverse. Not said, a component is the first one that is said inside the next outer part, as in
/// mappings: PID-5.1 is of the first repetition. Nothing there: an empty Value.
Value value_at(const Message& message, const Place& place);

/// The byte of an ISO-2022-JP file from which the decoded text has its byte `utf8_offset`: where that
/// character begins, behind the escapes that lead to it; at the end of the text, where that ends. Nothing
/// beyond. Found by decoding again, some fifty times the file at most: for what a person asks about, not for
/// every value.
std::optional<std::size_t> source_byte_of(std::string_view file, std::size_t utf8_offset);

}  // namespace ssmix2
