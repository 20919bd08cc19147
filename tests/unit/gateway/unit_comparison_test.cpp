#include "gateway/unit_comparison.h"

#include "tests/unit/gateway/patient_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <sstream>

#include <catch2/catch.hpp>

namespace {

using gateway::ReconcileReport;
using gateway::UnitComparison;
using Depth = UnitComparison::Depth;
using namespace gateway::test;

class Compared : public DeliveredPatient {
 public:
  using DeliveredPatient::DeliveredPatient;

  std::string compare(Depth depth) {
    std::ostringstream out;
    ReconcileReport report(out, ReconcileReport::Format::text);
    UnitComparison(database(), configuration(), depth, report).run();
    report.finish();
    return out.str();
  }
};

constexpr const char* kAllTheSame = "tree 0 files, known 0, units 1, sent 1; differences 0, unexplained 0\n";

}  // namespace

TEST_CASE("A unit that was delivered as its documents make it now is no difference") {
  Compared compared(problem_bytes());
  compared.deliver(gateway::now());
  CHECK(compared.compare(Depth::states) == kAllTheSame);
  CHECK(compared.compare(Depth::content) == kAllTheSame);
}

TEST_CASE("What time alone took out of a unit is explained, and a change of its documents is not") {
  Compared compared(finished_bytes());
  compared.deliver(kThen);
  CHECK_THAT(compared.compare(Depth::content), Catch::StartsWith("1 x unit:aged: "));
  compared.database().execute("UPDATE outbox SET content_hash = zeroblob(32)");
  CHECK_THAT(compared.compare(Depth::content), Catch::StartsWith("1 x unit:stale UNEXPLAINED: "));
}

TEST_CASE("What was made with other rules is explained as long as those still make it") {
  Compared compared(problem_bytes());
  compared.deliver(gateway::now());
  compared.change_rules();
  CHECK_THAT(compared.compare(Depth::content), Catch::StartsWith("1 x unit:other-rules: "));
  compared.database().execute("UPDATE outbox SET content_hash = zeroblob(32)");
  CHECK_THAT(compared.compare(Depth::content), Catch::StartsWith("1 x unit:stale UNEXPLAINED: "));
}

TEST_CASE("A unit whose documents make nothing needs no row, and one whose documents make something does") {
  Compared finished(finished_bytes());
  finished.deliver(gateway::now());
  CHECK(finished.compare(Depth::states) ==
        "tree 0 files, known 0, units 0, sent 0; differences 0, unexplained 0\n");
  Compared live(problem_bytes());
  live.deliver(gateway::now());
  live.database().execute("DELETE FROM outbox");
  CHECK_THAT(live.compare(Depth::states), Catch::StartsWith("1 x unit:not-made UNEXPLAINED: "));
}

TEST_CASE("A unit that is still to be made is due, and one that waits tells until when") {
  Compared compared(problem_bytes());
  CHECK_THAT(compared.compare(Depth::states), Catch::StartsWith("2 x unit:due: "));
  compared.database().execute("UPDATE unit SET due = 4102444800000");
  CHECK_THAT(compared.compare(Depth::states), Catch::Contains("until 2100-01-01T09:00:00.000+09:00"));
}

TEST_CASE("Comparing needs nothing but to read") {
  Compared compared(problem_bytes());
  compared.deliver(gateway::now());
  compared.database().execute("PRAGMA query_only = 1");
  CHECK(compared.compare(Depth::content) == kAllTheSame);
}
