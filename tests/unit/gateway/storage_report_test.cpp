#include "gateway/storage_report.h"

#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using gateway::AlarmKind;
using gateway::Alarms;
using gateway::LoadReport;
using gateway::StorageReport;
using namespace gateway::test;

/// A storage with four documents, whose first reading began at at(0).
class Reading {
 public:
  Reading() {
    for (int i = 1; i <= 4; ++i) {
      storage.write(
          with("0001234_20260401_OML-11_00000000000000N_20260401093000000_-_1", "N", std::to_string(i)));
    }
    storage.sweep();
    set(gateway::kLoadBegan, at(0).time_since_epoch().count());
    set(gateway::kLoadPatients, 100);
    set(gateway::kLoadPatientsListed, 100);
  }
  void set(std::string_view name, std::int64_t count) { storage.ledger().tally().set("main", name, count); }
  void read(int documents) {
    for (const auto& each : storage.ledger().unsettled({}, static_cast<std::size_t>(documents))) {
      storage.ledger().accept(each.document, each.stat, "", at(1));
    }
  }
  StorageReport report() { return read_storage_report(storage.state().database, "main"); }
  LoadReport load() {
    const auto load = report().load;
    REQUIRE(load);
    return *load;
  }

  LedgerStorage storage;
};

}  // namespace

TEST_CASE("How far a first reading is: documents read, their speed, and the time that is left") {
  Reading reading;
  CHECK(reading.load().documents_read == 0);
  CHECK_FALSE(reading.load().seconds_left(at(10)));  // nobody knows the speed yet
  reading.read(1);
  const LoadReport load = reading.load();
  CHECK(load.documents_read == 1);
  CHECK(load.documents == 4);
  CHECK(load.documents_per_second(at(10)) == Approx(0.1));
  CHECK(load.seconds_left(at(10)) == 30);
  reading.read(3);
  CHECK(reading.load().seconds_left(at(10)) == 0);
}

TEST_CASE("While patients are still being listed the documents are estimated from those that were") {
  Reading reading;
  reading.set(gateway::kLoadPatientsListed, 10);
  CHECK(reading.load().documents == 40);
  reading.read(2);
  CHECK(reading.load().seconds_left(at(10)) == 190);
  CHECK(to_text(reading.load(), at(1)) == "2 of about 40 documents read, 2/s, 19 s left");
  reading.set(gateway::kLoadPatientsListed, 100);
  CHECK(to_text(reading.load(), at(1)) == "2 of 4 documents read, 2/s, 1 s left");
}

TEST_CASE("Before the first patient is listed there is nothing to estimate from") {
  Reading reading;
  reading.set(gateway::kLoadPatientsListed, 0);
  CHECK(reading.load().documents == 4);
}

TEST_CASE("A clock that went back since a reading began gives no speed and no negative time") {
  Reading reading;
  reading.read(1);
  CHECK(reading.load().documents_per_second(at(-10)) == 0);
  CHECK_FALSE(reading.load().seconds_left(at(-10)));
}

TEST_CASE("A reading that is over, or never began, is not told") {
  Reading reading;
  reading.set(gateway::kLoadBegan, 0);
  CHECK_FALSE(reading.report().load);
  CHECK_FALSE(read_storage_report(reading.storage.state().database, "second").load);
}

TEST_CASE("The share of hot folders that are watched is told where some are to be watched") {
  Reading reading;
  CHECK_FALSE(reading.report().watched_share());
  reading.set(gateway::kHotFolders, 0);
  CHECK_FALSE(reading.report().watched_share());
  reading.set(gateway::kHotFolders, 200);
  CHECK(reading.report().watched_share() == 1.0);
  reading.set(gateway::kUnwatchedFolders, 50);
  CHECK(reading.report().watched_share() == 0.75);
}

TEST_CASE("A storage's report has its own counts and alarms, and those of no other") {
  Reading reading;
  Alarms alarms(reading.storage.state().database);
  alarms.raise("main", AlarmKind::outage, "the root is not there", at(0));
  alarms.raise("second", AlarmKind::unreadable, "x", at(0));
  alarms.raise("", AlarmKind::clock, "y", at(0));
  const StorageReport report = reading.report();
  REQUIRE(report.alarms.size() == 1);
  CHECK(report.alarms[0].kind == AlarmKind::outage);
  CHECK(report.counts.at("documents") == 4);
  CHECK(report.counts.at("live-documents") == 4);
}
