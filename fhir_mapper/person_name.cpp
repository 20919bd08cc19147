#include "fhir_mapper/person_name.h"

#include "fhir_mapper/character_width.h"

namespace fhir_mapper {

std::optional<PersonName> split_name(std::string_view utf8) {
  const std::string_view name = without_outer_spaces(utf8);
  std::optional<PersonName> split;
  for (const std::string_view space : {" ", "　"}) {
    for (std::size_t at = name.find(space); at != std::string_view::npos; at = name.find(space, at + 1)) {
      if (split) return std::nullopt;
      split = PersonName{std::string(name.substr(0, at)), std::string(name.substr(at + space.size()))};
    }
  }
  return split;
}

}  // namespace fhir_mapper
