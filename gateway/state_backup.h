#pragma once
// A backup: one SQLite file that holds the state database as it was at one moment, and the years of
// Bundle-IDs from the file beside it, copied after the database so that they know at least as much. A
// command's own thread, beside a gateway that runs or without one. Holds patient data.

#include "gateway/instant.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include <boost/system/result.hpp>

namespace gateway {

struct BackupFacts {
  Instant made;
  std::string version;  // of the program that made it
  std::int64_t units = 0;
  std::uintmax_t bytes = 0;
};

/// `file` is there when it is whole, checked and durable, and else not: until then it has another name.
boost::system::result<BackupFacts, SettingsErrors> make_backup(const Settings& settings,
                                                               const std::filesystem::path& file,
                                                               Instant now);

/// Whether it is whole and the state of this institution and these destinations; `name` is for messages.
boost::system::result<BackupFacts, SettingsErrors> look_at_backup(const std::filesystem::path& file,
                                                                  const std::filesystem::path& name,
                                                                  const Settings& settings);

/// The years of a backup as a file of their own, 0600 and durable; the tables that only a backup has go.
void take_years_out(Database& backup, const std::filesystem::path& file);

/// What is in the file is on the disk. Throws DatabaseError.
void sync_file(const std::filesystem::path& file);

}  // namespace gateway
