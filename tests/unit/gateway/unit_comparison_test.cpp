#include "gateway/unit_comparison.h"

#include "gateway/document_reader.h"
#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/state_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <sstream>

#include <catch2/catch.hpp>

namespace {

using gateway::Configuration;
using gateway::Instant;
using gateway::OutboxState;
using gateway::ReconcileReport;
using gateway::UnitComparison;
using Depth = UnitComparison::Depth;
using namespace gateway::test;

/// 2021: what ended in 2017 is sent then, and no longer when this test runs.
const Instant kThen = std::chrono::sys_days(std::chrono::year(2021) / 1 / 1);
/// A problem of 2016 that ended in 2017.
std::string finished_bytes() {
  return with(problem_bytes(), "|||20260301|||||||||20260301|", "|||20160301||20170301|||||||20160301|");
}

/// A patient with an ADT-00 and a problem list on disk and in the ledger.
class Compared {
 public:
  explicit Compared(const std::string& problems) {
    write_document(site_.root(), kMasterName, master_bytes());
    write_document(site_.root(), kProblemName, problems);
    auto folder = state_->ledger.add_patient_folder("main", "000/123/0001234", kThen);
    std::vector<gateway::FolderToLookAt> waiting{folder};
    while (!waiting.empty()) {
      const auto listings = gateway::look_at(
          site_.root(), waiting, {.trust_mtime = false, .stat_files = gateway::LookRules::Stat::always});
      waiting.clear();
      for (const auto& listing : listings) observe(listing, waiting);
    }
  }

  /// Takes the snapshots of that time, and has them delivered at that time.
  void deliver(Instant when) {
    gateway::use_rules(state_->database, configuration_, when);
    for (const auto& due : state_->units.due_units(gateway::now(), 10)) {
      const auto plan = plan_unit(state_->database, due.id, plan_settings(), gateway::now());
      state_->outbox.put(due.id, build_unit(*plan, configuration_, when), when);
      state_->units.settle_due(due, std::nullopt);
    }
    state_->database.execute("DELETE FROM delivery");
    state_->database.execute("UPDATE outbox SET transmissions = 1");
  }

  gateway::Database& database() { return state_->database; }

  void change_rules() { configuration_.settings.destinations.front().untold = gateway::Untold::none; }

  std::string compare(Depth depth) {
    std::ostringstream out;
    ReconcileReport report(out, ReconcileReport::Format::text);
    UnitComparison(state_->database, configuration_, depth, report).run();
    report.finish();
    return out.str();
  }

 private:
  void observe(const gateway::FolderListing& listing, std::vector<gateway::FolderToLookAt>& waiting) {
    const auto observed = state_->ledger.observe("main", listing, kThen);
    waiting.insert(waiting.end(), observed.to_look_at.begin(), observed.to_look_at.end());
    for (const auto& document : observed.to_settle) {
      const auto read = gateway::read_document(site_.root() / document.document.relative_path());
      REQUIRE(read.has_value());
      state_->ledger.accept(document.document, read->stat, "", kThen);
    }
  }
  gateway::PlanSettings plan_settings() const {
    gateway::PlanSettings settings;
    settings.storages.emplace("main", configuration_.settings.storages.front());
    return settings;
  }

  SiteFolder site_;
  Configuration configuration_ = site_.configuration();
  std::unique_ptr<gateway::StateStore::Contents> state_ = empty_state();
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
