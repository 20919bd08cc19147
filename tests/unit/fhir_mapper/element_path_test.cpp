#include "fhir_mapper/element_path.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string type_of(std::string_view path, std::string_view type = "Condition") {
  std::string why;
  const auto resolved = resolve_path(path, type, why);
  INFO(path << " " << why);
  REQUIRE(resolved.has_value());
  return std::string(resolved->type);
}

/// The messages of the elements that nobody makes.
std::vector<std::string> missing(const std::string& rules) {
  const auto mapping = load_mapping(mapping_of(resource_of(rules)), {});
  std::vector<std::string> messages;
  if (mapping.has_error()) {
    for (const ConfigError& error : mapping.error()) messages.push_back(error.place + " " + error.message);
  }
  return messages;
}
using Messages = std::vector<std::string>;

TEST_CASE("a path ends in a type of FHIR") {
  CHECK(type_of("code.coding[].system") == "uri");
  CHECK(type_of("onsetDateTime") == "dateTime");
  CHECK(type_of("code") == "CodeableConcept");
  CHECK(type_of("contained[]") == "Resource");
  CHECK(type_of("referenceRange[].low", "Observation") == "Quantity");
}

TEST_CASE("beside a primitive element there is what every type has") {
  CHECK(type_of("_recordedDate.id") == "string");
  CHECK(type_of("_birthDate.extension[].url", "Patient") == "uri");
  std::string why;
  CHECK_FALSE(resolve_path("_code.id", "Condition", why).has_value());
  CHECK_FALSE(resolve_path("_birthDate.text", "Patient", why).has_value());
}

TEST_CASE("how a value is written follows from the type, and only what FHIR can read goes in") {
  CHECK(conversion_for("dateTime") == Conversion::date_time);
  CHECK(conversion_for("positiveInt") == Conversion::integer);
  CHECK(conversion_for("markdown") == Conversion::text);
  CHECK(conversion_for("uri") == Conversion::code);
  CHECK(goes_into(Conversion::date, "dateTime"));
  CHECK_FALSE(goes_into(Conversion::date_time, "date"));
  CHECK_FALSE(goes_into(Conversion::date_time, "instant"));
  CHECK(goes_into(Conversion::integer, "decimal"));
  CHECK_FALSE(goes_into(Conversion::decimal, "integer"));
  CHECK(goes_into(Conversion::comparator, "code"));
  CHECK_FALSE(goes_into(Conversion::text, "decimal"));
  CHECK_FALSE(goes_into(Conversion::boolean, "code"));
}

TEST_CASE("what FHIR requires inside an object is missed where the object stands") {
  CHECK(missing(R"(<object path="note[]"><value path="time" from="PRB-2"/></object>)") ==
        Messages{"test.xml:3:2 Annotation needs text, and no rule makes it"});
  CHECK(
      missing("<value path=\"onsetString\" constant=\"x\"/>\n<value path=\"note[].time\" from=\"PRB-2\"/>") ==
      Messages{"test.xml:4:2 Annotation needs text, and no rule makes it"});
}

TEST_CASE("any of several objects for one element may make what is required") {
  CHECK(missing(R"(<object path="note[]"><value path="time" from="PRB-2"/></object>
                   <value path="note[].text" from="PRB-3.2"/>)")
            .empty());
  CHECK(missing(R"(<object path="note[]"><first><value path="text" from="PRB-17"/>
                   <value path="text" from="PRB-3.2"/></first></object>)")
            .empty());
}

TEST_CASE("of a required choice any type will do") {
  const auto medication = [](const std::string& element) {
    return load_mapping(mapping_of(R"(<resource id="m" type="MedicationRequest" document="OMP-01" row="RXE"
        instance="RXE-2"><value path="status" constant="active"/><value path="intent" constant="order"/>
        <value path="subject.reference" constant="#p"/>)" +
                                   element + "</resource>"),
                        {});
  };
  CHECK(medication(R"(<value path="medicationReference.reference" constant="#m"/>)").has_value());
  CHECK(medication(R"(<value path="medicationCodeableConcept.text" constant="m"/>)").has_value());
  const auto without = medication("");
  REQUIRE(without.has_error());
  CHECK(without.error().front().message == "MedicationRequest needs medication[x], and no rule makes it");
}

TEST_CASE("a contained resource needs what its own type requires") {
  CHECK(missing(R"(<object path="contained[]"><value path="resourceType" constant="Encounter"/>
                   <value path="status" constant="finished"/></object>)") ==
        Messages{"test.xml:3:2 Encounter needs class, and no rule makes it"});
  CHECK(missing(R"(<object path="contained[]"><value path="resourceType" constant="Encounter"/>
                   <value path="status" constant="finished"/></object>
                   <object path="contained[]"><value path="resourceType" constant="Practitioner"/></object>)") ==
        Messages{"test.xml:3:2 Encounter needs class, and no rule makes it"});
}

}  // namespace
}  // namespace fhir_mapper::test
