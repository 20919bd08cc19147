#pragma once
// What a person lets go of that a storage held for its number: deletes above delete-limit, and documents that
// went away without one. Storage thread only; the caller opens the transaction.

#include "gateway/ledger.h"

#include <string>
#include <string_view>

namespace gateway {

// Names in the tally of a storage.
constexpr std::string_view kDeletesReleased = "deletes-released";  // until then: milliseconds since 1970
constexpr std::string_view kMissingReleased = "missing-released";

struct ReleasedDeletes {
  std::int64_t units = 0;    // held for too many deletes; they are planned anew
  std::int64_t missing = 0;  // documents that have to be believed missing by the next sweep
};

/// What was seen until now, and nothing that comes later.
ReleasedDeletes release_deletes(Database& database, Ledger& ledger, Units& units, const std::string& storage,
                                Instant now);

/// Deletes of the storage that were first seen then or earlier were let go.
Instant deletes_released_until(Database& database, const std::string& storage);

/// So many missing documents of the storage are no outage; 0: nobody said so.
std::int64_t missing_released(Database& database, const std::string& storage);
/// They have vanished, or are back: the next time a person is asked again.
void end_missing_release(Database& database, const std::string& storage);

}  // namespace gateway
