#pragma once
// Attributes that hold several words: sources, tables, parameters. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// Separated by spaces, tabs or ends of lines.
std::vector<std::string> words_of(std::string_view text);

}  // namespace fhir_mapper
