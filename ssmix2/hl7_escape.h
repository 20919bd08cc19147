#pragma once
// HL7's escape sequences. They are resolved after splitting, in each value by itself. Pure; any thread.

#include "ssmix2/hl7_message.h"

#include <string>
#include <string_view>

namespace ssmix2 {

/// \F\ \S\ \T\ \R\ \E\ as the delimiters they stand for, \.br\ as line feed, \Xhh..\ where every byte is text
/// by itself. \H\ and \N\ (highlighting) carry no text and are dropped. What needs more than a text can hold
/// (\Cxxyy\ \Mxxyyzz\ \Z..\, other bytes, other formatting) stays as written, and so does an escape character
/// that begins none of these: path names and units hold it.
std::string without_escapes(std::string_view raw, const Delimiters& delimiters);

}  // namespace ssmix2
