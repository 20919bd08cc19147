#include "gateway/read_failure.h"

#include <array>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

namespace gateway {
namespace {

/// A file without a name.
class Probe {
 public:
  explicit Probe(const std::filesystem::path& folder)
      : descriptor_(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}
  ~Probe() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  bool comes_back() {
    std::array<char, 4096> written;
    written.fill('\x5a');
    if (descriptor_ < 0) return false;
    if (::pwrite(descriptor_, written.data(), written.size(), 0) != ssize_t{written.size()}) return false;
    if (::fsync(descriptor_) != 0) return false;
    ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);  // from the disk, not from memory
    std::array<char, 4096> read{};
    return ::pread(descriptor_, read.data(), read.size(), 0) == ssize_t{read.size()} && read == written;
  }

 private:
  int descriptor_;
};

/// Nothing: parts of it cannot be read.
std::optional<ReadVerdict> read_all(const std::filesystem::path& file) {
  try {
    Database database(file, Database::Access::read_only);
    return database.quick_check() ? ReadVerdict::damaged : ReadVerdict::right;
  } catch (const DatabaseError& error) {
    if (error.damaged()) return ReadVerdict::damaged;
    return error.unreadable() ? std::nullopt : std::optional(ReadVerdict::disk);
  }
}

}  // namespace

ReadVerdict judge_read_failure(const std::filesystem::path& file) {
  if (const auto verdict = read_all(file)) return *verdict;
  if (!Probe(file.parent_path()).comes_back()) return ReadVerdict::disk;
  // Once more, for a disk that came back between the two.
  return read_all(file).value_or(ReadVerdict::damaged);
}

void demand_readable(const std::filesystem::path& file, const DatabaseError& error, int tries) {
  if (!error.unreadable() || tries % kReadTries != 0) return;
  if (judge_read_failure(file) != ReadVerdict::damaged) return;
  throw DatabaseError::of_damage(file.string() + " cannot be read any more: " + error.what());
}

}  // namespace gateway
