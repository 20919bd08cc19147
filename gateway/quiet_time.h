#pragma once
// A state that does not know what was sent last, because it was restored from a backup or made anew: what an
// old request could still do at a destination is waited for before the first new one.

#include "gateway/instant.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"

#include <optional>

namespace gateway {

/// Whether a destination may have promised (202) what it has not carried out yet.
enum class Promises { none, perhaps };

/// From `since` on; kept over restarts.
void begin_quiet_time(Database& database, Instant since, Promises promises);

/// Of the last quiet time; a backup of a state that had one knows nothing else of them.
Promises promises_of_quiet_time(Database& database);

/// Nothing is sent before. Of a quiet time that is over, when it ended; nothing: none ever began.
std::optional<Instant> quiet_until(Database& database, const Settings& settings, Instant now);

}  // namespace gateway
