#include "fhir_mapper/fhir_type.h"

#include "fhir_mapper/fhir_element.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace fhir_mapper {
namespace {

bool is_kind(std::string_view type, std::string_view base) {
  return is_kind_of(fhir_type(type), fhir_type(base));
}

TEST_CASE("every type of the table of elements has a number, and its name back") {
  for (const std::string_view name : element_types()) {
    INFO(name);
    CHECK(name_of(fhir_type(name)) == name);
    CHECK(is_kind(name, is_resource_type(name) ? "Resource" : "Element"));
  }
  CHECK(fhir_type("Pateint") == FhirType::unknown);
  CHECK(name_of(FhirType::unknown).empty());
  CHECK(std::ranges::is_sorted(fhir_type_names()));
}

TEST_CASE("types are kinds of others") {
  CHECK(is_kind("code", "string"));
  CHECK(is_kind("code", "Element"));
  CHECK(is_kind("Age", "Quantity"));
  CHECK(is_kind("Composition", "DomainResource"));
  CHECK(is_kind("Observation.component", "BackboneElement"));
  CHECK(is_kind("Patient", "Patient"));
  CHECK_FALSE(is_kind("Bundle", "DomainResource"));
  CHECK_FALSE(is_kind("string", "code"));
  CHECK_FALSE(is_kind("none", "none"));
}

TEST_CASE("a name says of each type what its element is") {
  const auto members = members_named("onset");
  const auto of = [&](std::string_view owner) {
    return std::ranges::find(members, fhir_type(owner), &FhirMember::owner);
  };
  REQUIRE(of("Condition") != members.end());
  CHECK(of("Condition")->is_choice);
  CHECK(of("AllergyIntolerance.reaction")->type == fhir_type("dateTime"));
  CHECK(of("Patient") == members.end());
  CHECK(members_named("noSuchElement").empty());
}

TEST_CASE("the name of a choice's member ends in its type") {
  CHECK(choice_type("valueDateTime", "value") == fhir_type("dateTime"));
  CHECK(choice_type("valueCodeableConcept", "value") == fhir_type("CodeableConcept"));
  CHECK(choice_type("value", "value") == FhirType::unknown);
  CHECK(choice_type("valueSet", "value") == FhirType::unknown);
  CHECK(choice_type("onsetAge", "value") == FhirType::unknown);
}

}  // namespace
}  // namespace fhir_mapper
