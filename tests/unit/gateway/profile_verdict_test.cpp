#include "gateway/profile_verdict.h"

#include <catch2/catch.hpp>

using namespace gateway;
using fhir_mapper::Explanation;
using fhir_mapper::IssueSeverity;
using fhir_mapper::ProfileIssue;

namespace {

ProfileIssue issue(const std::string& location,
                   const std::string& rule = "R9015C/condition-needs-onsetDateTime",
                   IssueSeverity severity = IssueSeverity::error) {
  return {severity, location, rule, "JP_Condition_eCS", "the value 架橋太郎 is wrong", "値が正しくない"};
}

Explanation made(const std::string& element, const std::string& source) {
  return {element, "架橋太郎", "condition/" + element, "condition.xml:12", false, source, ""};
}

ssmix2::DocumentName order(const std::string& number) {
  ssmix2::DocumentName name;
  name.key.order_no = number;
  return name;
}

/// A Patient, and a Condition of the second PRB.
const ExplainedResources kExplained{
    {"Patient", {made("identifier[1].value", "$insured-identifier"), made("name[0].text", "PID[1]-5[1].1")}},
    {"Condition",
     {made("meta.profile[0]", "$pack-version"), made("code.coding[0].system", "constant"),
      made("code.coding[0].code", "PRB[2]-3.1"), made("code.coding[1].code", "PRB[2]-10.1"),
      made("valueQuantity.unit", "OBX[1]-6.2"), made("onsetDateTime", "PRB[2]-16")},
     "PRB[2]",
     order("000000026000354")}};

std::string source_at(const std::string& location) {
  const Explanation* found = explanation_at(location, kExplained);
  return found == nullptr ? "nothing" : found->source;
}

}  // namespace

TEST_CASE("A Bundle without an error is not broken, whatever a rule warns of") {
  CHECK_FALSE(broken_by({}, kExplained));
  CHECK_FALSE(broken_by({issue("Bundle", "R3010/warning", IssueSeverity::warning)}, kExplained));
}

TEST_CASE(
    "The reason of a rejection names rule, element, the place in the message and the mapping's rule, and no "
    "value") {
  const auto reason = broken_by({issue("Bundle", "R3010/warning", IssueSeverity::warning),
                                 issue("Bundle.entry[1].resource.code.coding[1].code", "code-unknown"),
                                 issue("Bundle.entry[0].resource")},
                                kExplained);
  REQUIRE(reason);
  CHECK(reason->reason.code == ssmix2::FailureCode::profile_broken);
  CHECK(reason->reason.detail.view() ==
        "code-unknown at Bundle.entry[1].resource.code.coding[1].code, of PRB[2]-10.1 by "
        "condition/code.coding[1].code (condition.xml:12); and R9015C/condition-needs-onsetDateTime");
  REQUIRE(reason->document);
  CHECK(reason->document->key.order_no == "000000026000354");
  CHECK(count_errors({issue("Bundle"), issue("Bundle", "w", IssueSeverity::warning), issue("Bundle")}) == 2);
}

TEST_CASE("A reason without anything known of the place still names rule and element") {
  CHECK(broken_by({issue("Bundle.meta", "min")}, kExplained)->reason.detail.view() == "min at Bundle.meta");
  CHECK(broken_by({issue("Bundle.entry[7].resource", "min")}, kExplained)->reason.detail.view() ==
        "min at Bundle.entry[7].resource");
}

TEST_CASE(
    "Of a rule about the whole Bundle the reason names the entry that breaks it, its row and its document") {
  ProfileIssue broken = issue("Bundle", "R9013O/observation-needs-contained-of-Encounter");
  broken.cause = "Bundle.entry[1].resource";
  const ExplainedResources explained{
      {"Patient", {}},
      {"Observation", {made("performer[0].reference", "ORC[1]-12.1")}, "OBX[3]", order("7")}};
  const auto breach = broken_by({broken}, explained);
  REQUIRE(breach);
  CHECK(
      breach->reason.detail.view() ==
      "R9013O/observation-needs-contained-of-Encounter at Bundle because of Bundle.entry[1].resource, in the "
      "row OBX[3]");
  const auto value = broken_by({issue("Bundle.entry[1].resource.performer[0].reference", "min")}, explained);
  REQUIRE(value);
  CHECK(value->reason.detail.view() ==
        "min at Bundle.entry[1].resource.performer[0].reference, in the row OBX[3], of ORC[1]-12.1 by "
        "condition/performer[0].reference (condition.xml:12)");
  REQUIRE(breach->document);
  CHECK(breach->document->key.order_no == "7");
  broken.cause.clear();
  CHECK_FALSE(broken_by({broken}, explained)->document);
}

TEST_CASE("The place of an issue is that of its element, of what is in it, or of the nearest of its row") {
  CHECK(source_at("Bundle.entry[1].resource.code.coding[1].code") == "PRB[2]-10.1");
  CHECK(source_at("Bundle.entry[1].resource.code.coding[1]") == "PRB[2]-10.1");
  CHECK(source_at("Bundle.entry[1].resource.code") == "PRB[2]-3.1");
  CHECK(source_at("Bundle.entry[1].resource.code.coding[1].display") == "PRB[2]-10.1");
  CHECK(source_at("Bundle.entry[1].resource.encounter.reference") == "PRB[2]-3.1");
  CHECK(source_at("Bundle.entry[1].resource") == "PRB[2]-3.1");
  CHECK(source_at("Bundle.entry[1].resource.value.ofType(Quantity).unit") == "OBX[1]-6.2");
  CHECK(source_at("Bundle.entry[1].resource.onset.ofType(dateTime)") == "PRB[2]-16");
  CHECK(source_at("Bundle.entry[0].resource.identifier[1].value") == "$insured-identifier");
  CHECK(source_at("Bundle.entry[99999999999999999999].resource") == "nothing");
  CHECK(source_at("Bundle") == "nothing");
}

TEST_CASE("Coding 10 is not taken for one in coding 1") {
  const ExplainedResources explained{
      {"Observation",
       {made("code.coding[10].code", "OBX[1]-3.4"), made("code.coding[1].code", "OBX[1]-3.1")}}};
  CHECK(explanation_at("Bundle.entry[0].resource.code.coding[1]", explained)->source == "OBX[1]-3.1");
}

TEST_CASE("Warnings are counted by their rule") {
  const auto warnings = warned_by({issue("Bundle", "R3010", IssueSeverity::warning), issue("Bundle", "min"),
                                   issue("Bundle.meta", "R3010", IssueSeverity::warning),
                                   issue("Bundle", "display", IssueSeverity::warning)});
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].detail.view() == "R3010, 2 times");
  CHECK(warnings[1].detail.view() == "display, 1 time");
  CHECK(rules_warned_by({issue("Bundle", "R3010", IssueSeverity::warning), issue("Bundle", "min"),
                         issue("Bundle.meta", "R3010", IssueSeverity::warning)}) ==
        std::set<std::string>{"R3010"});
  CHECK(kind_of(warnings[0].code).disposition == ssmix2::Disposition::ignored);
}
