#pragma once
// HL7 text to a FHIR primitive. A value that does not convert is never guessed at: the caller gets nothing.

#include "fhir_mapper/fhir_tree.h"
#include "fhir_mapper/mapping.h"

#include <optional>
#include <string_view>

namespace fhir_mapper {

/// For a place in `tree`. `zone` is the facility's offset, "+09:00".
std::optional<Leaf> convert(Conversion conversion, std::string_view text, std::string_view zone, Tree& tree);

/// "< 0.5" and "0.5未満" as {"<", "0.5"}: a sign before the number or a word behind it, spaces between. A
/// sign behind the number ("100<") is not read: who wrote it for "less than 100" would be understood the
/// wrong way.
struct ComparedNumber {
  LastingText comparator;
  Decimal number;
};
std::optional<ComparedNumber> parse_compared(std::string_view text);

}  // namespace fhir_mapper
