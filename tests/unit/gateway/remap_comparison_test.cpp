#include "gateway/remap_comparison.h"

#include "tests/unit/gateway/patient_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <sstream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using Catch::Contains;

/// What `remap --dry-run --json` tells of the patient.
std::string dry_run(DeliveredPatient& patient) {
  std::ostringstream out;
  RemapReport report(out, RemapReport::Format::json_lines, RemapReport::Values::hidden);
  const DestinationSettings& destination = patient.configuration().settings.destinations.front();
  RemapComparison(patient.database(), patient.configuration(), destination, report)
      .run(RemapSelection(patient.database(), patient.configuration(), destination, {}));
  report.finish();
  return out.str();
}

}  // namespace

TEST_CASE("A unit that comes out otherwise by other rules is told") {
  DeliveredPatient patient(problem_bytes());
  patient.deliver(now());
  patient.change_rules();
  CHECK_THAT(dry_run(patient), Contains(R"("units":1,"none":0,"rules":1)") && Contains("meta.tag"));
}

TEST_CASE("A unit that waits for a document is not compared") {
  DeliveredPatient patient(problem_bytes());
  patient.deliver(now());
  patient.change_rules();
  patient.see("0001234_-_PPR-01_999999999999999_20260403093000000_10_1", problem_bytes("Influenza"));
  CHECK_THAT(dry_run(patient), Contains(R"("change":"not-compared","elements":[])") &&
                                   Contains(R"("units":1,"none":0,"rules":0)") &&
                                   Contains(R"("not-compared":1,"taken_back":0)"));
}

TEST_CASE("A unit that is empty now is told as a delete only when an empty result is believed") {
  SECTION("its document has stood for long") {
    DeliveredPatient patient(finished_bytes(), kThen);
    patient.deliver(kThen);
    patient.change_rules();
    CHECK_THAT(dry_run(patient),
               Contains(R"("taken_back":true)") && Contains(R"("not-compared":0,"taken_back":1)"));
  }
  SECTION("its document came just now, and may be half of one") {
    DeliveredPatient patient(finished_bytes(), now());
    patient.deliver(kThen);
    patient.change_rules();
    const std::string told = dry_run(patient);
    CHECK_THAT(told,
               Contains(R"("change":"not-compared")") && Contains(R"("not-compared":1,"taken_back":0)"));
    CHECK_THAT(told, !Contains(R"("taken_back":true)"));
  }
}
