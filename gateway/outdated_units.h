#pragma once
// Units whose newest state is held or rejected while a destination still shows what they said before: nobody
// there can see that it is out of date. Storage thread, or a command's own.

#include "gateway/outbox_row.h"

#include <cstdint>
#include <optional>

namespace gateway {

/// What of a unit a destination shows, whatever it should.
enum class Shown {
  nothing,   // it was never sent there, was refused, or is deleted
  possibly,  // nobody knows: an answer is missing
  accepted,
};
Shown shown_of(const OutboxRow& row);

struct OutdatedUnits {
  std::int64_t units = 0;
  std::optional<Instant> oldest;  // since when it is held or rejected for the reason that it has now
};

/// Reads the rows that are not delivered, and no others.
OutdatedUnits count_outdated(Database& database, DestinationNumber destination);

}  // namespace gateway
