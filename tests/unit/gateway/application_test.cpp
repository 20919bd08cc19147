#include "gateway/application.h"

#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// A run that has done everything for its one destination, but for what the test changes.
struct Once {
  Once() { report.destinations[kPlatform] = {}; }
  RunResult result() const { return result_of_once(report, settings, all_seen); }
  OutboxReport& outbox() { return report.destinations[kPlatform]; }

  Settings settings = loaded(kLeast);
  StatusReport report;
  bool all_seen = true;
};

}  // namespace

TEST_CASE("A single run that has done everything tells so, and its destination may have what it has") {
  Once once;
  CHECK(once.result() == RunResult::done);
  once.outbox().by_state[OutboxState::delivered] = 3;
  CHECK(once.result() == RunResult::done);
}

TEST_CASE("A single run that ends before its work does not tell that all is done") {
  Once once;
  SECTION("units are to be made again") {
    once.report.units_to_remap = 1;
  }
  SECTION("a delete settles") {
    once.report.units_waiting = 1;
  }
  SECTION("a storage was not seen whole") {
    once.all_seen = false;
  }
  SECTION("something is not sent yet, is held, or was rejected") {
    const auto state = GENERATE(OutboxState::pending, OutboxState::in_result, OutboxState::unknown,
                                OutboxState::held, OutboxState::rejected);
    once.outbox().by_state[state] = 1;
  }
  CHECK(once.result() == RunResult::something_left);
}

TEST_CASE("A destination that cannot be reached is told before all else, unless nothing is sent there") {
  Once once;
  once.outbox().paused_since = at(0);
  CHECK(once.result() == RunResult::done);
  once.report.units_to_remap = 1;
  once.outbox().by_state[OutboxState::pending] = 1;
  CHECK(once.result() == RunResult::unreachable);
  once.report.units_to_remap = 0;
  once.settings.destinations.front().mode = DestinationMode::dry_run;
  CHECK(once.result() == RunResult::done);
}
