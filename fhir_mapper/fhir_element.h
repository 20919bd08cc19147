#pragma once
// The elements of FHIR R4 (4.0.1): what a resource or data type may hold, so that a rule with a target that
// does not exist is a mistake of the mapping, told before anything is sent, and not a refusal by the
// platform.
//
// A constant table of the resource types that mappings write and of every type these reach. Profiles that
// only restrict (SimpleQuantity) are no types: their elements are Quantity.

#include <span>
#include <string_view>
#include <vector>

namespace fhir_mapper {

struct FhirElement {
  /// As in JSON: "code", "onsetDateTime". Each type of a choice is an element of its own.
  std::string_view name;
  /// "onset[x]"; empty: no choice.
  std::string_view choice;
  /// "CodeableConcept", "dateTime"; "Observation.referenceRange" for elements that stand inside of a type
  /// alone; "Resource" for any resource (contained, Bundle.entry.resource), which its resourceType then
  /// names.
  std::string_view type;
  bool required = false;  // at least one
  bool repeats = false;   // more than one: a JSON array
};

/// An element of a resource, a data type or a type such as "Observation.referenceRange", also of those that
/// all have (id, extension, meta …). Null: there is none. "resourceType" is a property of JSON and no
/// element.
const FhirElement* find_element(std::string_view type, std::string_view name);

/// In the order of their names; empty: not a type of the table, or a primitive one.
std::span<const FhirElement> elements_of(std::string_view type);

/// Whether the table knows `type` as a resource. "Resource" itself is none.
bool is_resource_type(std::string_view type);
/// All of them, for "did you mean".
std::vector<std::string_view> resource_types();
/// All types of the table, resources and others, in the order of their names.
std::vector<std::string_view> element_types();

/// string, code, dateTime, decimal, boolean, xhtml … What JSON keeps beside a primitive value (_birthDate)
/// has no elements here.
bool is_primitive_type(std::string_view type);

}  // namespace fhir_mapper
