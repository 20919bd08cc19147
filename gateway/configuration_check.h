#pragma once
// What `check` looks at beyond the files of the configuration: storages, certificates, keys, the place of the
// state, the cases of the mapping.

#include "gateway/configuration.h"

#include <iosfwd>

namespace gateway {

/// False when the gateway would not start; mistakes and what only deserves a word go to `messages`.
bool check_configuration(const Configuration& configuration, std::ostream& results, std::ostream& messages);

}  // namespace gateway
