#include "gateway/units.h"

#include "gateway/outbox_state.h"
#include "gateway/stored_instant.h"
#include "gateway/timeliness.h"
#include "gateway/unit_years.h"

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using fhir_mapper::UnitKind;

}  // namespace

std::optional<KnownUnit> Units::find(UnitId id) {
  auto select = database_.prepare(
      "SELECT unit.kind, patient.number, unit.date, unit.order_no, unit.year "
      "FROM unit JOIN patient ON patient.id = unit.patient WHERE unit.id = ?");
  if (!select.with(id.value).step()) return std::nullopt;
  KnownUnit known{{static_cast<UnitKind>(select.integer(0)), ssmix2::PatientId(select.text(1)),
                   select.text(2), select.text(3)},
                  std::nullopt};
  known.year = select.is_null(4) ? known_year(database_, known.unit)
                                 : std::optional(static_cast<int>(select.integer(4)));
  return known;
}

std::int64_t Units::patient_row(const ssmix2::PatientId& patient) {
  {
    auto select = database_.prepare("SELECT id FROM patient WHERE number = ?");
    if (select.with(patient.reveal()).step()) return select.integer(0);
  }
  database_.prepare("INSERT INTO patient (number, canonical) VALUES (?, ?)")
      .with(patient.reveal(), patient.canonical())
      .run();
  return database_.last_row_id();
}

UnitId Units::mark_due(const ReportUnit& unit, Instant when) {
  auto insert = database_.prepare(
      "INSERT INTO unit (patient, kind, date, order_no, due) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (patient, kind, date, order_no) DO UPDATE SET due = excluded.due, marks = marks + 1 "
      "RETURNING id");
  insert.with(patient_row(unit.patient), static_cast<std::int64_t>(unit.kind), unit.date, unit.order_no,
              to_milliseconds(when));
  insert.step();
  const UnitId id{insert.integer(0)};
  insert.run();
  return id;
}

UnitId Units::id_of(const ReportUnit& unit) {
  auto select = database_.prepare(
      "SELECT unit.id FROM unit JOIN patient ON patient.id = unit.patient "
      "WHERE patient.number = ? AND unit.kind = ? AND unit.date = ? AND unit.order_no = ?");
  select.with(unit.patient.reveal(), static_cast<std::int64_t>(unit.kind), unit.date, unit.order_no);
  demand_undamaged(select.step(), "a unit is there and is not");
  return {select.integer(0)};
}

void Units::mark_due(UnitId unit, Instant when) {
  database_.prepare("UPDATE unit SET due = MIN(COALESCE(due, ?1), ?1), marks = marks + 1 WHERE id = ?2")
      .with(to_milliseconds(when), unit.value)
      .run();
}

void Units::mark_patient_due(const ssmix2::PatientId& patient, OfPatient which, Instant when) {
  mark_due({UnitKind::condition, patient, "", ""}, when);
  mark_due({UnitKind::allergy_intolerance, patient, "", ""}, when);
  database_
      .prepare(
          "UPDATE unit SET due = MIN(COALESCE(due, ?1), ?1), marks = marks + 1 WHERE patient = ?2 AND "
          "(?3 OR due IS NOT NULL OR EXISTS (SELECT 1 FROM delivery WHERE delivery.unit = unit.id AND "
          "delivery.state = ?4))")
      .with(to_milliseconds(when), patient_row(patient), std::int64_t{which == OfPatient::all},
            number_of(OutboxState::held))
      .run();
}

void Units::mark_open_units_due(Instant when) {
  // Two statements: of an OR of the two SQLite makes a look at every unit.
  database_.prepare("UPDATE unit SET due = ?, marks = marks + 1 WHERE due IS NOT NULL")
      .with(to_milliseconds(when))
      .run();
  database_
      .prepare(
          "UPDATE unit SET due = ?, marks = marks + 1 WHERE id IN (SELECT unit FROM delivery WHERE state = "
          "?)")
      .with(to_milliseconds(when), number_of(OutboxState::held))
      .run();
}

std::vector<DueUnit> Units::due_units(Instant now, int limit) {
  auto select = database_.prepare("SELECT id, marks FROM unit WHERE due <= ? ORDER BY due LIMIT ?");
  select.with(to_milliseconds(now), std::int64_t{limit});
  std::vector<DueUnit> units;
  while (select.step()) units.push_back({{select.integer(0)}, select.integer(1)});
  return units;
}

std::vector<DueUnit> Units::units_to_remap(int limit) {
  auto select = database_.prepare(
      "SELECT unit.id, unit.marks FROM remap JOIN unit ON unit.id = remap.unit ORDER BY remap.unit LIMIT ?");
  select.with(std::int64_t{limit});
  std::vector<DueUnit> units;
  while (select.step()) units.push_back({{select.integer(0)}, select.integer(1), Urgency::remap});
  return units;
}

void Units::settle_due(const DueUnit& unit, std::optional<Instant> again) {
  const auto due = again ? std::optional(to_milliseconds(*again)) : std::nullopt;
  database_.prepare("UPDATE unit SET due = ? WHERE id = ? AND marks = ?")
      .with(due, unit.id.value, unit.marks)
      .run();
  if (!again && database_.changes() > 0) Changes(database_).forget(unit.id);
  database_.prepare("DELETE FROM remap WHERE unit = ?").with(unit.id.value).run();
}

std::optional<Instant> Units::next_due() {
  auto select = database_.prepare("SELECT MIN(due) FROM unit WHERE due IS NOT NULL");
  if (!select.step() || select.is_null(0)) return std::nullopt;
  return to_instant(select.integer(0));
}

bool Units::was_known_before(UnitId id) {
  auto select = database_.prepare("SELECT 1 FROM unit WHERE id = ? AND year IS NULL");
  if (!select.with(id.value).step()) return false;
  return find(id)->year.has_value();
}

void Units::give_year(UnitId id, int year) {
  auto select = database_.prepare("SELECT 1 FROM unit WHERE id = ? AND year IS NULL");
  if (!select.with(id.value).step()) return;
  const auto known = find(id);
  const int given = known->year.value_or(year);
  database_.prepare("UPDATE unit SET year = ? WHERE id = ?").with(std::int64_t{given}, id.value).run();
  if (known->year) {
    database_.prepare("DELETE FROM known_year WHERE mark = ?").with(year_mark(known->unit)).run();
  } else if (years_ != nullptr) {
    years_->give(known->unit, given);
  }
}

bool Units::change_identity(const ssmix2::PatientId& patient, std::string_view identity) {
  const std::span<const unsigned char> bytes(reinterpret_cast<const unsigned char*>(identity.data()),
                                             identity.size());
  const std::int64_t row = patient_row(patient);
  database_.prepare("UPDATE patient SET identity = ?1 WHERE id = ?2 AND identity IS NOT ?1")
      .with(bytes, row)
      .run();
  return database_.changes() > 0;
}

}  // namespace gateway
