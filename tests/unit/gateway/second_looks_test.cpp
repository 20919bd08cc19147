#include "gateway/second_looks.h"

#include "gateway/alarms.h"
#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using gateway::FolderId;
using gateway::Instant;
using gateway::SecondLookTable;
using namespace gateway::test;
using namespace std::chrono_literals;

std::int64_t ns(Instant instant) {
  return std::chrono::nanoseconds(instant.time_since_epoch()).count();
}

/// The table of an empty state.
class Looks {
 public:
  void add(std::int64_t folder, Instant changed, Instant accepted) {
    table_.add({folder}, ns(changed), accepted);
  }
  std::vector<SecondLookTable::Due> due(Instant now, std::size_t limit = 100) {
    return table_.due(now, limit);
  }
  void look(Instant now) {
    for (const auto& each : due(now)) table_.done(each);
  }
  bool none() { return due(at(100'000'000)).empty(); }

 private:
  std::unique_ptr<gateway::StateStore::Contents> state_ = empty_state();
  SecondLookTable table_{state_->database};
};

}  // namespace

TEST_CASE("What was accepted is looked at again a minute and a day later, then no more") {
  Looks looks;
  looks.add(7, at(0), at(0));
  CHECK(looks.due(at(0) + 59s).empty());
  REQUIRE(looks.due(at(0) + 61s).size() == 1);
  CHECK(looks.due(at(0) + 61s)[0].folder == FolderId{7});
  looks.look(at(0) + 61s);
  CHECK(looks.due(at(0) + 24h - 1s).empty());
  REQUIRE(looks.due(at(0) + 24h + 2s).size() == 1);
  looks.look(at(0) + 24h + 2s);
  CHECK(looks.none());
}

TEST_CASE("A look that was not done stays due, also over days") {
  Looks looks;
  looks.add(7, at(0), at(0));
  CHECK(looks.due(at(0) + 24h * 30).size() == 1);
  CHECK(looks.due(at(0) + 24h * 30).size() == 1);
}

TEST_CASE("A file that has been the same for a day needs no second look, a younger one does") {
  Looks looks;
  looks.add(7, at(0), at(0) + 24h);
  CHECK(looks.none());
  looks.add(7, at(0) + 1s, at(0) + 24h);
  CHECK_FALSE(looks.none());
}

TEST_CASE("A file of tomorrow, by another machine's clock, is looked at again like a new one") {
  Looks looks;
  looks.add(7, at(0) + 24h, at(0));
  CHECK(looks.due(at(0) + 61s).size() == 1);
}

TEST_CASE("A folder whose documents were accepted within a second is looked at once") {
  Looks looks;
  for (int i = 0; i < 100; ++i) looks.add(7, at(0), at(0) + i * 10ms);
  looks.add(8, at(0), at(0));
  CHECK(looks.due(at(0) + 62s).size() == 2);
  looks.look(at(0) + 62s);
  CHECK(looks.due(at(0) + 24h + 2s).size() == 2);
}

TEST_CASE("Looks come oldest first, no more than asked for") {
  Looks looks;
  looks.add(9, at(0), at(0));
  looks.add(7, at(10), at(10));
  const auto due = looks.due(at(100), 1);
  REQUIRE(due.size() == 1);
  CHECK(due[0].folder == FolderId{9});
}

TEST_CASE("A storage that is away puts off its own looks and nobody else's") {
  LedgerStorage storage;
  storage.write(kProblemName, kSameStat, "main");
  storage.write(kOtherPatientName, kSameStat, "second");
  storage.sweep("main");
  storage.sweep("second");
  SecondLookTable table(storage.state().database);
  const FolderId there = storage.folder_id(folder_of(kProblemName), "main");
  const FolderId away = storage.folder_id(folder_of(kOtherPatientName), "second");
  table.add(away, ns(at(0)), at(0));
  table.add(there, ns(at(0)), at(0));
  gateway::Alarms alarms(storage.state().database);
  alarms.raise("second", gateway::AlarmKind::outage, "the root is empty", at(0));

  const auto due = gateway::due_looks(storage.state(), at(100));
  REQUIRE(due.looks.size() == 1);
  CHECK(due.looks[0].folder == there);
  CHECK(due.folders.size() == 1);
  CHECK(due.folders.at("main").size() == 1);
  CHECK(table.next(away) > at(100) + 59s);

  for (const auto& each : due.looks) table.done(each);
  alarms.clear("second", gateway::AlarmKind::outage);
  const auto back = gateway::due_looks(storage.state(), at(200));
  REQUIRE(back.looks.size() == 1);
  CHECK(back.looks[0].folder == away);
  CHECK_FALSE(back.looks[0].last);
}

TEST_CASE("Where everything that is due was put off, there may be more behind it") {
  LedgerStorage storage;
  storage.write(kProblemName);
  storage.sweep();
  SecondLookTable table(storage.state().database);
  CHECK(gateway::due_looks(storage.state(), at(100)).none);
  table.add(storage.folder_id(folder_of(kProblemName)), ns(at(0)), at(0));
  gateway::Alarms(storage.state().database)
      .raise("main", gateway::AlarmKind::outage, "the root is empty", at(0));
  const auto due = gateway::due_looks(storage.state(), at(100));
  CHECK(due.looks.empty());
  CHECK_FALSE(due.none);
  CHECK(gateway::due_looks(storage.state(), at(100)).none);
}
