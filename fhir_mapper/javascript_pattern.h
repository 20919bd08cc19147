#pragma once
// Regular expressions of profiles. FHIR names no dialect; authors try them in engines that take JavaScript's
// or Java's.

#include <string>
#include <string_view>

namespace fhir_mapper {

/// The same expression for RE2, whose \s knows only ASCII: JavaScript's also takes the ideographic space,
/// which is what Japanese rules mean it to find.
std::string javascript_as_re2(std::string_view expression);

/// A replacement as RE2 writes it: $1 and $& become \1 and \0.
std::string javascript_replacement_as_re2(std::string_view replacement);

}  // namespace fhir_mapper
