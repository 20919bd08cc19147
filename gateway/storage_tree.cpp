#include "gateway/storage_tree.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <memory>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

using Outcome = FolderListing::Outcome;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::int64_t to_nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

std::int64_t wall_clock_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return to_nanoseconds(time);
}

FolderListing failed_listing(const FolderToLookAt& folder, int error) {
  const bool gone = error == ENOENT || error == ENOTDIR || error == ELOOP;
  return {.folder = folder, .outcome = gone ? Outcome::gone : Outcome::unreadable};
}

/// Looks at folders one after the other; every thread has its own.
class Looker {
 public:
  Looker(const std::filesystem::path& root, const LookRules& rules) : root_(root), rules_(rules) {}

  /// Nothing when the folder did not change.
  std::optional<FolderListing> look(const FolderToLookAt& folder) {
    rules_.before_looking(folder);
    if (rules_.trust_mtime && folder.known_mtime_ns != 0) {
      struct stat about {};
      if (::lstat(path_of(folder).c_str(), &about) != 0) return failed_listing(folder, errno);
      if (to_nanoseconds(about.st_mtim) == folder.known_mtime_ns) return std::nullopt;
    }
    return list(folder);
  }

 private:
  std::string path_of(const FolderToLookAt& folder) const {
    // The root itself may be a link to where the NAS is mounted; below it links are not followed.
    return folder.path.empty() ? root_.native() + "/." : root_.native() + "/" + folder.path;
  }

  /// O_NOATIME is for the owner of the folder only; the first refusal tells for all.
  int open(const std::string& path) {
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    const int file = ::open(path.c_str(), flags | no_atime_);
    if (file >= 0 || errno != EPERM || no_atime_ == 0) return file;
    no_atime_ = 0;
    return ::open(path.c_str(), flags);
  }

  FolderListing list(const FolderToLookAt& folder) {
    const std::int64_t began_ns = wall_clock_ns();
    const int file = open(path_of(folder));
    if (file < 0) return failed_listing(folder, errno);
    const Directory directory(::fdopendir(file));
    if (!directory) {
      const int error = errno;
      ::close(file);
      return failed_listing(folder, error);
    }
    struct stat about {};
    if (::fstat(file, &about) != 0) return failed_listing(folder, errno);
    FolderListing listing{.folder = folder, .mtime_ns = to_nanoseconds(about.st_mtim)};
    listing.mtime_tells = listing.mtime_ns + rules_.mtime_margin_ns < began_ns;
    const bool changed = listing.mtime_ns != folder.known_mtime_ns;
    const bool stat_files = rules_.stat_files == LookRules::Stat::always ||
                            (rules_.stat_files == LookRules::Stat::when_changed && changed);
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      if (!add_entry(file, *entry, stat_files, listing)) return failed_listing(folder, EIO);
    }
    if (errno != 0) return failed_listing(folder, errno);
    // readdir has no order; sorted, runs are comparable.
    std::sort(listing.directories.begin(), listing.directories.end());
    std::sort(listing.files.begin(), listing.files.end(),
              [](const SeenFile& left, const SeenFile& right) { return left.name < right.name; });
    // Network file systems may name an entry twice when it was made anew meanwhile.
    listing.directories.erase(std::unique(listing.directories.begin(), listing.directories.end()),
                              listing.directories.end());
    listing.files.erase(
        std::unique(listing.files.begin(), listing.files.end(),
                    [](const SeenFile& left, const SeenFile& right) { return left.name == right.name; }),
        listing.files.end());
    return listing;
  }

  /// False when the entry is there and cannot be looked at: a listing without it would make it look gone.
  bool add_entry(int directory, const dirent& entry, bool stat_file, FolderListing& listing) {
    const std::string_view name = entry.d_name;
    if (name == "." || name == "..") return true;
    bool is_directory = entry.d_type == DT_DIR;
    // Nothing lies below a kind folder but documents: a directory there is refused like a stray file.
    const bool may_be_document = !is_directory || listing.folder.level == kKindLevel;
    std::optional<FileStat> stat;
    if (entry.d_type == DT_UNKNOWN || (stat_file && may_be_document)) {
      struct stat about {};
      // A link is listed as the file it is, not followed: read_document refuses it with a reason.
      if (::fstatat(directory, entry.d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
      is_directory = S_ISDIR(about.st_mode);
      stat = FileStat{about.st_size, to_nanoseconds(about.st_mtim)};
    }
    if (!is_directory || listing.folder.level == kKindLevel) {
      listing.files.push_back({std::string(name), stat});
    } else if (rules_.is_wanted(listing.folder, name)) {
      listing.directories.emplace_back(name);
    } else {
      listing.unwanted.emplace_back(name);
    }
    return true;
  }

  const std::filesystem::path& root_;
  const LookRules& rules_;
  int no_atime_ = O_NOATIME;
};

}  // namespace

std::vector<FolderListing> look_at(const std::filesystem::path& root,
                                   const std::vector<FolderToLookAt>& folders, const LookRules& rules) {
  std::vector<std::optional<FolderListing>> found(folders.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    Looker looker(root, rules);
    for (std::size_t i = next++; i < folders.size(); i = next++) found[i] = looker.look(folders[i]);
  };
  {
    // A thread costs as much as some ten folders, so few folders are not worth one.
    const std::size_t useful = std::min<std::size_t>(rules.concurrency, folders.size() / 64 + 1);
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < useful; ++i) others.emplace_back(work);
    work();
  }
  std::vector<FolderListing> listings;
  for (auto& listing : found) {
    if (listing) listings.push_back(std::move(*listing));
  }
  return listings;
}

std::string path_below(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.empty()) path += '/';
  return path.append(name);
}

std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace gateway
