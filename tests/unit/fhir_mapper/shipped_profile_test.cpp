// The shipped packs: Bundles of the gateway keep them, and each rule of the guide is seen failing.
#include "fhir_mapper/profile_check.h"
#include "tests/unit/fhir_mapper/profile_packs.h"
#include "tests/unit/fhir_mapper/support.h"
#include "tests/unit/json_tree.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kDiseases = "PPR-01/modifiers-and-an-ended-one";
const std::string kResults = "OML-11/values-and-codes";
const std::string kAllergies = "ADT-61/drug-food-pollen-contraindication";

std::string golden(const std::string& name) {
  return read_file(std::string(KAKEHASHI_GOLDEN_DIR) + "/" + name + ".json");
}

/// Everywhere.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  INFO(from);
  REQUIRE(text.find(from) != std::string::npos);
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::set<std::string> rules_of(const std::string& json, const std::string& pack) {
  std::set<std::string> found;
  const Tree tree = tree_of(json);
  for (const ProfileIssue& issue : check_profiles(tree.root(), shipped_pack(pack))) found.insert(issue.rule);
  return found;
}

std::set<std::string> errors_of(const std::string& json, const std::string& pack) {
  std::set<std::string> found;
  const Tree tree = tree_of(json);
  for (const ProfileIssue& issue : check_profiles(tree.root(), shipped_pack(pack))) {
    if (issue.severity == IssueSeverity::error) found.insert(issue.rule + " at " + issue.location);
  }
  return found;
}

using Errors = std::set<std::string>;

struct Damage {
  std::string rule;
  std::string bundle;
  std::string from;
  std::string to;
};

TEST_CASE("Bundles of the gateway are without an error by either version") {
  for (const std::string& name : {kDiseases, kResults, kAllergies, std::string("ADT-00/al1-fallback")}) {
    for (const std::string pack : {"jp-clins-1.5.3", "jp-clins-1.12.0"}) {
      const Tree tree = tree_of(golden(name));
      for (const ProfileIssue& issue : check_profiles(tree.root(), shipped_pack(pack))) {
        INFO(name << " " << pack << " " << issue.location << " " << issue.rule << " " << issue.en);
        CHECK(issue.severity == IssueSeverity::warning);
      }
    }
  }
}

/// The last one alone.
std::string last_replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.rfind(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a rule about all entries of a Bundle stays at the Bundle and names the entry that breaks it") {
  struct Case {
    std::string rule;
    std::string bundle;
    std::string from;
  };
  for (const Case& each :
       {Case{"R9013C/condition-needs-contained-of-Encounter", kDiseases, "JP_Encounter\""},
        Case{"R9014C/condition-needs-extension-of-Department", kDiseases, "JP_eCS_Department\""},
        Case{"R9011/all-entries-needs-extension-of-institutionNumber", kDiseases,
             "JP_eCS_InstitutionNumber\""},
        Case{"R9013O/observation-needs-contained-of-Encounter", kResults, "JP_Encounter\""}}) {
    INFO(each.rule);
    const std::string json = golden(each.bundle);
    const Tree tree = tree_of(last_replaced(json, each.from, "Other\""));
    const std::size_t last = tree.root().find("entry")->size() - 1;
    REQUIRE(last > 1);
    std::size_t found = 0;
    for (const ProfileIssue& issue : check_profiles(tree.root(), shipped_pack("jp-clins-1.5.3"))) {
      if (issue.rule != each.rule) continue;
      ++found;
      CHECK(issue.location == "Bundle");
      CHECK(issue.cause == "Bundle.entry[" + std::to_string(last) + "].resource");
    }
    CHECK(found == 1);
  }
}

TEST_CASE("every rule of JP-CLINS 1.5.3 that a Bundle of the gateway can break is told by its id") {
  const std::string onset = "\"onsetDateTime\"";
  const std::vector<Damage> damages = {
      {"R0211/first-bundle-entry-is-Patient", kDiseases, R"("resourceType": "Patient")",
       R"("resourceType": "Device")"},
      {"R0212/patients-profile-is-JP-Patient-eCS", kDiseases, "JP_Patient_eCS|", "JP_Patient|"},
      {"R0213/bundle-profile-is-JP-Bundle-CLINS", kDiseases, "JP_Bundle_CLINS|", "JP_Bundle|"},
      {"R02141/bundle-meta-tag-resourceType-exists", kDiseases, "BundleResourceType_CS", "Other_CS"},
      {"R02142/bundle-meta-tag-resourceType-valid", kDiseases, R"("code": "Condition")",
       R"("code": "Device")"},
      {"R02143/mustHaveOneMoreResources-with-designatedResourceType", kDiseases, R"("code": "Condition")",
       R"("code": "Observation")"},
      {"R02151/valid-system-bundleIdenfifier", kDiseases, "/clins/bundle-identifier", "/clins/identifier"},
      {"R2152/valid-value-bundleIdenfifier", kDiseases, "1319999999^20", "1319999999^19"},
      {"R9011/all-entries-needs-extension-of-institutionNumber", kDiseases, "JP_eCS_InstitutionNumber",
       "Other"},
      {"R9012/all-entries-needs-valid-institutionNumber", kDiseases, R"("value": "1319999999")",
       R"("value": "131")"},
      {"valid-value-institutionNumberExtension", kDiseases, R"("value": "1319999999")", R"("value": "131")"},
      {"R9013C/condition-needs-contained-of-Encounter", kDiseases, "JP_Encounter\"", "JP_Encounter|1\""},
      {"R9013C/condition-needs-onsetDateTime", kDiseases, onset, "\"onsetString\""},
      {"R9014C/condition-needs-extension-of-Department", kDiseases, "JP_eCS_Department", "Other"},
      {"R9016C/condition-needs-encounter/unattached", kDiseases, "\"encounter\": {", "\"asserter\": {"},
      {"validEntryProfile-Condition", kDiseases, "eCS/StructureDefinition/JP_Condition_eCS",
       "core/StructureDefinition/JP_Condition"},
      {"R1010/valid-system-local-patientID", kDiseases, "20.3.51.11319999999", "20.3.51.21319999999"},
      {"R1011/valid-system-local-patientID-with-institutionNumber/unattached", kDiseases,
       "20.3.51.11319999999", "20.3.51.11319999998"},
      {"R1012/valid-system-insurance-patientIdentifier", kDiseases, "JP_Insurance_memberID", "Other"},
      {"R1013/valid-value-insurance-patientIdentifier", kDiseases, ":05\"", ":5\""},
      {"R1112/either-KanjiName-KanaName-exist/unattached", kDiseases, "iso21090-EN-representation", "Other"},
      {"R1113/kanjiName-kanaName-donot-contain-ZenkakuKuuhaku", kDiseases, "架橋 太郎", "架橋　太郎"},
      {"R1021/valid-value-institutionNumber/unattached", kDiseases, R"("value": "1319999999")",
       R"("value": "131")"},
      {"validEntryProfile-AllergyIntolerance", kAllergies,
       "eCS/StructureDefinition/JP_AllergyIntolerance_eCS", "core/StructureDefinition/JP_AllergyIntolerance"},
      {"validEntryProfile-ObservationLabResult", kResults,
       "eCS/StructureDefinition/JP_Observation_LabResult_eCS",
       "core/StructureDefinition/JP_Observation_LabResult"},
      {"R9013O/observation-needs-contained-of-Encounter", kResults, "JP_Encounter\"", "JP_Encounter|1\""},
      {"R9014O/observation-needs-extension-of-Department", kResults, "JP_eCS_Department", "Other"},
      {"R901101/resource-needs-extension-of-institutionNumber", kResults, "JP_eCS_InstitutionNumber",
       "Other"},
      {"R9016O/observation-needs-encounter/unattached", kResults, "\"encounter\": {", "\"device\": {"},
      {"R9017O/observation-needs-performer/unattached", kResults, "\"performer\"", "\"derivedFrom\""},
      {"R9019O/observation-needs-contained-of-Practitioner/unattached", kResults, "JP_Practitioner\"",
       "JP_Practitioner|1\""},
      {"R1090/valid-system-local-doctorID/unattached", kResults, "20.3.41.11319999999",
       "20.3.41.21319999999"},
      {"R6021/needs-localCode-observation-laboresult/unattached", kResults, "LocalCode_CS", "Other_CS"},
      {"clins-lab-display", kResults, R"("display": "TP")", R"("display": "TPx")"},
      {"clins-lab-value", kResults, "\"valueQuantity\"", "\"extra\""},
      {"clins-lab-text", kResults, R"("display": "総蛋白_血清")", R"("display": "総　蛋白")"},
      {"binding", kResults, R"("code": "3A010000002327101")", R"("code": "3A015000002329101")"},
      {"con-4", kDiseases, R"("code": "resolved")", R"("code": "active")"},
      {"dom-3", kResults, "\"#practitioner\"", "\"#encounter\""},
      {"reference-dangling", kResults, "\"#practitioner\"", "\"#nobody\""},
      {"bundle-fullUrl-unique", kDiseases, "-000000000002\"", "-000000000001\""},
  };
  for (const Damage& damage : damages) {
    INFO(damage.rule);
    const std::string whole = golden(damage.bundle);
    CHECK_FALSE(rules_of(whole, "jp-clins-1.5.3").contains(damage.rule));
    CHECK(rules_of(replaced(whole, damage.from, damage.to), "jp-clins-1.5.3").contains(damage.rule));
  }
}

TEST_CASE("1.12.0 demands what came after 1.5.3, and lets pass what became possible") {
  const std::vector<Damage> damages = {
      {"R6081/observation-has-no-hasMember", kResults, "\"subject\": {",
       "\"hasMember\": [{\"display\":\"x\"}], \"subject\": {"},
      {"R9017O/observation-needs-performer", kResults, "\"performer\"", "\"derivedFrom\""},
      {"R9016C/condition-needs-encounter", kDiseases, "\"encounter\": {", "\"asserter\": {"},
      {"R9019O/observation-needs-contained-of-Practitioner", kResults, "JP_Practitioner\"",
       "JP_Practitioner|1\""},
      {"clins-lab-status", kResults, R"("status": "final")", R"("status": "amended")"},
      {"clins-condition-status", kDiseases, R"("code": "active")", R"("code": "recurrence")"},
      {"clins-condition-ended", kDiseases, R"("code": "resolved")", R"("code": "inactive")"},
  };
  for (const Damage& damage : damages) {
    INFO(damage.rule);
    const std::string damaged = replaced(golden(damage.bundle), damage.from, damage.to);
    CHECK_FALSE(rules_of(golden(damage.bundle), "jp-clins-1.12.0").contains(damage.rule));
    CHECK(rules_of(damaged, "jp-clins-1.12.0").contains(damage.rule));
    CHECK_FALSE(rules_of(damaged, "jp-clins-1.5.3").contains(damage.rule));
  }
  const std::string public_payer =
      replaced(replaced(golden(kDiseases), "JP_Insurance_memberID", "JP_PublicPayer_memberID"),
               "06139999:あいう:１８７:05", "12345678::1234567:");
  CHECK(rules_of(public_payer, "jp-clins-1.5.3").contains("R1012/valid-system-insurance-patientIdentifier"));
  CHECK_FALSE(
      rules_of(public_payer, "jp-clins-1.12.0").contains("R1012/valid-system-insurance-patientIdentifier"));
  CHECK_FALSE(
      rules_of(public_payer, "jp-clins-1.12.0").contains("R1013/valid-value-insurance-patientIdentifier"));
}

TEST_CASE("a character that could not be read is a warning, and the list goes out all the same") {
  const std::string whole = golden(kDiseases);
  const std::string damaged =
      replaced(whole, R"("text": "両側変形性膝関節症・術後")", "\"text\": \"両側\uFFFD形性膝関節症・術後\"");
  CHECK_FALSE(rules_of(whole, "jp-clins-1.5.3").contains("primitive"));
  for (const std::string pack : {"jp-clins-1.5.3", "jp-clins-1.12.0"}) {
    CHECK(rules_of(damaged, pack).contains("primitive"));
    CHECK(errors_of(damaged, pack) == Errors{});
  }
}

TEST_CASE("a shared item's code that came after the tables is an error in 1.5.3 and a warning in 1.12.0") {
  const std::string whole = golden(kResults);
  const std::string newer =
      replaced(whole, R"("code": "3A010000002327101")", R"("code": "3A010000002399801")");
  CHECK_FALSE(errors_of(newer, "jp-clins-1.5.3").empty());
  CHECK(errors_of(newer, "jp-clins-1.12.0") == Errors{});
  CHECK(rules_of(newer, "jp-clins-1.12.0").size() > rules_of(whole, "jp-clins-1.12.0").size());
}

TEST_CASE("a prescription may have the code of a standard's ingredient alone since 1.12.0") {
  const std::string whole = golden("OMP-01/two-rps");
  const std::string coded = replaced(whole, "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
                                     "http://capstandard.jp/CodeSystem/KikakubetsuYakuzaiSeibun");
  const std::string error = "R3010/needs-anyOfStandardCode-medication at Bundle.entry[1].resource";
  CHECK_FALSE(errors_of(whole, "jp-clins-1.5.3").contains(error));
  CHECK(errors_of(coded, "jp-clins-1.5.3").contains(error));
  CHECK_FALSE(errors_of(coded, "jp-clins-1.12.0").contains(error));
}

TEST_CASE(
    "the number of an institution has no digit too many since 1.12.0, also in the Patient's extension") {
  const std::string rule = "valid-value-institutionNumberExtension";
  const std::string longer =
      replaced(golden(kDiseases), R"("value": "1319999999")", R"("value": "13199999991")");
  CHECK(rules_of(longer, "jp-clins-1.12.0").contains(rule));
  CHECK_FALSE(rules_of(longer, "jp-clins-1.5.3").contains(rule));
}

TEST_CASE("FHIR's rules about the type of a Bundle hold for none without one") {
  const std::string untyped = replaced(golden(kDiseases), R"("type": "collection",)", "");
  const auto errors = errors_of(untyped, "jp-clins-1.5.3");
  for (const std::string error : {"min at Bundle", "bdl-3 at Bundle", "bdl-4 at Bundle"})
    CHECK(errors.contains(error));
  CHECK_FALSE(errors_of(golden(kDiseases), "jp-clins-1.5.3").contains("bdl-3 at Bundle"));
}

TEST_CASE("what stands beside no value of an array needs an extension") {
  const auto beside = [](const std::string& items) {
    return errors_of(replaced(golden(kDiseases), R"("family": "架橋",)",
                              R"("family": "架橋", "_given": [)" + items + "],"),
                     "jp-clins-1.5.3");
  };
  const std::string second = "ele-1 at Bundle.entry[0].resource.name[0].given[1]";
  CHECK(beside(R"({"id": "a"})") == Errors{});
  CHECK(beside(R"({"id": "a"}, {"id": "b"})").contains(second));
  CHECK_FALSE(
      beside(R"({"id": "a"}, {"extension": [{"url": "urn:x", "valueString": "x"}]})").contains(second));
}

TEST_CASE("what a pack does not decide is part of it") {
  CHECK(shipped_pack("jp-clins-1.5.3").complete());
  CHECK_FALSE(shipped_pack("jp-clins-1.12.0").complete());
  CHECK(shipped_pack("jp-clins-1.12.0").version() == "1.12.0");
  CHECK(shipped_pack("jp-clins-1.12.0").undecided().size() >
        shipped_pack("jp-clins-1.5.3").undecided().size());
  for (const ProfileRule& rule : shipped_pack("jp-clins-1.5.3").rules()) {
    INFO(rule.id);
    CHECK(rule.evaluated == rule.because.empty());
    CHECK_FALSE(rule.ja.empty());
  }
}

TEST_CASE("places that are filled in when a snapshot is sent count as filled in") {
  Tree tree;
  tree.set(tree.root(), "resourceType", Leaf(LastingText("Bundle")));
  tree.set(tree.root(), "type", Leaf(LastingText("collection")));
  tree.set(tree.root(), "timestamp", Leaf(SnapshotTime{}));
  Node& entries = tree.array_at(tree.root(), "entry");
  for (std::uint32_t index : {0u, 1u}) {
    Node& entry = tree.object();
    tree.set(entry, "fullUrl", Leaf(EntryUrl{index}));
    Node& resource = tree.object_at(entry, "resource");
    tree.set(resource, "resourceType", Leaf(index == 0 ? LastingText("Patient") : LastingText("Condition")));
    if (index == 0) {
      tree.set(resource, "gender", Leaf(LastingText("male")));
    } else {
      tree.set(tree.object_at(resource, "subject"), "reference", Leaf(EntryUrl{0}));
      tree.set(tree.object_at(resource, "recorder"), "reference", Leaf(EntryUrl{7}));
      tree.set(tree.object_at(resource, "verificationStatus"), "text", Leaf(LastingText("x")));
    }
    tree.append(entries, entry);
  }
  std::set<std::string> found;
  for (const ProfileIssue& issue :
       check_profiles(tree.root(), shipped_pack("jp-clins-1.5.3"), ProfileDemand::as_claimed)) {
    if (issue.severity == IssueSeverity::error) found.insert(issue.rule + " " + issue.location);
  }
  CHECK(found == std::set<std::string>{"reference-dangling Bundle.entry[1].resource.recorder",
                                       "binding Bundle.entry[1].resource.verificationStatus"});
}

}  // namespace
}  // namespace fhir_mapper::test
