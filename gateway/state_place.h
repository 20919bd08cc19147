#pragma once
// Whether the state may lie where the settings say, and whether keys are kept from others: what only the
// machine knows, not the text of the settings. Looks only. Blocking, but never longer than two seconds for a
// storage that does not answer.

#include "gateway/file_system.h"
#include "gateway/settings.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// Where a path really lies, whatever symbolic links and bind mounts lead there: two that lie inside of each
/// other do so here.
struct PlaceOnDisk {
  std::string device;          // major:minor
  std::filesystem::path path;  // from the root of that file system
  std::filesystem::path resolved;
  friend bool operator==(const PlaceOnDisk&, const PlaceOnDisk&) = default;
};
/// Of a path that need not be there yet. `mounts`: as /proc/self/mountinfo has them.
std::optional<PlaceOnDisk> place_of(const std::filesystem::path& path, const std::string& mounts);
bool lies_inside(const PlaceOnDisk& inner, const PlaceOnDisk& outer);

/// Why no state lies on such a file system; nothing: it may.
std::optional<std::string> why_no_state_on(const FileSystem& file_system);

/// A state directory on a file system of other machines, where locks and a database in shared memory are not
/// to be trusted, or inside of a storage, which is never written to.
SettingsErrors check_state_place(const Settings& settings);

/// For a line of a person or of the log each; the daemon goes on.
struct PlaceWarning {
  std::filesystem::path file;
  std::string message;
};
std::vector<PlaceWarning> find_place_warnings(const Settings& settings);

/// "ext4" ... of the file system that holds the state, or will; empty: nobody knows.
std::string state_file_system(const Settings& settings);

}  // namespace gateway
