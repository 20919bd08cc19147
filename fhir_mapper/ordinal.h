#pragma once
// Results on an ordinal scale, from negative to 5+, in the one spelling that code tables are written for.

#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

/// "-", "+-", "+", or "1+" to "5+", as the National Hospital Organization reads them
/// (SSMIX2_support_documents, convert_to_sn). "+" and "1+" stay two: that list keeps them apart, and a table
/// may join them. Spaces are allowed, because NHO writes the SN value ^2^+ as " 2 +". Nothing for what is no
/// ordinal, or two results in one ("3+(300)"), or a word that only stands for an amount ("少量").
std::optional<std::string> ordinal_spelling(std::string_view utf8);

}  // namespace fhir_mapper
