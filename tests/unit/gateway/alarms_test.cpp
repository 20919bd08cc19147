#include "gateway/alarms.h"

#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using gateway::AlarmKind;
using gateway::Alarms;
using namespace gateway::test;

}  // namespace

TEST_CASE("An alarm is news once, and lasts until it is cleared") {
  const auto state = empty_state();
  Alarms alarms(state->database);
  CHECK_FALSE(alarms.is_raised("main", AlarmKind::outage));
  CHECK(alarms.raise("main", AlarmKind::outage, "the root is not there", at(0)));
  CHECK(alarms.is_raised("main", AlarmKind::outage));
  CHECK_FALSE(alarms.raise("main", AlarmKind::outage, "the root is not there", at(10)));
  CHECK(alarms.clear("main", AlarmKind::outage));
  CHECK_FALSE(alarms.is_raised("main", AlarmKind::outage));
  CHECK_FALSE(alarms.clear("main", AlarmKind::outage));
  CHECK(alarms.raise("main", AlarmKind::outage, "the root is not there", at(20)));
}

TEST_CASE("An alarm that goes on for another reason keeps its age and tells the newer reason") {
  const auto state = empty_state();
  Alarms alarms(state->database);
  alarms.raise("main", AlarmKind::outage, "the root is not there", at(0));
  alarms.raise("main", AlarmKind::outage, "the root cannot be read", at(10));
  REQUIRE(alarms.all().size() == 1);
  CHECK(alarms.all()[0].storage == "main");
  CHECK(alarms.all()[0].kind == AlarmKind::outage);
  CHECK(alarms.all()[0].since == at(0));
  CHECK(alarms.all()[0].explanation == "the root cannot be read");
}

TEST_CASE("Alarms of another storage, of another kind and of no storage are others") {
  const auto state = empty_state();
  Alarms alarms(state->database);
  alarms.raise("main", AlarmKind::outage, "a", at(0));
  CHECK(alarms.raise("second", AlarmKind::outage, "b", at(0)));
  CHECK(alarms.raise("main", AlarmKind::unreadable, "c", at(0)));
  CHECK(alarms.raise("", AlarmKind::clock, "d", at(0)));
  CHECK(alarms.all().size() == 4);
  CHECK(alarms.clear("main", AlarmKind::outage));
  CHECK(alarms.is_raised("second", AlarmKind::outage));
  CHECK(alarms.is_raised("main", AlarmKind::unreadable));
}

TEST_CASE("The names of alarms are stable: monitoring of sites knows them") {
  CHECK(name_of(AlarmKind::outage) == "outage");
  CHECK(name_of(AlarmKind::unreadable) == "unreadable");
  CHECK(name_of(AlarmKind::clock) == "clock");
}

TEST_CASE("Alarms of storages that are no longer in the settings go, those of the machine stay") {
  const auto state = empty_state();
  Alarms alarms(state->database);
  alarms.raise("main", AlarmKind::outage, "a", at(0));
  alarms.raise("second", AlarmKind::unreadable, "b", at(0));
  alarms.raise("", AlarmKind::clock, "c", at(0));
  alarms.drop_all_but({"main"});
  CHECK(alarms.is_raised("main", AlarmKind::outage));
  CHECK_FALSE(alarms.is_raised("second", AlarmKind::unreadable));
  CHECK(alarms.is_raised("", AlarmKind::clock));
}
