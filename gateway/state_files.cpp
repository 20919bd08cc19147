#include "gateway/state_files.h"

#include "gateway/sqlite.h"
#include "gateway/state_directory.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gateway {
namespace {

constexpr std::array<std::string_view, 3> kEndings{"", "-wal", "-shm"};
constexpr std::string_view kDamaged = ".damaged-";
constexpr std::string_view kReplaced = ".replaced-";

std::filesystem::path with_ending(const std::filesystem::path& file, std::string_view ending) {
  return std::filesystem::path(file).concat(ending);
}

/// Whether a kill came when the database had this name already, and its log not.
bool is_half_moved(const std::filesystem::path& database, const std::filesystem::path& aside) {
  if (std::filesystem::exists(database)) return false;
  return std::none_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
    return std::filesystem::exists(with_ending(database, ending)) &&
           std::filesystem::exists(with_ending(aside, ending));
  });
}

/// Free also when two are moved within one second.
std::filesystem::path free_name(const std::filesystem::path& database, std::string_view aside, Instant now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto first = with_ending(database, std::string(aside) + std::to_string(seconds));
  auto name = first;
  for (int i = 2; std::filesystem::exists(name) && !is_half_moved(database, name); ++i) {
    name = with_ending(first, "." + std::to_string(i));
  }
  return name;
}

}  // namespace

StateFiles::Identity StateFiles::identity_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    // Only what is not there is gone: of a disk that fails for a moment nothing is thrown away.
    if (errno != ENOENT) throw DatabaseError::of_system(errno, "looking at " + file.string());
    return {};
  }
  return {status.st_dev, status.st_ino};
}

StateFiles StateFiles::now_at(const std::filesystem::path& database) {
  StateFiles files;
  files.database_ = database;
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    files.known_[i] = identity_of(with_ending(database, kEndings[i]));
  }
  return files;
}

bool StateFiles::are_in_place() const {
  return now_at(database_).known_ == known_;
}

std::optional<std::filesystem::path> move_aside(const std::filesystem::path& database, Instant now,
                                                Aside why) {
  const auto aside = free_name(database, why == Aside::damaged ? kDamaged : kReplaced, now);
  bool moved = false;
  // The database first: without its log it would be an older one that nobody notices. A log without its
  // database is one that SQLite does away with.
  for (const std::string_view ending : kEndings) {
    const auto file = with_ending(database, ending);
    std::error_code error;
    std::filesystem::rename(file, with_ending(aside, ending), error);
    if (error == std::errc::no_such_file_or_directory) continue;
    if (error) throw DatabaseError::of_system(error.value(), "moving " + file.string());
    moved = true;
  }
  sync_directory(database.parent_path());
  return moved ? std::optional(aside) : std::nullopt;
}

bool was_moved_aside(const std::filesystem::path& database) {
  const std::string begin = database.filename().string().append(kDamaged);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(database.parent_path(), error)) {
    if (entry.path().filename().string().starts_with(begin)) return true;
  }
  return false;
}

int failure_of_disk(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    ::close(descriptor);
    return 0;
  }
  return errno == EROFS || errno == EIO || errno == ENXIO || errno == ENODEV ? errno : 0;
}

std::optional<DiskSpace> disk_space(const std::filesystem::path& folder) {
  struct statvfs space {};
  if (::statvfs(folder.c_str(), &space) != 0) return std::nullopt;
  // File systems without a fixed number of files tell 0 of 0.
  return DiskSpace{std::uint64_t{space.f_bavail} * space.f_frsize, space.f_files == 0 || space.f_favail > 0,
                   (space.f_flag & ST_RDONLY) != 0};
}

}  // namespace gateway
