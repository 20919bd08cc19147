#pragma once
// Reading everything anew at a SIGHUP: all of it is good, or nothing changes. Reads files, so on the work
// pool.

#include "gateway/configuration.h"
#include "gateway/log.h"
#include "gateway/state_store.h"

namespace gateway {

/// The configuration that takes the place of `current`; its certificates can be used, too. Its state
/// directory is the same: another one is another gateway's work.
boost::system::result<Configuration, SettingsErrors> read_anew(const Configuration& current);

void log_changes(const Configuration& before, const Configuration& after, const Log& log);

}  // namespace gateway
