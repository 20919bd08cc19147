#include "gateway/unit_comparison.h"

#include "gateway/known_documents.h"
#include "gateway/tree_comparison.h"

#include <algorithm>
#include <thread>

namespace gateway {
namespace {

using enum DifferenceReason;
using fhir_mapper::ReportUnit;
using fhir_mapper::UnitKind;

constexpr std::size_t kPatientsAtOnce = 256;

DifferenceReason reason_of(OutboxState state) {
  switch (state) {
    case OutboxState::pending:
    case OutboxState::delivered:
      break;
    case OutboxState::in_result:
      return unit_in_result;
    case OutboxState::unknown:
      return unit_unknown;
    case OutboxState::held:
      return unit_held;
    case OutboxState::rejected:
      return unit_rejected;
  }
  return unit_pending;
}

bool is_at_destination(const std::optional<OutboxRow>& row) {
  return row && row->operation == Operation::register_unit;
}

}  // namespace

UnitComparison::UnitComparison(Database& database, const Configuration& configuration, Depth depth,
                               ReconcileReport& report)
    : database_(database), configuration_(configuration), depth_(depth), report_(report) {
  for (const StorageSettings& storage : configuration.settings.storages) {
    plan_settings_.storages.emplace(storage.id, storage);
  }
}

void UnitComparison::run() {
  PatientRow last;
  while (true) {
    std::vector<PatientRow> patients;
    {
      auto select = database_.prepare("SELECT id FROM patient WHERE id > ? ORDER BY id LIMIT ?");
      select.with(last.value, static_cast<std::int64_t>(kPatientsAtOnce));
      while (select.step()) patients.push_back({select.integer(0)});
    }
    if (patients.empty()) return;
    last = patients.back();
    run(patients);
  }
}

void UnitComparison::run(const std::vector<PatientRow>& patients) {
  std::vector<PatientRow> suspects;
  for (const PatientRow patient : patients) {
    const Findings findings = compare(patient);
    if (findings.all_explained()) {
      report_.add(findings);
    } else {
      suspects.push_back(patient);
    }
  }
  if (suspects.empty()) return;
  std::this_thread::sleep_for(kSecondGlance);
  for (const PatientRow patient : suspects) report_.add(compare(patient));
}

UnitComparison::UnitsOfPatient UnitComparison::units_of(PatientRow patient) {
  UnitsOfPatient units;
  auto select = database_.prepare(
      "SELECT unit.id, unit.kind, patient.number, unit.date, unit.order_no, unit.due "
      "FROM patient JOIN unit ON unit.patient = patient.id WHERE patient.id = ?");
  select.with(patient.value);
  while (select.step()) {
    ComparedUnit& unit = units[{static_cast<UnitKind>(select.integer(1)), ssmix2::PatientId(select.text(2)),
                                select.text(3), select.text(4)}];
    unit.id = UnitId{select.integer(0)};
    if (!select.is_null(5)) unit.due = Instant(Milliseconds(select.integer(5)));
  }
  add_called_for(patient, units);
  return units;
}

/// Whatever may be live counts: what became of it is for the plan to say.
void UnitComparison::add_called_for(PatientRow patient, UnitsOfPatient& units) {
  auto select = database_.prepare(
      "SELECT place.path || '/' || date.name || '/' || kind.name, document.name, document.state, "
      "document.flag, "
      "kind.name FROM patient_folder AS place CROSS JOIN folder AS date ON date.parent = place.folder "
      "CROSS JOIN folder AS kind ON kind.parent = date.id CROSS JOIN document ON document.folder = kind.id "
      "WHERE place.patient = ? AND (document.flag = 1 OR kind.name = 'ADT-61')");
  select.with(patient.value);
  const auto call_for = [&units](const ReportUnit& unit, DocumentState state) {
    const bool is_open = state == DocumentState::settling || state == DocumentState::missing;
    ComparedUnit& compared = units[unit];
    compared.is_open = is_open && (compared.is_open || !compared.is_called_for);
    compared.is_called_for = true;
  };
  std::optional<std::pair<ReportUnit, DocumentState>> by_master;
  bool has_allergy_list = false;
  while (select.step()) {
    const auto state = static_cast<DocumentState>(select.integer(2));
    has_allergy_list = has_allergy_list || select.text(4) == "ADT-61";
    if (select.integer(3) != 1) continue;
    const std::string folder = select.text(0);
    const auto name = ssmix2::parse_document_path(path_below(folder, whole_name(folder, select.text(1))));
    if (!name.has_value()) continue;
    if (name->key.type == ssmix2::DataType::ADT_00) {
      by_master.emplace(ReportUnit{UnitKind::allergy_intolerance, name->key.patient, "", ""}, state);
    } else if (const auto unit = ReportUnit::of(name->key)) {
      call_for(*unit, state);
    }
  }
  // The AL1 of an ADT-00 count where there is no ADT-61, whatever its flag.
  if (by_master && !has_allergy_list) call_for(by_master->first, by_master->second);
}

Findings UnitComparison::compare(PatientRow patient) {
  Findings findings;
  plan_.reset();
  for (const auto& [unit, compared] : units_of(patient)) {
    for (const DestinationSettings& destination : configuration_.settings.destinations) {
      if (takes(destination, unit.kind)) compare(unit, compared, destination, findings);
    }
  }
  return findings;
}

void UnitComparison::compare(const ReportUnit& unit, const ComparedUnit& compared,
                             const DestinationSettings& destination, Findings& findings) {
  const auto row = compared.id ? row_of(*compared.id, destination) : std::nullopt;
  const Judgement judgement = judge(compared, destination, row);
  if (row || judgement.reason) ++findings.units;
  if (row && !judgement.reason) ++findings.sent;
  if (!judgement.reason) return;
  findings.differences.push_back({.reason = *judgement.reason,
                                  .unit = unit.key(),
                                  .destination = destination.id,
                                  .detail = judgement.detail});
}

UnitComparison::Judgement UnitComparison::judge(const ComparedUnit& compared,
                                                const DestinationSettings& destination,
                                                const std::optional<OutboxRow>& row) {
  if (!compared.id) {
    if (compared.is_open) return {unit_waits, "a document is still looked at"};
    return {unit_not_made, "the unit is not known"};
  }
  if (row && row->state != OutboxState::delivered) {
    const bool is_dry = destination.mode == DestinationMode::dry_run && row->state == OutboxState::pending;
    return {reason_of(row->state), is_dry ? "dry-run: nothing is sent" : row->reason};
  }
  if (compared.due && *compared.due > now()) return {unit_waits, until(*compared.due)};
  if (compared.due) return {unit_due};
  const bool states_tell = is_at_destination(row) == compared.is_called_for;
  if (states_tell && depth_ == Depth::states) return {};
  return judge_content(*compared.id, destination, row);
}

UnitComparison::Judgement UnitComparison::judge_content(UnitId unit, const DestinationSettings& destination,
                                                        const std::optional<OutboxRow>& row) {
  if (!plan_ || plan_->id != unit) {
    plan_ = plan_unit(database_, unit, plan_settings_, now());
    if (plan_) built_ = build_unit(*plan_, configuration_, now());
  }
  if (!plan_) return {unit_not_made, "the unit is no longer known"};
  if (plan_->action == UnitPlan::Action::wait) return {unit_waits, until(plan_->due_again.value_or(now()))};
  if (!built_.changed.empty()) return {unit_not_compared};
  const Snapshot& snapshot = built_.snapshots.at(destination.id);
  const bool is_there = is_at_destination(row);
  switch (snapshot.kind) {
    case Snapshot::Kind::content:
      if (is_there && row->newest.hash == snapshot.content_hash) return {};
      if (!is_there) return {unit_not_made, row ? "it was deleted" : ""};
      break;
    case Snapshot::Kind::empty:
      if (!is_there) return {};
      if (plan_->empty_from > now()) return {unit_waits, until(plan_->empty_from)};
      break;
    case Snapshot::Kind::held:
    case Snapshot::Kind::rejected:
      if (!is_there) return {unit_not_made, std::string(kind_of(snapshot.reason.code).id)};
      break;
  }
  if (was_made_then(*plan_, configuration_, destination.id, *row)) return {unit_aged};
  if (was_made_with_other_rules(*plan_, destination, *row)) return {unit_other_rules};
  if (snapshot.kind == Snapshot::Kind::empty) return {unit_stale, "there is nothing to report now"};
  if (snapshot.is_stopped()) return {unit_stale, std::string(kind_of(snapshot.reason.code).id)};
  return {unit_stale, "another hash"};
}

/// Ages and the validity of insurances are looked at when a snapshot is made.
bool UnitComparison::was_made_then(const UnitPlan& plan, const Configuration& configuration,
                                   const std::string& destination, const OutboxRow& row) {
  auto select = database_.prepare("SELECT changed FROM outbox WHERE unit = ? AND destination = ?");
  if (!select.with(row.key.unit.value, row.key.destination.value).step()) return false;
  const BuiltUnit then = build_unit(plan, configuration, Instant(Milliseconds(select.integer(0))));
  const auto snapshot = then.snapshots.find(destination);
  return snapshot != then.snapshots.end() && snapshot->second.kind == Snapshot::Kind::content &&
         snapshot->second.content_hash == row.newest.hash;
}

bool UnitComparison::was_made_with_other_rules(const UnitPlan& plan, const DestinationSettings& destination,
                                               const OutboxRow& row) {
  const Configuration* then = earlier_.find(row.mapping, destination);
  return then != nullptr && was_made_then(plan, *then, destination.id, row);
}

std::optional<OutboxRow> UnitComparison::row_of(UnitId unit, const DestinationSettings& destination) {
  auto select = database_.prepare("SELECT number FROM destination WHERE id = ?");
  if (!select.with(std::string_view(destination.id)).step()) return std::nullopt;
  return find_outbox_row(database_, {unit, {select.integer(0)}});
}

std::string UnitComparison::until(Instant instant) const {
  return "until " + to_fhir_instant(instant, configuration_.settings.facility.zone);
}

}  // namespace gateway
