#pragma once
// "Did you mean ...?" for misspelt names.

#include <span>
#include <string>
#include <string_view>

namespace fhir_mapper {

/// The name that differs from `written` by the fewest letters, when they are few enough to be a slip; else
/// empty.
std::string_view closest_name(std::string_view written, std::span<const std::string_view> names);

/// "; did you mean onsetDateTime?", or nothing.
std::string did_you_mean(std::string_view written, std::span<const std::string_view> names);

}  // namespace fhir_mapper
