#pragma once
// The report units that are known, and when each must be looked at again. Storage thread only.

#include "fhir_mapper/report_unit.h"
#include "gateway/instant.h"
#include "gateway/sqlite.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gateway {

/// A report unit's row: the same for the life of the database, and no longer.
struct UnitId {
  std::int64_t value = 0;
  friend auto operator<=>(UnitId, UnitId) = default;
};

class UnitYears;

struct KnownUnit {
  fhir_mapper::ReportUnit unit;
  std::optional<int> year;  // of its Bundle-ID; nothing: none given yet, nor by an earlier database
};

/// What is to be made again because a person asked for it goes after everything that the storages ask for,
/// when it is built and when it is sent.
enum class Urgency { change, remap };
inline constexpr Urgency kUrgencies[] = {Urgency::change, Urgency::remap};  // in the order of sending

struct DueUnit {
  UnitId id;
  std::int64_t marks = 0;  // when it was read: a mark that comes later is not lost
  Urgency urgency = Urgency::change;
};

class Units {
 public:
  explicit Units(Database& database) : database_(database) {}

  std::optional<KnownUnit> find(UnitId id);

  /// Makes the unit when it is new.
  UnitId mark_due(const fhir_mapper::ReportUnit& unit, Instant when);

  /// Of one that is there.
  UnitId id_of(const fhir_mapper::ReportUnit& unit);

  /// One that is there, sooner than it would be.
  void mark_due(UnitId unit, Instant when);

  enum class OfPatient { all, held };
  /// Both list units always, also when nothing is known of them: AL1 of an ADT-00 makes an
  /// AllergyIntolerance unit. Of the others all, or those that wait or are held somewhere.
  void mark_patient_due(const ssmix2::PatientId& patient, OfPatient which, Instant when);

  /// After a start. Units held at the last stop may be sendable now, because settings, mapping or tables may
  /// have changed; units that wait for a time are planned anew, because the clock may have been set.
  void mark_open_units_due(Instant when);

  std::vector<DueUnit> due_units(Instant now, int limit);
  /// Units of the table that `remap` fills, whenever they are due.
  std::vector<DueUnit> units_to_remap(int limit);
  /// Done with it, or not before `again`; a mark that came since due_units() stands. It is not made a second
  /// time for `remap`.
  void settle_due(const DueUnit& unit, std::optional<Instant> again);
  /// When the next unit falls due; nothing when none will by itself.
  std::optional<Instant> next_due();

  /// An earlier database gave it a year and this one did not: a destination may have it, although this one
  /// never sent it.
  bool was_known_before(UnitId id);

  /// Given with the first committed snapshot and kept for ever: a later one changes nothing, and one that the
  /// unit had in an earlier database is given again.
  void give_year(UnitId id, int year);
  /// From now on in that file, too.
  void keep_years_in(UnitYears& years) { years_ = &years; }

  /// Remembers the hash of the accepted ADT-00's demographics. True when it was another one, or none.
  bool change_identity(const ssmix2::PatientId& patient, std::string_view identity);

  /// Made when it is not there.
  std::int64_t patient_row(const ssmix2::PatientId& patient);

 private:
  Database& database_;
  UnitYears* years_ = nullptr;
};

}  // namespace gateway
