#pragma once
// Which units `remap` makes again: of those that a destination has, or is to get, the ones that were made
// with other rules than the configuration's. Storage thread, or a command's own.

#include "gateway/configuration.h"
#include "gateway/mapping_version.h"
#include "gateway/outbox_row.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct RemapFilter {
  bool all = false;                               // also what was made with these very rules
  std::set<fhir_mapper::UnitKind> kinds = {};     // none: all
  std::optional<ssmix2::PatientId> patient = {};  // with those that differ by leading zeros only
  /// Rows that last changed then or later: the newest snapshot was made, or the destination got it.
  std::optional<Instant> since = {};
};

/// Of a day as "2026-04-01" in the facility's zone; nothing for every other text.
std::optional<Instant> first_instant_of(std::string_view date, const TimeZone& zone);

struct RemapRow {
  OutboxKey key;
  MappingVersionId mapping;  // that its snapshot was made with
};

/// Of one destination, in the order of units. Held ones are not among them: what holds them is looked at by
/// itself, and their last snapshot stands as long.
class RemapSelection {
 public:
  RemapSelection(Database& database, const Configuration& configuration,
                 const DestinationSettings& destination, const RemapFilter& filter);

  /// At most that many; none: that was all.
  std::vector<RemapRow> next(int limit);

 private:
  Database& database_;
  const DestinationSettings& destination_;
  RemapFilter filter_;
  std::int64_t kinds_ = 0;  // a bit each
  std::optional<MappingVersionId> current_;
  UnitId last_;
};

/// Marks them for the gateway, which makes them again after everything that is due. In short transactions: it
/// may be running. How many units that were.
std::int64_t mark_for_remap(Database& database, const Configuration& configuration,
                            const RemapFilter& filter);

}  // namespace gateway
