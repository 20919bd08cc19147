#include "gateway/state_restore.h"

#include "gateway/alarms.h"
#include "gateway/quiet_time.h"
#include "gateway/state_begin.h"
#include "gateway/unit_years.h"
#include "tests/unit/gateway/outbox_run.h"
#include "tests/unit/gateway/settings_text.h"

#include <fstream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// As a restore leaves it.
void distrust(Delivery& delivery) {
  delivery.settle();
  distrust_state(delivery.database(), loaded(kLeast), delivery.now(), Promises::none, delivery.tick());
}

void empty(Delivery& delivery) {
  delivery.put(nothing_left());
}

}  // namespace

TEST_CASE("After a restore nothing is sent before it is made again, and then also what did not change") {
  Delivery delivery;
  delivery.deliver(content("1"));
  distrust(delivery);
  CHECK(delivery.state() == "held");
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.is_due());
  delivery.put(content("1"));
  check_registers(delivery.taken(), "1");
}

TEST_CASE("After a restore a result of before is not asked for, and what waits is made again") {
  Delivery delivery;
  delivery.put(content("1"));
  delivery.promise(delivery.taken());
  delivery.put(content("2"));
  distrust(delivery);
  CHECK_FALSE(delivery.claim());
  delivery.put(content("2"));
  check_registers(delivery.taken(), "2");
}

TEST_CASE("After a restore a unit that is empty is deleted, whatever the backup knew of it") {
  Delivery delivery;
  SECTION("that it was delivered") {
    delivery.deliver(content("1"));
  }
  SECTION("that it was deleted already") {
    delivery.deliver(content("1"));
    empty(delivery);
    delivery.record(delivery.taken(), Verdict::delivered);
  }
  SECTION("that it was not sent yet") {
    delivery.put(content("1"));
  }
  distrust(delivery);
  empty(delivery);
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE(
    "A delete that was delivered before a restore counts no more where the destination comes back later") {
  Delivery delivery;
  delivery.deliver(content("1"));
  empty(delivery);
  delivery.record(delivery.taken(), Verdict::delivered);
  const Settings away = loaded(with(kLeast, kDestination, R"(<destination id="other")"));
  distrust_state(delivery.database(), away, delivery.now(), Promises::none, delivery.tick());
  CHECK_FALSE(delivery.claim());
  empty(delivery);
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE("After a restore a unit that never had a year is not deleted, because nobody can have it") {
  Delivery delivery;
  delivery.put(held());
  distrust(delivery);
  empty(delivery);
  CHECK(delivery.state() == "none");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("After a restore what a person ordered stays ordered") {
  Delivery delivery;
  delivery.deliver(content("1"));
  SECTION("a hold") {
    delivery.order(PersonOrder::hold);
    distrust(delivery);
    delivery.put(content("2"));
    CHECK_FALSE(delivery.claim());
    delivery.order(PersonOrder::release);
    delivery.put(content("1"));
    check_registers(delivery.taken(), "1");
  }
  SECTION("what was taken back is deleted once more") {
    delivery.order(PersonOrder::retract);
    delivery.record(delivery.taken(), Verdict::delivered);
    distrust(delivery);
    delivery.put(content("1"));
    const auto claim = delivery.taken();
    CHECK(claim.step == Claim::Step::delete_unit);
    delivery.record(claim, Verdict::delivered);
    CHECK(delivery.state() == "held");
  }
  SECTION("what was given up") {
    delivery.put(content("2"));
    delivery.order(PersonOrder::drop);
    distrust(delivery);
    delivery.put(content("2"));
    CHECK_FALSE(delivery.claim());
    delivery.put(content("3"));
    check_registers(delivery.taken(), "3");
  }
}

TEST_CASE("After a restore nothing is given up before it is made again: what comes could not be compared") {
  Delivery delivery;
  delivery.deliver(content("1"));
  const bool changed = GENERATE(false, true);
  if (changed) delivery.put(content("2"));
  distrust(delivery);
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::not_possible);
  CHECK(delivery.column("reason") == "restored");
  delivery.order(PersonOrder::hold);
  delivery.put(content("2"));
  CHECK_FALSE(delivery.claim());
  delivery.order(PersonOrder::release);
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::not_possible);
  delivery.put(content("2"));
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::done);
  delivery.put(content("2"));
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("After a restore storages are seen whole before a unit is made") {
  Delivery delivery;
  remember(delivery.database(), "scope main", "/srv/ssmix2 all");
  distrust(delivery);
  CHECK_FALSE(recalled(delivery.database(), "scope main"));
}

TEST_CASE("A restore is told until a person has seen it") {
  Delivery delivery;
  CHECK_FALSE(restored_at(delivery.database()));
  distrust(delivery);
  CHECK(restored_at(delivery.database()) == delivery.now());
  Alarms alarms(delivery.database());
  CHECK(alarms.is_raised("", AlarmKind::restored));
  CHECK(alarms.acknowledge() == 1);
}

TEST_CASE("Nothing is claimed while requests of which nobody knows may still be carried out") {
  Delivery delivery;
  delivery.put(content("1"));
  delivery.outbox().stay_quiet_until(at(100));
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.outbox().next_attempt(kPlatform) == at(100));
  delivery.pass(100);
  check_registers(delivery.taken(), "1");
}

TEST_CASE("A clock that is set neither ends nor lengthens the quiet after a restore") {
  const auto moved = GENERATE(std::int64_t{3'600}, std::int64_t{-3'600});
  Delivery delivery;
  delivery.put(content("1"));
  delivery.outbox().stay_quiet_until(at(100));
  delivery.pass(moved);
  {
    // The disk fails at first: it is tried again.
    Transaction undone(delivery.database());
    delivery.outbox().clock_was_set(kPlatform, std::chrono::seconds(moved), delivery.now());
  }
  delivery.outbox().clock_was_set(kPlatform, std::chrono::seconds(moved), delivery.now());
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.outbox().next_attempt(kPlatform) == at(100 + moved));
  delivery.pass(100);
  check_registers(delivery.taken(), "1");
}

TEST_CASE("What was sent before a restore is waited for, and longer where results were ever promised") {
  Delivery delivery;
  Settings settings = loaded(kLeast);
  DeliverySettings& times = settings.destinations.front().delivery;
  times.late_window_given = std::chrono::minutes(2);
  times.result_patience = std::chrono::minutes(30);
  const auto quiet = [&](Instant now) {
    return quiet_until(delivery.database(), settings, now).value_or(now);
  };
  SECTION("it was never restored") {
    delivery.deliver(content("1"));
    CHECK_FALSE(quiet_until(delivery.database(), settings, delivery.now()));
  }
  SECTION("nobody promised any") {
    delivery.deliver(content("1"));
    distrust(delivery);
    CHECK(quiet(delivery.now()) == delivery.now() + std::chrono::minutes(2));
    CHECK(quiet(delivery.now() + std::chrono::minutes(9)) == delivery.now() + std::chrono::minutes(2));
  }
  SECTION("one is awaited") {
    delivery.put(content("1"));
    delivery.promise(delivery.taken());
    delivery.database().execute("DELETE FROM history");
    distrust(delivery);
    CHECK(quiet(delivery.now() + std::chrono::minutes(5)) == delivery.now() + std::chrono::minutes(30));
    times.late_window_given = std::chrono::minutes(45);
    CHECK(quiet(delivery.now()) == delivery.now() + std::chrono::minutes(45));
  }
  SECTION("the backup is of a restored state, which has forgotten them") {
    delivery.put(content("1"));
    delivery.promise(delivery.taken());
    distrust(delivery);
    delivery.database().execute("DELETE FROM history");
    distrust(delivery);
    CHECK(quiet(delivery.now()) == delivery.now() + std::chrono::minutes(30));
  }
  SECTION("one came long ago") {
    delivery.put(content("1"));
    delivery.promise(delivery.taken());
    delivery.record(delivery.taken(), Verdict::delivered);
    delivery.deliver(content("2"));
    distrust(delivery);
    CHECK(quiet(delivery.now()) == delivery.now() + std::chrono::minutes(30));
    CHECK(quiet(at(-60)) == at(-60) + std::chrono::minutes(30));  // the clock was set back
  }
}

TEST_CASE("A unit that only an earlier database gave a year is deleted when it is empty") {
  Delivery delivery;
  delivery.database()
      .prepare("INSERT INTO known_year VALUES (?, 2025)")
      .with(year_mark(condition_unit()))
      .run();
  SECTION("from the first on") {
    empty(delivery);
  }
  SECTION("after it was made and not sent") {
    delivery.put(content("1"));
    empty(delivery);
  }
  SECTION("after it was held") {
    delivery.put(held());
    empty(delivery);
  }
  const auto claim = delivery.taken();
  CHECK(claim.step == Claim::Step::delete_unit);
  CHECK(claim.bundle_id == bundle_of(condition_unit(), 2025));
}

TEST_CASE("The years of the file count more than those of a restored database") {
  const Folder folder;
  const auto file = unit_years_file(folder.path());
  const auto state = [&] {
    auto contents =
        std::make_unique<StateStore::Contents>(folder.path() / "a.db", *TimeZone::named("Asia/Tokyo"));
    prepare_schema(contents->database);
    remember(contents->database, "institution-number", kInstitution);
    return contents;
  };
  {
    const auto writer = state();
    writer->keep_years_in(file);
    put(*writer, built(condition_unit("1"), content("1"), 2025), at(0));
    put(*writer, built(condition_unit("2"), content("2"), 2025), at(0));
  }
  const auto older = empty_state();
  put(*older, built(condition_unit("1"), content("1"), 2026), at(0));
  older->units.mark_due(condition_unit("2"), at(0));
  CHECK(UnitYears(older->database, file).believe_file() == 1);
  for (const auto* patient : {"1", "2"}) {
    CHECK(older->units.find(unit_named(*older, condition_unit(patient).key()))->year == 2025);
  }
  CHECK(older->keep_years_in(file) == UnitYears::Merged::nothing_new);
}

TEST_CASE("A restore that was killed when it could not be undone any more is finished, once") {
  const Folder folder;
  Settings settings = loaded(kLeast);
  settings.state_directory = folder.path();
  const auto file = database_file(settings);
  CHECK_FALSE(finish_restore(settings));
  for (const auto* ending : {"", "-wal"}) std::ofstream(std::filesystem::path(file).concat(ending)) << "old";
  std::ofstream(std::filesystem::path(file).concat(".restored")) << "new";
  const std::string killed = GENERATE("before anything was moved", "before the log was moved");
  std::optional<std::filesystem::path> aside;
  if (killed == "before the log was moved") {
    const auto other = folder.path() / "other";
    std::filesystem::rename(std::filesystem::path(file).concat("-wal"), other);
    aside = finish_restore(settings);
    std::filesystem::rename(file, std::filesystem::path(file).concat(".restored"));
    std::filesystem::rename(other, std::filesystem::path(file).concat("-wal"));
  }
  const auto rest = finish_restore(settings);
  REQUIRE(rest);
  CHECK(aside.value_or(*rest) == *rest);
  for (const auto* ending : {"", "-wal"})
    CHECK(std::filesystem::exists(std::filesystem::path(*rest).concat(ending)));
  std::string text;
  std::ifstream(file) >> text;
  CHECK(text == "new");
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path(file).concat("-wal")));
  CHECK_FALSE(finish_restore(settings));
}
