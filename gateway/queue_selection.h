#pragma once
// The rows of the outbox that a filter means, delivered ones only where it asks for them. Storage thread, or
// a command's own.

#include "gateway/outbox_row.h"
#include "gateway/queue_filter.h"

#include <string>
#include <vector>

namespace gateway {

struct QueueSelection {
  std::vector<OutboxKey> rows;       // in the order of units
  std::vector<std::string> unknown;  // units of the filter that there are not
};

QueueSelection select_rows(Database& database, const QueueFilter& filter, Instant now);

/// Since when a row is as it is: its newest snapshot was made; of a delivered one it was delivered; held
/// without a newer snapshot, its reason came up.
constexpr const char* kSinceColumn =
    "COALESCE(NULLIF(delivery.snapshot_time, 0), delivery.first_time, outbox.changed)";

}  // namespace gateway
