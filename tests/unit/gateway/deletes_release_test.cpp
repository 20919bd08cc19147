#include "gateway/deletes_release.h"

#include "gateway/unit_plan.h"
#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using ssmix2::FailureCode;
using Action = UnitPlan::Action;

constexpr auto kDeleteSettle = std::chrono::minutes(10);
constexpr int kFirst = 3'000'000;

std::string problem_of(int patient) {
  std::string name = kProblemName;
  return name.replace(0, name.find('_'), std::to_string(patient));
}

/// Many patients with a list each, of which the first ones are deleted.
class Deleting {
 public:
  explicit Deleting(int patients) {
    StorageSettings settings;
    settings.delete_settle = kDeleteSettle;
    settings.delete_limit_percent = 1.0;
    settings_.storages["main"] = settings;
    for (int i = 0; i < patients; ++i) storage_.write(problem_of(kFirst + i));
    storage_.sweep();
    storage_.accept_all();
  }

  void remove(int from, int to) {
    storage_.change_time(++time_);
    for (int i = from; i < to; ++i)
      storage_.rename(problem_of(kFirst + i), with_flag(problem_of(kFirst + i), '0'));
    storage_.sweep();
    storage_.pass(kDeleteSettle);
  }
  ReleasedDeletes release(const std::string& storage = "main") {
    return release_deletes(state().database, storage_.ledger(), storage_.units(), storage, storage_.now());
  }
  UnitPlan plan(int patient) {
    const auto unit = unit_named(state(), "Condition|" + std::to_string(kFirst + patient));
    return plan_unit(state().database, unit, settings_, storage_.now()).value();
  }
  bool is_mass(int patient) {
    const UnitPlan plan = this->plan(patient);
    if (plan.action != Action::hold) return false;
    CHECK(plan.reason->code == FailureCode::gate_mass_delete);
    return true;
  }
  LedgerStorage& storage() { return storage_; }
  StorageSettings& settings() { return settings_.storages["main"]; }
  StateStore::Contents& state() { return storage_.state(); }

 private:
  LedgerStorage storage_;
  PlanSettings settings_;
  std::int64_t time_ = 1;
};

}  // namespace

TEST_CASE("Deletes that a person lets go are believed, and no others") {
  Deleting deleting(60);
  deleting.remove(0, 21);
  CHECK(deleting.is_mass(0));
  deleting.release("second");
  CHECK(deleting.is_mass(0));
  deleting.release();
  CHECK_FALSE(deleting.is_mass(0));
  CHECK(deleting.plan(0).action == Action::build);
  CHECK(deleting.plan(0).documents.empty());
  deleting.storage().tick();
  deleting.remove(21, 41);
  CHECK_FALSE(deleting.is_mass(21));  // twenty by themselves, forty-one together
  deleting.storage().pass(-kDeleteSettle / 2);
  deleting.remove(41, 43);
  CHECK(deleting.is_mass(21));
  CHECK(deleting.is_mass(42));
  CHECK_FALSE(deleting.is_mass(0));
}

TEST_CASE("What a person let go stays so when as many follow soon") {
  Deleting deleting(60);
  deleting.settings().sweep_interval = 6 * kDeleteSettle;
  deleting.remove(0, 21);
  deleting.release();
  deleting.storage().tick();
  deleting.remove(21, 42);
  CHECK(deleting.is_mass(21));
  CHECK_FALSE(deleting.is_mass(0));
}

TEST_CASE("After the clock went back nothing that comes is let go by what a person said before") {
  Deleting deleting(30);
  deleting.storage().pass(std::chrono::hours(24));
  deleting.release();
  deleting.storage().pass(-std::chrono::hours(24));
  deleting.storage().ledger().forget_future(deleting.storage().now());
  deleting.storage().tick();
  deleting.remove(0, 21);
  CHECK(deleting.is_mass(0));
}

TEST_CASE("Missing documents are counted when they are let go, unless all are missing") {
  Deleting deleting(30);
  for (int i = 0; i < 25; ++i) {
    const std::string name = problem_of(kFirst + i);
    deleting.storage().see_in(folder_of(name), {});
  }
  CHECK(deleting.release().missing == 25);
  CHECK(missing_released(deleting.state().database, "main") == 25);
  end_missing_release(deleting.state().database, "main");
  CHECK(missing_released(deleting.state().database, "main") == 0);
  for (int i = 25; i < 30; ++i) deleting.storage().see_in(folder_of(problem_of(kFirst + i)), {});
  CHECK(deleting.release().missing == 0);
}
