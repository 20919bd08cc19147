#include "gateway/progress.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace std::chrono_literals;

constexpr auto kLong = 1h;

/// A gateway that does its work.
Progress at_work() {
  Progress progress;
  progress.status_age = 1s;
  progress.sweeps.push_back({"main", 60s, 10s});
  progress.deliveries.push_back({"platform", 30s, false, std::nullopt, kLong});
  progress.since_last_unit = kLong;
  return progress;
}

std::vector<std::string> conditions(const Progress& progress) {
  std::vector<std::string> names;
  for (const Standstill& each : standstills(progress)) names.push_back(each.condition.str());
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Whoever has nothing to do is ready, however long ago there was something") {
  CHECK(conditions(at_work()).empty());
}

TEST_CASE("A database that is at one piece of work for long stands still") {
  Progress progress = at_work();
  progress.storage_thread_busy = 29s;
  CHECK(conditions(progress).empty());
  progress.storage_thread_busy = 31s;
  CHECK(conditions(progress) == Names{"state"});
}

TEST_CASE("Nobody is ready before the database could be read, or when that is long ago") {
  Progress progress = at_work();
  progress.status_age = std::nullopt;
  CHECK(conditions(progress) == Names{"status"});
  progress.status_age = 6min;
  CHECK(conditions(progress) == Names{"status"});
}

TEST_CASE("While nothing new is read the gateway is not ready, and says only that") {
  Progress progress = at_work();
  progress.reads = false;
  progress.units_due_since = kLong;  // they wait on purpose
  CHECK(conditions(progress) == Names{"back-pressure"});
}

TEST_CASE("Sweeps have the time between two of them, and some more") {
  Progress progress = at_work();
  progress.sweeps.push_back({"volume2", 1h, 64min});
  CHECK(conditions(progress).empty());
  progress.sweeps.back().since_last = 66min;
  CHECK(conditions(progress) == Names{"sweeps"});
  CHECK(standstills(progress).front().explanation.str() ==
        "no folder of storage volume2 answered for 3960 s");
}

TEST_CASE("Documents that are being read for long stand still") {
  Progress progress = at_work();
  progress.look_lasts = 4min;
  CHECK(conditions(progress).empty());
  progress.look_lasts = 6min;
  CHECK(conditions(progress) == Names{"documents"});
}

TEST_CASE("Units that are due stand still only when none is made") {
  Progress progress = at_work();
  progress.units_due_since = kLong;
  CHECK(conditions(progress) == Names{"units"});
  progress.since_last_unit = 1s;  // a long backlog that moves
  CHECK(conditions(progress).empty());
}

TEST_CASE("Rows that are due stand still only when no request ends") {
  Progress progress = at_work();
  progress.deliveries.front().due_since = kLong;
  CHECK(conditions(progress) == Names{"deliveries"});
  SECTION("a long backlog that moves") {
    progress.deliveries.front().since_last = 1s;
    CHECK(conditions(progress).empty());
  }
  SECTION("the destination is away, which is no fault of the gateway") {
    progress.deliveries.front().paused = true;
    CHECK(conditions(progress).empty());
  }
  SECTION("a request may take its whole timeout, and one that waits for it, too") {
    progress.deliveries.front().timeout = 30min;
    CHECK(conditions(progress).empty());
  }
}

TEST_CASE("All that stands still is named, each with its place") {
  Progress progress = at_work();
  progress.storage_thread_busy = kLong;
  progress.sweeps.front().since_last = kLong;
  progress.deliveries.front().due_since = kLong;
  CHECK(conditions(progress) == Names{"state", "sweeps", "deliveries"});
}
