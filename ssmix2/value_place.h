#pragma once
// Where a value stands in its message, for a person to find it. Nothing of this is stored: views know where
// they are because they point into their message, and `source_byte_of` of text_decoder.h leads from there to
// the bytes of the file. Pure; any thread.

#include "ssmix2/hl7_message.h"

namespace ssmix2 {

/// `value` is of `message`; one that is not there has no place. The place goes no deeper than the value does:
/// a field without components is PRB[1]-3 although its first component is the same bytes.
Place place_of(const Message& message, const Value& value);

/// The reverse. Not said, a component is the first one that is said inside the next outer part, as in
/// mappings: PID-5.1 is of the first repetition. Nothing there: an empty Value.
Value value_at(const Message& message, const Place& place);

}  // namespace ssmix2
