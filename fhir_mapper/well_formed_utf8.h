#pragma once
// Whether text that a person wrote is UTF-8: a file of the configuration that was saved in another encoding
// would send garbage as names, and no code of it would ever be found.

#include <cstddef>
#include <optional>
#include <string_view>

namespace fhir_mapper {

/// The offset of the first byte that belongs to no well-formed character.
std::optional<std::size_t> find_bad_utf8(std::string_view text);

/// Of well-formed text, for "line:column" as editors count it.
std::size_t count_characters(std::string_view text);

}  // namespace fhir_mapper
