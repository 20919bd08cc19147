#include "gateway/storage_tree.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace gateway {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

boost::system::error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// False when the entry is there and cannot be looked at: a listing without it would make it look gone.
bool add_entry(int directory, const char* name, DirectoryEntries& entries) {
  struct stat about {};
  // A link is listed as the file it is, not followed: read_document refuses it with a reason.
  if (::fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  if (S_ISDIR(about.st_mode)) {
    entries.directories.emplace_back(name);
    return true;
  }
  entries.files.push_back({name,
                           {about.st_size, about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec,
                            static_cast<std::int64_t>(about.st_ino)}});
  return true;
}

void list_into(const std::filesystem::path& root, const std::string& folder, const SubtreeRules& rules,
               int depth, SubtreeListing& listing) {
  rules.before_reading(folder);
  // The root itself may be a link to where the NAS is mounted; below it links are not followed.
  auto entries = list_directory(folder.empty() ? root / "." : root / folder);
  if (!entries.has_value()) {
    const auto error = entries.error();
    if (error != boost::system::errc::no_such_file_or_directory) listing.unreadable.push_back(folder);
    return;
  }
  std::erase_if(entries->directories, [&rules](const std::string& name) { return !rules.is_wanted(name); });
  const std::vector<std::string> directories = entries->directories;
  listing.folders.push_back({folder, std::move(entries->files), std::move(entries->directories)});
  if (depth == rules.levels) return;
  for (const std::string& name : directories) {
    list_into(root, folder.empty() ? name : folder + "/" + name, rules, depth + 1, listing);
  }
}

}  // namespace

boost::system::result<DirectoryEntries> list_directory(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return last_error();
  const Directory directory(::fdopendir(file));
  if (!directory) return last_error();
  DirectoryEntries entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (!add_entry(file, entry->d_name, entries)) return last_error();
  }
  if (errno != 0) return last_error();
  // readdir has no order; sorted, runs are comparable.
  std::sort(entries.directories.begin(), entries.directories.end());
  std::sort(entries.files.begin(), entries.files.end(),
            [](const SeenFile& left, const SeenFile& right) { return left.name < right.name; });
  return entries;
}

SubtreeListing list_subtree(const std::filesystem::path& root, const std::string& folder,
                            const SubtreeRules& rules) {
  SubtreeListing listing;
  list_into(root, folder, rules, 0, listing);
  return listing;
}

}  // namespace gateway
