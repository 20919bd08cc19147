#pragma once
// U+FFFD stands for what the decoder could not read. In free text it is sent, as a hospital sends 〓 for it,
// unless a rule wants the text whole: of a disease every name is held. In a code or an identifier it is
// nothing: two different values would be one.

#include "fhir_mapper/fhir_node.h"
#include "ssmix2/hl7_message.h"

#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

bool has_replaced_character(std::string_view text);

/// Whether some value of the message may have one: written as it is, or as bytes in an escape sequence.
bool may_have_replaced_character(const ssmix2::Message& message);

/// The path ("code.coding.code") of a code, an identifier or a name of a system in which a character was
/// replaced.
std::optional<std::string> find_unreadable_code(const Node& resource);

}  // namespace fhir_mapper
