#include "gateway/timeliness.h"

#include "gateway/stored_instant.h"

namespace gateway {
namespace {

constexpr const char* kTables = R"sql(
-- Changes that a destination has not accepted yet, since the first of them was seen. Destination 0: the unit
-- is still to be built.
CREATE TABLE change (
    unit        INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    seen        INTEGER NOT NULL,
    PRIMARY KEY (unit, destination)
) STRICT, WITHOUT ROWID;

-- Changes that were accepted: on the day on which they were seen, and later.
CREATE TABLE timeliness (
    destination INTEGER NOT NULL,
    kind        INTEGER NOT NULL,      -- UnitKind
    same_day    INTEGER NOT NULL,
    later       INTEGER NOT NULL,
    PRIMARY KEY (destination, kind)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

void add_timeliness(Database& database) {
  database.execute(kTables);
}

Instant begin_of_day(Instant now, TimeZone zone) {
  return std::chrono::floor<std::chrono::days>(now + zone.offset()) - zone.offset();
}

void Changes::note(UnitId unit, Instant seen) {
  database_
      .prepare(
          "INSERT INTO change (unit, destination, seen) VALUES (?, 0, ?) "
          "ON CONFLICT DO UPDATE SET seen = excluded.seen WHERE excluded.seen < seen")
      .with(unit.value, to_milliseconds(seen))
      .run();
}

void Changes::note_patient(const ssmix2::PatientId& patient, Instant seen) {
  database_
      .prepare(
          "INSERT INTO change (unit, destination, seen) SELECT unit.id, 0, ?1 FROM unit "
          "JOIN patient ON patient.id = unit.patient WHERE patient.number = ?2 AND unit.due IS NOT NULL "
          "ON CONFLICT DO UPDATE SET seen = excluded.seen WHERE excluded.seen < seen")
      .with(to_milliseconds(seen), patient.reveal())
      .run();
}

void Changes::hand_over(OutboxKey row) {
  database_
      .prepare(
          "INSERT INTO change (unit, destination, seen) SELECT unit, ?1, seen FROM change "
          "WHERE unit = ?2 AND destination = 0 AND EXISTS (SELECT 1 FROM delivery "
          "WHERE delivery.unit = ?2 AND delivery.destination = ?1 AND state <> ?3 AND by_person <> ?4) "
          "ON CONFLICT DO UPDATE SET seen = excluded.seen WHERE excluded.seen < seen")
      .with(row.destination.value, row.unit.value, number_of(OutboxState::delivered),
            static_cast<std::int64_t>(PersonHold::retract))
      .run();
}

void Changes::forget(UnitId unit) {
  forget(OutboxKey{unit, {0}});
}

std::optional<Changes::Accepted> Changes::accept(OutboxKey row, Instant now, TimeZone zone) {
  Accepted accepted;
  {
    auto select = database_.prepare(
        "SELECT change.seen, unit.kind FROM change JOIN unit ON unit.id = change.unit "
        "WHERE change.unit = ? AND change.destination = ?");
    if (!select.with(row.unit.value, row.destination.value).step()) return std::nullopt;
    accepted.seen = to_instant(select.integer(0));
    accepted.kind = static_cast<fhir_mapper::UnitKind>(select.integer(1));
  }
  const bool same_day = accepted.seen >= begin_of_day(now, zone);
  database_
      .prepare(
          "INSERT INTO timeliness (destination, kind, same_day, later) VALUES (?, ?, ?, ?) ON CONFLICT DO "
          "UPDATE SET same_day = same_day + excluded.same_day, later = later + excluded.later")
      .with(row.destination.value, static_cast<std::int64_t>(accepted.kind), std::int64_t{same_day},
            std::int64_t{!same_day})
      .run();
  forget(row);
  return accepted;
}

void Changes::forget(OutboxKey row) {
  database_.prepare("DELETE FROM change WHERE unit = ? AND destination = ?")
      .with(row.unit.value, row.destination.value)
      .run();
}

}  // namespace gateway
