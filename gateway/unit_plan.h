#pragma once
// What to do about a due report unit, decided from the ledger alone: build it from these documents, wait, or
// hold. Storage thread only.

#include "fhir_mapper/report_unit.h"
#include "gateway/ledger.h"
#include "gateway/settings.h"
#include "gateway/units.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

struct PlannedDocument {
  DocumentRef ref;
  FileStat stat;
  ssmix2::DocumentName name;
  Instant accepted;
};

struct UnitPlan {
  enum class Action {
    build,  // from `documents`; none: the unit became empty
    wait,   // until `due_again`: something settles, a delete or a rename has to stand for a while
    hold,   // `reason`
  };
  Action action = Action::build;
  UnitId id;
  fhir_mapper::ReportUnit unit;
  std::optional<int> year;  // of its Bundle-ID; nothing: not given yet
  std::vector<PlannedDocument> documents;
  std::optional<PlannedDocument> master;
  std::vector<PlannedDocument> deletes;  // that count: looked at once more before anything is sent for them
  std::optional<ssmix2::Failure> reason;
  std::optional<Instant> due_again;
  /// Before that an empty result is not believed: a writer that pauses behind the PID looks like a list
  /// without rows.
  Instant empty_from = {};
};

struct PlanSettings {
  std::map<std::string, StorageSettings> storages;  // by id
};

/// How long a key may stand between rename and create before its unit is held with an alarm.
constexpr Milliseconds kUndecidedPatience{600'000};

/// When a unit is looked at again that waits for a document to settle. Its acceptance does not mark every
/// unit that waits: an ADT-00 whose demographics are the same marks only some.
constexpr Milliseconds kSettlePoll{1'000};

/// Nothing when there is no such unit.
std::optional<UnitPlan> plan_unit(Database& database, UnitId unit, const PlanSettings& settings, Instant now);

}  // namespace gateway
