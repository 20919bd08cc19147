#include "fhir_mapper/fhir_path_world.h"

namespace fhir_mapper {

const Node* FhirPathWorld::resolve(const Node&) const {
  return nullptr;
}

std::optional<bool> FhirPathWorld::member_of(std::string_view, std::string_view, std::string_view) const {
  return std::nullopt;
}

std::optional<bool> FhirPathWorld::conforms_to(const Node&, std::string_view) const {
  return std::nullopt;
}

std::optional<bool> FhirPathWorld::is_narrative(std::string_view) const {
  return std::nullopt;
}

}  // namespace fhir_mapper
