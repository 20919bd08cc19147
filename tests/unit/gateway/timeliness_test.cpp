#include "gateway/timeliness.h"

#include "gateway/type_report.h"
#include "tests/unit/gateway/ledger_storage.h"
#include "tests/unit/gateway/outbox_run.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;

// The tests' day begins at 09:00 in Tokyo.
const TimeZone kTokyo = *TimeZone::named("Asia/Tokyo");
constexpr std::int64_t kHour = 3'600;
const std::string kName = "0001234_-_PPR-01_999999999999999_20260402093000123_01_1";
const std::string kMaster = "0001234_-_ADT-00_000000000000000_20260402093000123_-_1";

DestinationSettings platform() {
  DestinationSettings settings;
  settings.id = kPlatform;
  return settings;
}

/// One unit whose document changes, and a destination that accepts it.
class Change : public Delivery {
 public:
  /// First seen so many seconds after 09:00, made at once.
  void see(std::int64_t seconds, const Snapshot& snapshot) {
    put(snapshot);  // the unit is known
    Changes(database()).note(unit_named(contents(), condition_unit().key()), at(seconds));
    put(snapshot);
    settle();
  }
  std::optional<Changes::Accepted> accept(std::int64_t seconds) {
    return outbox().record(taken(), Verdict::delivered, {}, at(seconds), at(seconds)).accepted;
  }
  TypeReport report(std::int64_t seconds) {
    return read_type_reports(database(), platform(), kTokyo, at(seconds)).at("Condition");
  }
};

std::string changes_of(LedgerStorage& storage) {
  return value_of(storage.state().database, "SELECT COUNT(*) FROM change");
}

}  // namespace

TEST_CASE("A day begins at midnight of the facility") {
  CHECK(begin_of_day(at(0), kTokyo) == at(-9 * kHour));
  CHECK(begin_of_day(at(15 * kHour - 1), kTokyo) == at(-9 * kHour));
  CHECK(begin_of_day(at(15 * kHour), kTokyo) == at(15 * kHour));
  CHECK(begin_of_day(at(0), *TimeZone::named("UTC")) == at(0));
}

TEST_CASE("A change that is accepted before midnight counts for its day, one after midnight does not") {
  Change change;
  change.see(0, content("A"));
  const auto accepted = change.accept(15 * kHour - 1);
  REQUIRE(accepted.has_value());
  CHECK(accepted->seen == at(0));
  CHECK(accepted->kind == fhir_mapper::UnitKind::condition);
  CHECK(change.report(20 * kHour).same_day == 1);
  change.see(15 * kHour - 1, content("B"));
  change.accept(15 * kHour);
  CHECK(change.report(20 * kHour).same_day == 1);
  CHECK(change.report(20 * kHour).later == 1);
  CHECK(change.report(20 * kHour).same_day_share() == 0.5);
}

TEST_CASE("What is not accepted waits, and is overdue after midnight") {
  Change change;
  change.see(0, content("A"));
  CHECK(change.report(kHour).waiting == 1);
  CHECK(change.report(kHour).overdue == 0);
  CHECK(change.report(kHour).oldest_waiting == at(0));
  CHECK_FALSE(change.report(kHour).same_day_share());
  CHECK(change.report(15 * kHour).overdue == 1);
  CHECK(change.report(15 * kHour).same_day_share() == 0.0);
  change.accept(16 * kHour);
  CHECK(change.report(16 * kHour).waiting == 0);
  CHECK(change.report(16 * kHour).overdue == 0);
  CHECK(change.report(16 * kHour).later == 1);
}

TEST_CASE("Changes that come while the first one waits are one with it") {
  Change change;
  change.see(0, content("A"));
  change.see(kHour, content("B"));
  CHECK(change.report(2 * kHour).waiting == 1);
  CHECK(change.accept(2 * kHour)->seen == at(0));
  CHECK(change.report(2 * kHour).same_day == 1);
}

TEST_CASE("An older version that is accepted ends nothing") {
  Change change;
  change.see(0, content("A"));
  const Claim older = change.taken();
  change.see(60, content("B"));
  CHECK_FALSE(change.outbox().record(older, Verdict::delivered, {}, at(120), at(120)).accepted);
  change.pass(180);
  CHECK(change.accept(180)->seen == at(0));
}

TEST_CASE("Neither a refusal nor a promise ends a change") {
  const auto verdict = GENERATE(Verdict::rejected, Verdict::in_result, Verdict::later, Verdict::unknown);
  Change change;
  change.see(0, content("A"));
  CHECK_FALSE(change.outbox().record(change.taken(), verdict, {}, at(60), at(60)).accepted);
  CHECK(change.report(kHour).waiting == 1);
}

TEST_CASE("What is held waits as well") {
  Change change;
  change.see(0, held());
  CHECK(change.report(15 * kHour).overdue == 1);
}

TEST_CASE("What leaves the content as it was is no change for the destination") {
  Change change;
  change.deliver(content("A"));
  change.see(kHour, content("A"));
  CHECK(change.report(2 * kHour).waiting == 0);
  CHECK(change.report(2 * kHour).same_day == 0);
}

TEST_CASE("A snapshot that a person drops is waited for no longer") {
  Change change;
  change.see(0, unfit("A"));
  CHECK(change.report(15 * kHour).overdue == 1);
  CHECK(change.order(PersonOrder::drop) == OrderResult::done);
  CHECK(change.report(15 * kHour).overdue == 0);
}

TEST_CASE("A unit that is still to be made waits for every destination that takes its type") {
  Change change;
  change.deliver(content("A"));
  Changes(change.database()).note(unit_named(change.contents(), condition_unit().key()), at(0));
  CHECK(change.report(kHour).waiting == 1);
  change.put(content("B"));
  CHECK(change.report(kHour).waiting == 1);  // not twice
}

// --- from when on ---

TEST_CASE("A change begins when its document is first seen, not when it is accepted") {
  LedgerStorage storage;
  storage.see_in(folder_of(kName), {kName});
  const Instant seen = storage.now();
  storage.pass(10min);
  storage.accept(kName);
  CHECK(value_of(storage.state().database, "SELECT seen FROM change") ==
        std::to_string(seen.time_since_epoch().count()));
}

TEST_CASE("A document that still grows was first seen when it was first seen") {
  LedgerStorage storage;
  storage.see_in(folder_of(kName), {kName}, {100, 1});
  const Instant seen = storage.now();
  storage.pass(10min);
  storage.see_in(folder_of(kName), {kName}, {200, 2});
  storage.accept(kName, {200, 2});
  CHECK(value_of(storage.state().database, "SELECT seen FROM change") ==
        std::to_string(seen.time_since_epoch().count()));
}

TEST_CASE("A document that cannot be used, too, is a change that is not accepted") {
  LedgerStorage storage;
  storage.see_in(folder_of(kName), {kName});
  storage.refuse(kName, {ssmix2::FailureCode::file_unreadable, {}, {}});
  CHECK(changes_of(storage) == "1");
}

TEST_CASE("A rename is a change of its unit") {
  LedgerStorage storage;
  storage.see_in(folder_of(kName), {kName});
  storage.accept(kName);
  storage.due();  // made
  CHECK(changes_of(storage) == "0");
  storage.see_in(folder_of(kName), {with_flag(kName, '0')});
  CHECK(changes_of(storage) == "1");
}

TEST_CASE("Who a patient is changes all of the units that are made of it") {
  LedgerStorage storage;
  storage.see_in(folder_of(kMaster), {kMaster});
  storage.accept(kMaster, kSameStat, "somebody");
  CHECK(changes_of(storage) == "2");  // both lists
}

TEST_CASE("What a first reading finds was there before, and is no change") {
  LedgerStorage storage;
  storage.ledger().tally().set("main", kLoadBegan, 1);
  storage.see_in(folder_of(kName), {kName});
  storage.accept(kName);
  CHECK(changes_of(storage) == "0");
  storage.ledger().tally().set("main", kSwept, 1);
  storage.ledger().end_loads();
  const std::string newer = "0001234_-_PPR-01_999999999999999_20260403093000123_01_1";
  storage.see_in(folder_of(kName), {with_flag(kName, '2'), newer});
  CHECK(changes_of(storage) == "1");
}
