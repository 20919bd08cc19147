#include "gateway/remap_comparison.h"

#include "gateway/outbox_row.h"

namespace gateway {
namespace {

using Change = RemapFinding::Change;

constexpr int kRowsAtOnce = 256;

Snapshot snapshot_for(const BuiltUnit& built, const std::string& destination) {
  const auto found = built.snapshots.find(destination);
  return found == built.snapshots.end() ? Snapshot() : found->second;
}

bool was_built(const BuiltUnit& built) {
  return built.changed.empty() && !built.unconfirmed;
}

}  // namespace

RemapComparison::RemapComparison(Database& database, const Configuration& configuration,
                                 const DestinationSettings& destination, RemapReport& report)
    : database_(database), configuration_(configuration), destination_(destination), report_(report) {
  configuration_.settings.destinations = {destination};
  for (const StorageSettings& storage : configuration.settings.storages) {
    plan_settings_.storages.emplace(storage.id, storage);
  }
}

void RemapComparison::run(RemapSelection selection) {
  for (auto rows = selection.next(kRowsAtOnce); !rows.empty(); rows = selection.next(kRowsAtOnce)) {
    for (const RemapRow& row : rows) {
      if (const auto finding = compare(row)) report_.add(*finding);
    }
  }
}

std::optional<RemapFinding> RemapComparison::compare(const RemapRow& row) {
  const auto plan = plan_unit(database_, row.key.unit, plan_settings_, now());
  if (!plan || !plan->year) return std::nullopt;
  RemapFinding finding;
  finding.destination = destination_.id;
  finding.bundle_id = bundle_id(configuration_.settings.facility.institution_number, *plan->year,
                                info(plan->unit.kind).letter, plan->unit.key());
  finding.change = Change::not_compared;
  if (plan->action != UnitPlan::Action::wait) compare(*plan, row, finding);
  return finding;
}

void RemapComparison::compare(const UnitPlan& plan, const RemapRow& row, RemapFinding& finding) {
  const Instant day = now();
  const BuiltUnit built = build_unit(plan, configuration_, day, Detail::explanations);
  if (!was_built(built)) return;
  const Snapshot snapshot = snapshot_for(built, destination_.id);
  if (snapshot.is_stopped()) {
    finding.change = Change::held;
    finding.reason = std::string(kind_of(snapshot.reason.code).id);
    return;
  }
  if (snapshot.kind == Snapshot::Kind::empty && plan.empty_from > day) return;
  const auto stored = find_outbox_row(database_, row.key);
  if (stored && stored->newest.hash == snapshot.content_hash) {
    finding.change = Change::none;
    return;
  }
  finding.taken_back = snapshot.kind == Snapshot::Kind::empty;
  finding.change = Change::unknown;
  const Configuration* earlier = earlier_.find(row.mapping, destination_);
  if (earlier == nullptr) return;
  const BuiltUnit then = build_unit(plan, *earlier, day, Detail::explanations);
  if (!was_built(then)) {
    finding.change = Change::not_compared;
    return;
  }
  finding.elements = differences(snapshot_for(then, destination_.id), snapshot);
  finding.change = finding.elements.empty() ? Change::otherwise : Change::by_rules;
}

}  // namespace gateway
