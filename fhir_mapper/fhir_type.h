#pragma once
// The types of FHIR R4 as numbers, for what compares many of them; which is a kind of which; and what an
// element is called in which types. Made once from the table of elements, immutable.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// "Observation", "Observation.component", "code". Numbers have no meaning and may differ from one version of
/// the program to the next.
enum class FhirType : std::uint16_t { unknown };

/// Unknown when FHIR R4 has no type of that name. Types that stand inside of another are known where the
/// table of elements has them.
FhirType fhir_type(std::string_view name);
/// Empty for the unknown one.
std::string_view name_of(FhirType type);
/// Whether `type` is `base` or a kind of it: code is a kind of string, Age of Quantity, Patient of
/// DomainResource and of Resource.
bool is_kind_of(FhirType type, FhirType base);
/// In the order of their names, for "did you mean".
std::span<const std::string_view> fhir_type_names();

/// Types that the language itself treats as something.
struct FhirKnownTypes {
  FhirType resource, domain_resource, date, date_time, instant, time, integer, positive_int, unsigned_int,
      boolean, extension, quantity;
};
const FhirKnownTypes& known_types();

/// date, dateTime, instant or time, whose texts are compared by what they mean.
bool is_time_type(FhirType type);

/// Element `onset` of Condition is a choice, `code` of it a CodeableConcept.
struct FhirMember {
  FhirType owner = FhirType::unknown;
  FhirType type = FhirType::unknown;  // of a choice unknown: its member's name says which
  bool is_choice = false;
};
/// The types that have an element or choice of that name, ascending by owner.
std::span<const FhirMember> members_named(std::string_view name);

/// The type that the name of a choice's member ends in: of "valueDateTime" with the stem "value" dateTime.
/// Unknown when it is no such name.
FhirType choice_type(std::string_view member, std::string_view stem);

}  // namespace fhir_mapper
