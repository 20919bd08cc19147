#pragma once
// What `status` and the summary of `run --once` tell, read from the database. Counts and reasons, no patient
// data.

#include "gateway/certificate_report.h"
#include "gateway/instant.h"
#include "gateway/missing_codes.h"
#include "gateway/outbox_state.h"
#include "gateway/outdated_units.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"
#include "gateway/storage_report.h"
#include "gateway/type_report.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct OutboxReport {
  std::map<OutboxState, std::int64_t> by_state;
  std::optional<Instant> oldest_pending;
  std::map<std::string, std::int64_t> held_reasons;  // reason id -> units
  /// "profile:broken": it was not sent; "delivery": the destination refused it.
  std::map<std::string, std::int64_t> rejected_reasons;
  /// Rule of a pack -> units whose newest snapshot that was let go breaks it; a warning does not stop it.
  std::map<std::string, std::int64_t> warned_rules;
  OutdatedUnits outdated;
  std::optional<Instant> paused_since;
  std::string pause_explanation;
  std::map<std::string_view, TypeReport> types;  // by FHIR resource type
  std::int64_t made_with_older_rules = 0;        // of those that `remap` can make again

  std::int64_t of(OutboxState state) const;
};

struct StatusReport {
  std::map<std::string, OutboxReport> destinations;
  std::map<std::string, std::string> untold;              // the setting of each destination
  std::map<std::string, CertificateReport> certificates;  // of each destination
  std::map<std::string, StorageReport> storages;
  std::vector<Alarm> machine;  // alarms of no storage
  std::int64_t documents_seen = 0;
  std::int64_t documents_failed = 0;
  std::map<std::string, std::int64_t> failed_reasons;
  CodesToDoCount codes;
  std::int64_t units_to_remap = 0;
  std::optional<Instant> quiet_until;  // nothing is sent before, or was: see quiet_time.h
  std::int64_t units_waiting = 0;      // due later: a delete that settles, a rename under way
  Instant time;

  OutboxReport total() const;
};

StatusReport read_status(Database& database, const Settings& settings, Instant now);

/// The contract of `status --json`: outbox, oldest_pending_seconds, documents, destinations; and more beside
/// them.
std::string to_json(const StatusReport& report);
std::string to_text(const StatusReport& report);

}  // namespace gateway
