#pragma once
// The state directory: made when it is missing, readable by its owner only, used by one daemon at a time.

#include "gateway/settings.h"

#include <filesystem>
#include <utility>

#include <boost/system/result.hpp>

namespace gateway {

/// A new name is durable only when the directory that holds it is.
void sync_directory(const std::filesystem::path& directory);

/// Held as long as the object lives.
class StateDirectoryLock {
 public:
  /// Fails when the directory cannot be made or another process holds the lock for longer than
  /// half a second: a command that asks is_held() holds it for an instant. Blocks as long.
  static boost::system::result<StateDirectoryLock, SettingsErrors> acquire(
      const std::filesystem::path& directory);

  /// Whether a gateway runs on that state just now. Makes nothing.
  static bool is_held(const std::filesystem::path& directory);

  StateDirectoryLock(StateDirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  StateDirectoryLock& operator=(StateDirectoryLock&&) = delete;
  ~StateDirectoryLock();

 private:
  explicit StateDirectoryLock(int file) : file_(file) {}
  int file_;
};

}  // namespace gateway
