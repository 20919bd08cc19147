#include "gateway/state_directory.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

SettingsErrors failure(const std::filesystem::path& path, const std::string& message) {
  return {{path.string(), message}};
}

// is_held() of another process takes the lock for as long as a system call or two.
constexpr int kTries = 10;
constexpr std::chrono::milliseconds kBetweenTries{50};

bool take_lock(int file) {
  for (int tries = 1; ::flock(file, LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (tries == kTries) return false;
    std::this_thread::sleep_for(kBetweenTries);
  }
  return true;
}

}  // namespace

void sync_directory(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

boost::system::result<StateDirectoryLock, SettingsErrors> StateDirectoryLock::acquire(
    const std::filesystem::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) {
    sync_directory(directory.parent_path());
  } else if (errno != EEXIST) {
    return failure(directory, std::string("the state directory cannot be made: ") + std::strerror(errno));
  }
  const auto path = directory / "kakehashi.lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return failure(path, std::string("the state directory is not writable: ") + std::strerror(errno) +
                             "; give it to the user that runs the gateway");
  }
  if (!take_lock(file)) {
    ::close(file);
    return failure(directory, "another kakehashi is running on this state directory; stop it first");
  }
  sync_directory(directory);
  return StateDirectoryLock(file);
}

bool StateDirectoryLock::is_held(const std::filesystem::path& directory) {
  const int file = ::open((directory / "kakehashi.lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  // Shared: two who ask do not take each other for a gateway.
  const bool held = ::flock(file, LOCK_SH | LOCK_NB) != 0;
  ::close(file);
  return held;
}

StateDirectoryLock::~StateDirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace gateway
