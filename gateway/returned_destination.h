#pragma once
// A destination that was out of the settings for a while. Storage thread only, before anything is sent.

#include "gateway/instant.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"

namespace gateway {

/// Nothing that waits for it was compared with the storages meanwhile: of what it takes all is `held`
/// (`returned`) until its unit is made again; of what it takes no more, what was never sent is forgotten.
/// What a person ordered stays ordered. The caller opens the transaction, and has the units made.
void hold_until_made_again(Database& database, const DestinationSettings& destination, Instant now);

}  // namespace gateway
