#pragma once
// Half-width and full-width forms of ASCII, kana and spaces.

#include <string>
#include <string_view>

namespace fhir_mapper {

/// Full-width ASCII (U+FF01..FF5E) as ASCII, the ideographic space as a space; everything else unchanged.
std::string to_half_width_ascii(std::string_view utf8);

/// Half-width kana (U+FF61..FF9F) as full-width, a following sound mark joined; everything else unchanged.
std::string to_wide_kana(std::string_view utf8);

/// ASCII as full-width; half-width kana (U+FF61..FF9F) as full-width, a following sound mark joined.
std::string to_full_width(std::string_view utf8);

/// Without spaces, tabs and ideographic spaces (U+3000) at both ends.
std::string_view without_outer_spaces(std::string_view utf8);

/// without_outer_spaces(), and each run of such spaces between as one space.
std::string with_single_spaces(std::string_view utf8);

}  // namespace fhir_mapper
