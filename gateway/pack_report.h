#pragma once
// What `check` tells of the profile packs that destinations name.

#include "gateway/configuration.h"

#include <iosfwd>

namespace gateway {

/// Of each pack: how many rules it has, which of them it does not evaluate, and what it cannot decide.
void report_packs(const Packs& packs, std::ostream& results);

}  // namespace gateway
