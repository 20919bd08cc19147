#include "gateway/storage_tree.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace gateway {
namespace {

constexpr int kMaxDepth = 8;  // a storage has five levels; a deeper tree is something else

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

void add_entry(int directory, const char* name, DirectoryEntries& entries) {
    struct stat about {};
    // A link is listed as the file it is, not followed: read_document refuses it with a reason.
    if (::fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISDIR(about.st_mode)) {
        entries.directories.emplace_back(name);
        return;
    }
    entries.files.push_back(
        {name, {about.st_size, about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec,
                static_cast<std::int64_t>(about.st_ino)}});
}

void list_into(const std::filesystem::path& root, const std::string& folder, const SubtreeRules& rules, int depth,
               SubtreeListing& listing) {
    rules.before_reading(folder);
    auto entries = list_directory(folder.empty() ? root : root / folder);
    if (!entries.has_value()) {
        const auto error = entries.error();
        if (error != boost::system::errc::no_such_file_or_directory) listing.unreadable.push_back(folder);
        return;
    }
    listing.folders.push_back({folder, std::move(entries->files)});
    if (depth == kMaxDepth) return;
    for (const std::string& name : entries->directories) {
        if (!rules.is_wanted(name)) continue;
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
        if (name != "." && name != "..") add_entry(file, entry->d_name, entries);
    }
    if (errno != 0) return last_error();
    // readdir has no order; sorted, runs are comparable.
    std::sort(entries.directories.begin(), entries.directories.end());
    std::sort(entries.files.begin(), entries.files.end(),
              [](const SeenFile& left, const SeenFile& right) { return left.name < right.name; });
    return entries;
}

SubtreeListing list_subtree(const std::filesystem::path& root, const std::string& folder, const SubtreeRules& rules) {
    SubtreeListing listing;
    list_into(root, folder, rules, 0, listing);
    return listing;
}

}  // namespace gateway
