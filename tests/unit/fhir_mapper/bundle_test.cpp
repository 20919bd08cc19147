#include "fhir_mapper/bundle.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

Node& resource(Tree& tree, const char* type) {
  Node& node = tree.object();
  tree.set(node, "resourceType", tree.text(type));
  return node;
}

std::string bundle(UnitKind kind, BundleFlavour flavour) {
  MappedUnit unit;
  unit.patient = &resource(unit.tree, "Patient");
  unit.resources = {&resource(unit.tree, "First"), &resource(unit.tree, "Second")};
  return json_of(make_bundle(std::move(unit), kind, flavour, "1319999999^2026^C1", "1.12.0"));
}

const std::string kEntries = R"("entry":[{"fullUrl":"<url 0>","resource":{"resourceType":"Patient"}},)"
                             R"({"fullUrl":"<url 1>","resource":{"resourceType":"First"}},)"
                             R"({"fullUrl":"<url 2>","resource":{"resourceType":"Second"}}]})";
const std::string kIdentifier =
    R"("identifier":{"system":"http://jpfhir.jp/fhir/clins/bundle-identifier","value":"1319999999^2026^C1"},)"
    R"("type":"collection","timestamp":"<time>",)";

TEST_CASE("a CLINS Bundle has its profile with the pack's version, its tag and its Bundle-ID") {
  CHECK(
      bundle(UnitKind::condition, BundleFlavour::clins) ==
      R"({"resourceType":"Bundle","meta":{"lastUpdated":"<time>",)"
      R"("profile":["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS|1.12.0"],)"
      R"("tag":[{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS","code":"Condition"}]},)" +
          kIdentifier + kEntries);
}

TEST_CASE("a plain Bundle has neither profile nor tag") {
  CHECK(bundle(UnitKind::condition, BundleFlavour::plain) ==
        R"({"resourceType":"Bundle","meta":{"lastUpdated":"<time>"},)" + kIdentifier + kEntries);
}

TEST_CASE("a prescription by itself is never a CLINS Bundle") {
  CHECK(flavour_for(UnitKind::medication_request, true) == BundleFlavour::plain);
  CHECK(flavour_for(UnitKind::medication_request, false) == BundleFlavour::plain);
  CHECK(flavour_for(UnitKind::observation, true) == BundleFlavour::clins);
  CHECK(flavour_for(UnitKind::observation, false) == BundleFlavour::plain);
}

}  // namespace
}  // namespace fhir_mapper::test
