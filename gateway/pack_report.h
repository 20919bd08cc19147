#pragma once
// What `check` tells of the profile packs that destinations name.

#include "gateway/profile_packs.h"

#include <iosfwd>

namespace gateway {

/// To `results`, of each pack once: how many rules it has, which of them it does not evaluate, and what it
/// cannot decide. Mistakes of packs are returned. A folder that is not there is worth a word to `messages`
/// only: an installation may have been made before there were packs.
SettingsErrors report_packs(const Settings& settings, std::ostream& results, std::ostream& messages);

}  // namespace gateway
