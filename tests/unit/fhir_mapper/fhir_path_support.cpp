#include "tests/unit/fhir_mapper/fhir_path_support.h"

#include "fhir_mapper/node_path.h"

namespace fhir_mapper::test {
namespace {

constexpr std::string_view kPatient = R"json({
  "resourceType": "Patient", "id": "p1", "active": true, "birthDate": "1960-02-29",
  "_birthDate": {"extension": [{"url": "urn:time", "valueDateTime": "1960-02-29T09:30:00+09:00"}]},
  "_gender": {"extension": [{"url": "urn:why", "valueCode": "unknown"}]},
  "name": [
    {"text": "架橋　太郎", "family": "架橋", "given": ["太郎"], "use": "official",
     "extension": [{"url": "urn:kind", "valueCode": "IDE"}]},
    {"text": "カキョウ タロウ", "family": "カキョウ", "given": ["タロウ", "二郎"],
     "extension": [{"url": "urn:kind", "valueCode": "SYL"}]}
  ],
  "identifier": [{"system": "urn:oid:1.2", "value": "0001234"}, {"system": "urn:oid:1.3", "value": "7"}],
  "deceasedBoolean": false,
  "extension": [{"url": "urn:number", "valueIdentifier": {"value": "1310000001"}}],
  "contained": [{"resourceType": "Organization", "id": "o1", "name": "架橋病院"}],
  "managingOrganization": {"reference": "#o1"}
})json";

constexpr std::string_view kObservation = R"json({
  "resourceType": "Observation", "id": "a", "status": "final", "effectiveDateTime": "2026-04-01",
  "issued": "2026-04-01T09:30:00+09:00",
  "code": {"coding": [{"system": "urn:a", "code": "X"}, {"system": "urn:b", "code": "Y"}], "text": "K"},
  "valueQuantity": {"value": 7.20, "unit": "mg/dL", "code": "mg/dL"},
  "referenceRange": [{"low": {"value": 3, "code": "mg/dL"}, "high": {"value": 10.5, "code": "mg/dL"}},
                     {"text": "x"}],
  "component": [{"code": {"coding": [{"system": "urn:a", "code": "X"}]}, "valueInteger": 4}]
})json";

}  // namespace

std::string_view word_for(FhirPath::Verdict verdict) {
  switch (verdict) {
    case FhirPath::Verdict::holds:
      return "holds";
    case FhirPath::Verdict::fails:
      return "fails";
    case FhirPath::Verdict::nothing:
      return "nothing";
    case FhirPath::Verdict::unevaluable:
      break;
  }
  return "unevaluable";
}

std::string verdict_on(std::string_view json, std::string_view expression) {
  const Tree tree = tree_of(json);
  const auto path = FhirPath::compile(expression);
  if (path.has_error()) return "column " + std::to_string(path.error().column) + ": " + path.error().message;
  return std::string(word_for(path->test(tree.root(), "", FhirPathWorld(tree.root(), tree.root()))));
}

std::string on_patient(std::string_view expression) {
  return verdict_on(kPatient, expression);
}

std::string on_observation(std::string_view expression) {
  return verdict_on(kObservation, expression);
}

std::string found_in(std::string_view json, std::string_view expression) {
  const Tree tree = tree_of(json);
  const FhirPath path = FhirPath::compile(expression).value();
  const auto found = path.find(tree.root(), "", FhirPathWorld(tree.root(), tree.root()));
  if (!found.has_value()) return "unevaluable";
  std::string text;
  for (const FhirPath::Found& each : *found) {
    if (!text.empty()) text += " ";
    text.append(each.type).append(":").append(printed_json(*each.node));
  }
  return text;
}

}  // namespace fhir_mapper::test
