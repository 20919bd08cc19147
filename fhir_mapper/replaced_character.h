#pragma once
// U+FFFD stands for what the decoder could not read. In names and other free text it is sent, as a hospital
// sends 〓 for it. In a code or an identifier it is nothing: two different values would be one.

#include "fhir_mapper/fhir_node.h"

#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

bool has_replaced_character(std::string_view text);

/// The path ("code.coding.code") of a code, an identifier or a name of a system in which a character was
/// replaced.
std::optional<std::string> find_unreadable_code(const Node& resource);

}  // namespace fhir_mapper
