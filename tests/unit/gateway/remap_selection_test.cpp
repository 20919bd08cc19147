#include "gateway/remap_selection.h"

#include "gateway/unit_work.h"
#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using fhir_mapper::UnitKind;

const fhir_mapper::ReportUnit kOrder{UnitKind::observation, ssmix2::PatientId("0009"), "20260401", "1"};

/// A condition list of 0001, an order of 0009 and a held list of 0005, made and delivered in that order.
class Made {
 public:
  Made() {
    use_rules(state_->database, configuration_, at(0));
    make(condition_unit("0001"), content("A"), 10);
    make(kOrder, content("B"), 20);
    make(condition_unit("0005"), content("C"), 30);
    make(condition_unit("0005"), held(), 30);
  }

  void make(const fhir_mapper::ReportUnit& unit, const Snapshot& snapshot, std::int64_t when) {
    put(*state_, built(unit, snapshot), at(when));
    while (const auto claim = state_->outbox.claim(kPlatform, at(when))) {
      state_->outbox.record(*claim, Verdict::delivered, {}, at(when), at(when));
    }
    for (const DueUnit& due : state_->units.due_units(at(when), 100)) {
      state_->units.settle_due(due, std::nullopt);
    }
  }
  void change_rules() { configuration_.files.tables.front().bytes += "\n"; }

  /// Keys of the units that are marked.
  std::vector<std::string> marked(const RemapFilter& filter = {}) {
    const std::int64_t told = mark_for_remap(state_->database, configuration_, filter);
    std::vector<std::string> keys;
    for (const DueUnit& due : units().units_to_remap(100)) {
      CHECK(due.urgency == Urgency::remap);
      keys.push_back(units().find(due.id)->unit.key());
    }
    CHECK(told == static_cast<std::int64_t>(keys.size()));
    return keys;
  }

  Units& units() { return state_->units; }
  Configuration& configuration() { return configuration_; }

 private:
  SiteFolder site_;
  Configuration configuration_ = site_.configuration();
  std::unique_ptr<StateStore::Contents> state_ = empty_state();
};

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("What was made with older rules is marked, but not what is held") {
  Made made;
  CHECK(made.marked() == Keys{});
  made.change_rules();
  CHECK(made.marked() == Keys{"Condition|0001", kOrder.key()});
}

TEST_CASE("With all also what was made with the same rules is marked") {
  Made made;
  CHECK(made.marked({.all = true}) == Keys{"Condition|0001", kOrder.key()});
}

TEST_CASE("Units are chosen by type, patient and the day of their last change") {
  Made made;
  made.change_rules();
  CHECK(made.marked({.since = at(21)}) == Keys{});
  CHECK(made.marked({.patient = ssmix2::PatientId("7")}) == Keys{});
  made.configuration().settings.destinations.front().types = {"Condition", "AllergyIntolerance"};
  CHECK(made.marked({.kinds = {UnitKind::observation}}) == Keys{});  // no longer taken
  made.configuration().settings.destinations.front().types = {"Condition", "Observation"};
  SECTION("type") {
    CHECK(made.marked({.kinds = {UnitKind::observation}}) == Keys{kOrder.key()});
  }
  SECTION("day") {
    CHECK(made.marked({.since = at(20)}) == Keys{kOrder.key()});
  }
  SECTION("patient, whatever its leading zeros") {
    CHECK(made.marked({.patient = ssmix2::PatientId("1")}) == Keys{"Condition|0001"});
  }
}

TEST_CASE("A day begins at midnight of the facility's zone, and what changed in that instant is of the day") {
  const std::int64_t midnight = 15 * 3'600;  // of 2 April in Japan; at() counts from 1 April in UTC
  const TimeZone japan = *TimeZone::named("+09:00");
  CHECK(first_instant_of("2026-04-02", japan) == at(midnight));
  CHECK(first_instant_of("2026-04-02", *TimeZone::named("-03:30")) == at(24 * 3'600 + 3 * 3'600 + 1'800));
  CHECK(first_instant_of("2026-04-02", *TimeZone::named("UTC")) == at(24 * 3'600));
  Made made;
  made.make(condition_unit("0011"), content("D"), midnight - 1);
  made.make(condition_unit("0012"), content("E"), midnight);
  made.change_rules();
  CHECK(made.marked({.since = first_instant_of("2026-04-02", japan)}) == Keys{"Condition|0012"});
}

TEST_CASE("What is no date as 2026-04-01 is none") {
  const TimeZone japan = *TimeZone::named("+09:00");
  for (const char* text : {"", "2026-4-1", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
                           "2026/04/01", "2026-04-011", "20a6-04-01", "2026-+4-01", "-026-04-01"}) {
    CAPTURE(text);
    CHECK_FALSE(first_instant_of(text, japan));
  }
  CHECK(first_instant_of("2028-02-29", japan));
}

TEST_CASE("What the storages ask for is made before what a person asks for") {
  Made made;
  made.change_rules();
  REQUIRE(made.marked().size() == 2);
  CHECK(next_units(made.units(), at(50)).size() == 2);
  const UnitId changed = made.units().mark_due(condition_unit("0007"), at(50));
  auto next = next_units(made.units(), at(50));
  REQUIRE(next.size() == 1);
  CHECK(next.front().id == changed);
  made.units().settle_due(next.front(), at(60));  // something settles: the time is used
  next = next_units(made.units(), at(50));
  CHECK(next.size() == 2);
  for (const DueUnit& unit : next) made.units().settle_due(unit, std::nullopt);
  CHECK(next_units(made.units(), at(50)).empty());
}

TEST_CASE("A marked unit that is made anew for another reason is not made a second time") {
  Made made;
  made.change_rules();
  REQUIRE(made.marked().size() == 2);
  made.make(condition_unit("0001"), content("D"), 40);
  CHECK(made.units().units_to_remap(100).size() == 1);
}
