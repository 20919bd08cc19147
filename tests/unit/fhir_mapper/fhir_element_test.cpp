#include "fhir_mapper/fhir_element.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

constexpr std::array<std::string_view, 17> kResources = {
    "AllergyIntolerance", "Bundle",       "Condition", "Coverage",     "Device",
    "DiagnosticReport",   "Encounter",    "Location",  "Medication",   "MedicationRequest",
    "Observation",        "Organization", "Patient",   "Practitioner", "PractitionerRole",
    "ServiceRequest",     "Specimen"};

FhirElement element(std::string_view type, std::string_view name) {
  const FhirElement* const found = find_element(type, name);
  REQUIRE(found != nullptr);
  return *found;
}

/// The resources and everything that their elements lead to.
std::set<std::string_view> reached_types() {
  std::set<std::string_view> reached;
  std::vector<std::string_view> ahead(kResources.begin(), kResources.end());
  while (!ahead.empty()) {
    const std::string_view type = ahead.back();
    ahead.pop_back();
    if (!reached.insert(type).second) continue;
    for (const FhirElement& one : elements_of(type)) ahead.push_back(one.type);
  }
  return reached;
}

TEST_CASE("an element is found with its type, whether it must be there and whether it repeats") {
  const FhirElement status = element("Observation", "status");
  CHECK(status.name == "status");
  CHECK(status.type == "code");
  CHECK(status.choice.empty());
  CHECK(status.required);
  CHECK_FALSE(status.repeats);

  const FhirElement category = element("Observation", "category");
  CHECK(category.type == "CodeableConcept");
  CHECK_FALSE(category.required);
  CHECK(category.repeats);

  CHECK(element("Patient", "birthDate").type == "date");
  CHECK(element("HumanName", "given").repeats);
  CHECK(element("MedicationRequest", "dosageInstruction").type == "Dosage");
  CHECK(element("Condition", "subject").type == "Reference");
}

TEST_CASE("names that no element has are not found, however near") {
  CHECK(find_element("Observation", "Status") == nullptr);
  CHECK(find_element("Observation", "statu") == nullptr);
  CHECK(find_element("Observation", "statuses") == nullptr);
  CHECK(find_element("Observation", "") == nullptr);
  CHECK(find_element("Observation", "zzz") == nullptr);
  CHECK(find_element("observation", "status") == nullptr);
  CHECK(find_element("", "status") == nullptr);
  CHECK(find_element("Zzz", "status") == nullptr);
  CHECK(elements_of("Zzz").empty());
  CHECK(find_element("Patient", "resourceType") == nullptr);
}

TEST_CASE("each type of a choice is an element of its own and says which choice it is of") {
  CHECK(element("Condition", "onsetDateTime").type == "dateTime");
  CHECK(element("Condition", "onsetDateTime").choice == "onset[x]");
  CHECK(element("Condition", "onsetAge").type == "Age");
  CHECK(element("Extension", "valueBase64Binary").type == "base64Binary");
  CHECK(element("MedicationRequest", "medicationCodeableConcept").required);
  CHECK(element("Dosage", "asNeededBoolean").choice == "asNeeded[x]");
  CHECK(find_element("Condition", "onset") == nullptr);
  CHECK(find_element("Condition", "onset[x]") == nullptr);
  CHECK(find_element("Condition", "onsetInteger") == nullptr);
}

TEST_CASE("elements that stand inside of a type alone are types under their dotted names") {
  CHECK(element("Observation", "referenceRange").type == "Observation.referenceRange");
  CHECK(element("Observation.referenceRange", "low").type == "Quantity");
  CHECK(element("Timing", "repeat").type == "Timing.repeat");
  CHECK(element("Timing.repeat", "boundsDuration").type == "Duration");
  CHECK(element("Dosage.doseAndRate", "doseQuantity").type == "Quantity");
  // Said by reference to another element of the resource.
  CHECK(element("Observation.component", "referenceRange").type == "Observation.referenceRange");
  CHECK(element("Bundle.entry", "link").type == "Bundle.link");
}

TEST_CASE("what all resources and all types have is an element of each") {
  for (const std::string_view resource : kResources) {
    INFO(resource);
    CHECK(element(resource, "id").type == "id");
    CHECK(element(resource, "meta").type == "Meta");
    CHECK(element(resource, "implicitRules").type == "uri");
    CHECK(element(resource, "language").type == "code");
    if (resource == "Bundle") continue;  // the one that is no DomainResource
    CHECK(element(resource, "text").type == "Narrative");
    CHECK(element(resource, "contained").type == "Resource");
    CHECK(element(resource, "contained").repeats);
    CHECK(element(resource, "extension").type == "Extension");
    CHECK(element(resource, "modifierExtension").repeats);
  }
  CHECK(element("Coding", "id").type == "string");
  CHECK(element("Coding", "extension").repeats);
  CHECK(find_element("Coding", "modifierExtension") == nullptr);
  CHECK(find_element("Dosage", "modifierExtension") != nullptr);
  CHECK(find_element("Patient.contact", "modifierExtension") != nullptr);
  CHECK(element("Extension", "url").type == "uri");
  CHECK(element("Extension", "url").required);
}

TEST_CASE("every type that an element names has elements, is primitive or stands for any resource") {
  const std::set<std::string_view> types = reached_types();
  CHECK(types.size() > 100);
  for (const std::string_view type : types) {
    INFO(type);
    const int kinds = (elements_of(type).empty() ? 0 : 1) + (is_primitive_type(type) ? 1 : 0) +
                      (type == "Resource" ? 1 : 0);
    CHECK(kinds == 1);
  }
  for (const std::string_view needed :
       {"Address", "Annotation", "Attachment", "CodeableConcept", "Coding", "ContactPoint", "Dosage",
        "HumanName", "Identifier", "Meta", "Money", "Narrative", "Period", "Quantity", "Range", "Ratio",
        "Reference", "SampledData", "Timing"}) {
    INFO(needed);
    CHECK(types.count(needed) == 1);
  }
}

TEST_CASE("an element that is listed is the one that is found by its name") {
  for (const std::string_view type : reached_types()) {
    INFO(type);
    for (const FhirElement& one : elements_of(type)) CHECK(find_element(type, one.name) == &one);
  }
}

TEST_CASE("resources, data types and primitive types are told apart") {
  for (const std::string_view resource : kResources) CHECK(is_resource_type(resource));
  for (const std::string_view other :
       {"Coding", "Observation.component", "string", "Resource", "DomainResource", ""})
    CHECK_FALSE(is_resource_type(other));
  for (const std::string_view primitive :
       {"base64Binary", "boolean", "code", "dateTime", "decimal", "string", "xhtml"}) {
    CHECK(is_primitive_type(primitive));
    CHECK(elements_of(primitive).empty());
  }
  for (const std::string_view other : {"Coding", "Patient", "Resource", "String", ""})
    CHECK_FALSE(is_primitive_type(other));
}

TEST_CASE("a type that FHIR derives is a type, and a profile that only restricts one is none") {
  CHECK(element("Age", "value").type == "decimal");
  CHECK(element("Duration", "comparator").type == "code");
  CHECK(elements_of("SimpleQuantity").empty());
  CHECK(elements_of("MoneyQuantity").empty());
}

}  // namespace
}  // namespace fhir_mapper::test
