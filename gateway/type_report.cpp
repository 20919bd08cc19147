#include "gateway/type_report.h"

#include "fhir_mapper/report_unit.h"
#include "gateway/outbox_state.h"
#include "gateway/stored_instant.h"
#include "gateway/timeliness.h"
#include "gateway/unit_builder.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::UnitKind;
using Reports = std::map<std::string_view, TypeReport>;

/// Null for a type that the destination does not take any more.
TypeReport* report_of(Reports& reports, std::int64_t kind) {
  const auto found = reports.find(info(static_cast<UnitKind>(kind)).resource_type);
  return found == reports.end() ? nullptr : &found->second;
}

void read_pending(Database& database, std::int64_t destination, Reports& reports) {
  auto select = database.prepare(
      "SELECT unit.kind, COUNT(*), MIN(delivery.snapshot_time) FROM delivery CROSS JOIN unit "
      "ON unit.id = delivery.unit WHERE delivery.destination = ? AND delivery.state = ? GROUP BY unit.kind");
  select.with(destination, number_of(OutboxState::pending));
  while (select.step()) {
    TypeReport* report = report_of(reports, select.integer(0));
    if (report == nullptr) continue;
    report->pending = select.integer(1);
    report->oldest_pending = to_instant(select.integer(2));
  }
}

void read_accepted(Database& database, std::int64_t destination, Reports& reports) {
  auto select = database.prepare("SELECT kind, same_day, later FROM timeliness WHERE destination = ?");
  select.with(destination);
  while (select.step()) {
    TypeReport* report = report_of(reports, select.integer(0));
    if (report == nullptr) continue;
    report->same_day = select.integer(1);
    report->later = select.integer(2);
  }
}

/// Also of units that are still to be built: any destination that takes their type may wait for them.
void read_waiting(Database& database, std::int64_t destination, Instant today, Reports& reports) {
  auto select = database.prepare(
      "SELECT unit.kind, COUNT(*), SUM(change.seen < ?1), MIN(change.seen) FROM change CROSS JOIN unit "
      "ON unit.id = change.unit WHERE change.destination = ?2 OR (change.destination = 0 AND NOT EXISTS "
      "(SELECT 1 FROM change AS handed_over WHERE handed_over.unit = change.unit "
      "AND handed_over.destination = ?2)) GROUP BY unit.kind");
  select.with(std::int64_t{today.time_since_epoch().count()}, destination);
  while (select.step()) {
    TypeReport* report = report_of(reports, select.integer(0));
    if (report == nullptr) continue;
    report->waiting = select.integer(1);
    report->overdue = select.integer(2);
    report->oldest_waiting = to_instant(select.integer(3));
  }
}

}  // namespace

std::optional<double> TypeReport::same_day_share() const {
  const std::int64_t all = same_day + later + overdue;
  if (all == 0) return std::nullopt;
  return static_cast<double>(same_day) / static_cast<double>(all);
}

Reports read_type_reports(Database& database, const DestinationSettings& destination, TimeZone zone,
                          Instant now) {
  Reports reports;
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    if (takes(destination, kind.kind)) reports.try_emplace(kind.resource_type);
  }
  auto row = database.prepare("SELECT number FROM destination WHERE id = ?");
  if (!row.with(destination.id).step()) return reports;
  const std::int64_t number = row.integer(0);
  read_pending(database, number, reports);
  read_accepted(database, number, reports);
  read_waiting(database, number, begin_of_day(now, zone), reports);
  return reports;
}

}  // namespace gateway
