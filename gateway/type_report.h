#pragma once
// What `status` and metrics tell of each type of resource at a destination: how old what waits is, and
// whether changes arrive on their day. Counts, no patient data. Reads what is not delivered, row by row.

#include "gateway/instant.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"

#include <map>
#include <optional>
#include <string_view>

namespace gateway {

struct TypeReport {
  std::int64_t pending = 0;
  std::optional<Instant> oldest_pending;  // by its newest snapshot
  // Changes of documents, as timeliness.h defines them.
  std::int64_t same_day = 0;  // accepted on the day on which they were seen
  std::int64_t later = 0;     // accepted on another day
  std::int64_t waiting = 0;   // not accepted yet
  std::int64_t overdue = 0;   // of those: seen before today
  std::optional<Instant> oldest_waiting;

  /// Of what was accepted, and of what is overdue; nothing while there is neither.
  std::optional<double> same_day_share() const;
};

/// By resource type: those that the destination takes.
std::map<std::string_view, TypeReport> read_type_reports(Database& database,
                                                         const DestinationSettings& destination,
                                                         TimeZone zone, Instant now);

}  // namespace gateway
