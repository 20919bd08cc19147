#include "gateway/units.h"

#include "tests/unit/gateway/state_support.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using fhir_mapper::ReportUnit;
using fhir_mapper::UnitKind;
using ssmix2::PatientId;

const ReportUnit kOrder{UnitKind::observation, PatientId("0001234"), "20260401", "000000000000001"};
const PatientId kPatient("0001234");

/// Keys of the due units, which are then done with.
std::vector<std::string> done(Units& units, Instant now) {
  std::vector<std::string> keys;
  for (const DueUnit& due : units.due_units(now, 100)) {
    keys.push_back(units.find(due.id)->unit.key());
    units.settle_due(due, std::nullopt);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}
using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("A unit has one id, whenever it is marked, and is found by it whole") {
  const auto state = empty_state();
  const UnitId id = state->units.mark_due(kOrder, at(0));
  CHECK(state->units.mark_due(kOrder, at(1)) == id);
  const auto known = state->units.find(id);
  REQUIRE(known);
  CHECK(known->unit == kOrder);
  CHECK_FALSE(known->year);
  CHECK_FALSE(state->units.find({id.value + 1}));
}

TEST_CASE("Units that differ in kind, patient, date or order number alone are several") {
  const auto state = empty_state();
  state->units.mark_due(kOrder, at(0));
  ReportUnit other = kOrder;
  SECTION("kind") {
    other.kind = UnitKind::medication_request;
  }
  SECTION("patient, by a leading zero") {
    other.patient = PatientId("001234");
  }
  SECTION("date") {
    other.date = "20260402";
  }
  SECTION("order number") {
    other.order_no = "000000000000002";
  }
  state->units.mark_due(other, at(0));
  CHECK(done(state->units, at(1)).size() == 2);
}

TEST_CASE("The year of a Bundle-ID is given once") {
  const auto state = empty_state();
  const UnitId id = state->units.mark_due(kOrder, at(0));
  state->units.give_year(id, 2026);
  state->units.give_year(id, 2027);
  CHECK(state->units.find(id)->year == 2026);
}

TEST_CASE("Due units come oldest first, not before their time, no more than asked for") {
  const auto state = empty_state();
  Units& units = state->units;
  units.mark_due(condition_unit("0001"), at(50));
  const UnitId oldest = units.mark_due(condition_unit("0002"), at(40));
  CHECK(units.next_due() == at(40));
  CHECK(units.due_units(at(39), 10).empty());
  CHECK(units.due_units(at(60), 1).at(0).id == oldest);
  const auto both = units.due_units(at(60), 10);
  CHECK(both.size() == 2);
  units.settle_due(both[0], at(100));
  units.settle_due(both[1], std::nullopt);
  CHECK(units.next_due() == at(100));
}

TEST_CASE("Held units are looked at again after a start, others are not") {
  const auto state = empty_state();
  put(*state, built(condition_unit("0001"), held()), at(0));
  put(*state, built(condition_unit("0002"), content("A")), at(0));
  done(state->units, at(1));
  state->units.mark_open_units_due(at(2));
  CHECK(done(state->units, at(3)) == Keys{"Condition|0001"});
}

TEST_CASE("Of a patient all units are marked or only the held orders, the two lists always") {
  const auto state = empty_state();
  ReportUnit held_order = kOrder;
  held_order.order_no = "000000000000002";
  put(*state, built(kOrder, content("A")), at(0));
  put(*state, built(held_order, held()), at(0));
  put(*state, built(condition_unit("0009"), held()), at(0));
  done(state->units, at(1));
  Keys expected{"AllergyIntolerance|0001234", "Condition|0001234", held_order.key()};
  SECTION("held") {
    state->units.mark_patient_due(kPatient, Units::OfPatient::held, at(2));
  }
  SECTION("all") {
    state->units.mark_patient_due(kPatient, Units::OfPatient::all, at(2));
    expected.insert(expected.begin() + 2, kOrder.key());
  }
  CHECK(done(state->units, at(3)) == expected);
}

TEST_CASE("Demographics are news when they are the first, or others than before") {
  const auto state = empty_state();
  CHECK(state->units.change_identity(kPatient, "one"));
  CHECK_FALSE(state->units.change_identity(kPatient, "one"));
  CHECK(state->units.change_identity(kPatient, "other"));
  CHECK(state->units.change_identity(PatientId("0009"), "one"));
}

TEST_CASE("A patient is kept once, with the number without leading zeros beside it") {
  const auto state = empty_state();
  state->units.mark_due(kOrder, at(0));
  state->units.change_identity(kPatient, "one");
  CHECK(value_of(state->database, "SELECT COUNT(*) FROM patient") == "1");
  CHECK(value_of(state->database, "SELECT canonical FROM patient") == "1234");
}
