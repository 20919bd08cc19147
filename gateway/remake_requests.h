#pragma once
// Units that a command wants made anew by a daemon that has read the configuration since: a daemon at work
// has the old one in memory. Storage thread, or a command with a connection of its own.

#include "gateway/missing_codes.h"
#include "gateway/sqlite.h"

#include <cstdint>
#include <vector>

namespace gateway {

/// Its table: a step of the schema.
void add_remake_requests(Database& database);

/// The units that want these codes; all there are, where not all that want one are remembered. The caller
/// opens the transaction.
void request_remake(Database& database, const std::vector<CodeToDo>& codes, Instant now);

/// At the start of a daemon whose configuration was read at `read_at`: what was requested before that goes to
/// what `remap` asked for, after everything that is new, and is forgotten. It may be every unit there is.
/// So does what was requested later than `now`: by a clock that was put back since. How many that are. The
/// caller opens the transaction.
std::int64_t take_up_remake_requests(Database& database, Instant read_at, Instant now);

}  // namespace gateway
