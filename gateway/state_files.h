#pragma once
// The files of the state database as the file system sees them. Nothing here opens one: closing it again
// would drop SQLite's locks on it.

#include "gateway/instant.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace gateway {

/// Which files they were at one moment: the database, its write-ahead log, the index of that.
class StateFiles {
 public:
  /// Of a database that is open and was written to.
  static StateFiles now_at(const std::filesystem::path& database);

  /// Still the same: none was deleted, moved or replaced.
  bool are_in_place() const;

 private:
  struct Identity {
    std::uint64_t device = 0;
    std::uint64_t number = 0;  // 0: not there
    friend bool operator==(const Identity&, const Identity&) = default;
  };
  static Identity identity_of(const std::filesystem::path& file);

  std::filesystem::path database_;
  std::array<Identity, 3> known_;
};

enum class Aside { damaged, replaced };
/// Gives the files another name in the same folder, durable at its return: "kakehashi.db.damaged-<time>".
/// Nothing when there is none. Called once more with the same time after a kill, it gives what was left the
/// name of what was moved. Throws DatabaseError.
std::optional<std::filesystem::path> move_aside(const std::filesystem::path& database, Instant now,
                                                Aside why = Aside::damaged);

/// Whether one was moved aside before because it was damaged.
bool was_moved_aside(const std::filesystem::path& database);

struct DiskSpace {
  std::uint64_t free_bytes = 0;  // for us, not for root
  bool has_free_files = true;
  bool read_only = false;
};

/// Why the folder takes no file, by errno: its file system made itself read-only after an error, which Linux
/// does not tell as its being read-only, or its disk is gone. 0: it takes them, or does not tell us.
int failure_of_disk(const std::filesystem::path& folder);

/// Of the file system that holds the folder; nothing when it cannot be told.
std::optional<DiskSpace> disk_space(const std::filesystem::path& folder);

}  // namespace gateway
