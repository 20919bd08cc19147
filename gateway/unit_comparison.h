#pragma once
// The report units that the known documents call for, against what each destination has of them. By the
// states in the database; where those leave it open, and everywhere when asked to, a unit is planned and
// built as it is for sending, and its hash compared. Reads only. One thread; blocking.

#include "gateway/configuration.h"
#include "gateway/earlier_rules.h"
#include "gateway/outbox_row.h"
#include "gateway/reconcile_report.h"
#include "gateway/unit_builder.h"
#include "gateway/unit_plan.h"
#include "gateway/units.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// A row of the table of patients.
struct PatientRow {
  std::int64_t value = 0;
};

class UnitComparison {
 public:
  enum class Depth { states, content };
  UnitComparison(Database& database, const Configuration& configuration, Depth depth,
                 ReconcileReport& report);

  void run();  // all patients
  void run(const std::vector<PatientRow>& patients);

 private:
  /// A unit that has a row, is called for by documents, or both.
  struct ComparedUnit {
    std::optional<UnitId> id;
    std::optional<Instant> due;
    bool is_called_for = false;  // some document of it may be live
    bool is_open = false;        // all of those are still looked at
  };
  using UnitsOfPatient = std::map<fhir_mapper::ReportUnit, ComparedUnit>;

  UnitsOfPatient units_of(PatientRow patient);
  void add_called_for(PatientRow patient, UnitsOfPatient& units);
  Findings compare(PatientRow patient);
  void compare(const fhir_mapper::ReportUnit& unit, const ComparedUnit& compared,
               const DestinationSettings& destination, Findings& findings);
  struct Judgement {
    std::optional<DifferenceReason> reason = {};  // nothing: no difference
    std::string detail = {};
  };
  Judgement judge(const ComparedUnit& compared, const DestinationSettings& destination,
                  const std::optional<OutboxRow>& row);
  Judgement judge_content(UnitId unit, const DestinationSettings& destination,
                          const std::optional<OutboxRow>& row);
  bool was_made_then(const UnitPlan& plan, const Configuration& configuration, const std::string& destination,
                     const OutboxRow& row);
  /// Its own rules, which are kept, still make what was sent.
  bool was_made_with_other_rules(const UnitPlan& plan, const DestinationSettings& destination,
                                 const OutboxRow& row);
  std::optional<OutboxRow> row_of(UnitId unit, const DestinationSettings& destination);
  std::string until(Instant instant) const;

  Database& database_;
  const Configuration& configuration_;
  Depth depth_;
  ReconcileReport& report_;
  PlanSettings plan_settings_;
  EarlierRules earlier_{database_, configuration_};
  // Of the unit that was built last: its other destinations ask for the same.
  std::optional<UnitPlan> plan_;
  BuiltUnit built_;
};

}  // namespace gateway
