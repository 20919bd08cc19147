#pragma once
// Whether changes of documents reach a destination on the day on which they came, and how long that takes.
//
// A change begins when a document, or its rename, is first seen. It ends for a destination when that has
// accepted the newest content of its report unit; changes of one unit that come meanwhile are one, from the
// first of them on. Both ends are written in the transactions that see and accept, so that restarts change
// nothing. The day is that of the facility's time zone. Not counted: what comes to light while
// a storage is read for the first time, nearly all of which was there before us, and changes that leave a
// unit's content as it was. Storage thread only.

#include "gateway/instant.h"
#include "gateway/outbox_row.h"
#include "gateway/sqlite.h"
#include "gateway/units.h"

#include <optional>
#include <string>

namespace gateway {

void add_timeliness(Database& database);

/// From 00:00 on in `zone`.
Instant begin_of_day(Instant now, TimeZone zone);

class Changes {
 public:
  explicit Changes(Database& database) : database_(database) {}

  /// Seen at `seen` for the first time; until the unit is built nobody knows which destinations it concerns.
  void note(UnitId unit, Instant seen);
  /// Of an ADT-00: all units of the patient that are due.
  void note_patient(const ssmix2::PatientId& patient, Instant seen);
  /// The unit was built, and its row of a destination is not what that has: it waits for it from then on,
  /// unless a person took the unit back.
  void hand_over(OutboxKey row);
  /// The unit was built: its changes are with the rows they concern.
  void forget(UnitId unit);

  struct Accepted {
    fhir_mapper::UnitKind kind = fhir_mapper::UnitKind::condition;
    Instant seen;
  };
  /// The destination has what it should have: counts the change that ends. Nothing when there was none.
  std::optional<Accepted> accept(OutboxKey row, Instant now, TimeZone zone);
  /// It ends in another way.
  void forget(OutboxKey row);

 private:
  Database& database_;
};

}  // namespace gateway
