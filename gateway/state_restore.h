#pragma once
// A backup put in the place of the state. It is older than what the destinations have, so nothing that it
// says of them is believed: every unit is made again from the storages, once all of them were seen whole, and
// sent again. What an old request could still do there is waited for before the first new one. Before there
// are threads.

#include "gateway/instant.h"
#include "gateway/quiet_time.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"
#include "gateway/state_backup.h"

#include <filesystem>
#include <optional>

#include <boost/system/result.hpp>

namespace gateway {

struct RestoreReport {
  BackupFacts backup;
  std::int64_t other_years = 0;                // units whose years were others in the backup
  std::optional<std::filesystem::path> aside;  // the state as it was
};

/// Refused while a gateway runs. After a kill at any moment the state is the one before or the restored one.
boost::system::result<RestoreReport, SettingsErrors> restore_state(const Settings& settings,
                                                                   const std::filesystem::path& file,
                                                                   Instant now);

/// Whether one was killed after the last moment at which it could have been undone.
bool is_restore_unfinished(const Settings& settings);

/// Ends a restore that was killed after the last moment at which it could have been undone; of a state
/// directory that is locked. What was moved aside for it.
std::optional<std::filesystem::path> finish_restore(const Settings& settings);

/// What must change in a state that is older than the world; one transaction. `of_replaced`: what the state
/// that it replaces knows of.
void distrust_state(Database& database, const Settings& settings, Instant made, Promises of_replaced,
                    Instant now);

/// When the state was restored; nothing: never.
std::optional<Instant> restored_at(Database& database);

}  // namespace gateway
