#pragma once
// Whether the bytes of a file look like a whole message. HL7 in SS-MIX2 has no trailer, so this is evidence,
// not proof: a writer that pauses at a segment end looks complete, which is why files are looked at again
// later.

#include "ssmix2/failure.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace ssmix2 {

constexpr std::size_t kMaxDocumentBytes = 8u * 1024 * 1024;

/// Nothing when complete; else file_empty, file_too_large, hl7_no_msh (does not begin with MSH, after BOM or
/// VT), text_truncated_character (ends in two-byte mode or in an escape) or file_unterminated.
std::optional<Failure> find_incompleteness(std::string_view bytes);

}  // namespace ssmix2
