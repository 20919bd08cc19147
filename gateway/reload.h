#pragma once
// Reading everything anew at a SIGHUP: all of it is good, or nothing changes. Reads files, so on the work
// pool.

#include "gateway/configuration.h"
#include "gateway/log.h"
#include "gateway/routes.h"

namespace gateway {

/// What takes the place of a configuration, as it was checked: files may change again before it is in force.
struct ReadAnew {
  Configuration configuration;
  TlsIdentities identities;
};

/// Its certificates can be used, and its state directory is the same, at a place where it may be: another one
/// is another gateway's work. A certificate that is out of date is a mistake unless it is the one that is
/// `in_use`: then the rest can still be read anew.
boost::system::result<ReadAnew, SettingsErrors> read_anew(const Configuration& current,
                                                          const TlsFingerprints& in_use);

void log_changes(const Configuration& before, const Configuration& after, const Log& log);

}  // namespace gateway
