#pragma once
// The folders of a storage, looked at: which of them changed, and what they hold. Names come from readdir,
// times and sizes from fstatat; nothing is opened for writing. Blocking: work pool only.

#include "gateway/document_file.h"

#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

// root / 3 digits / 3 digits / patient / date / kind. Documents lie in kind folders only.
constexpr int kRootLevel = 0;
constexpr int kPatientLevel = 3;
constexpr int kDateLevel = 4;
constexpr int kKindLevel = 5;

/// A row of the table of known folders; 0: none.
struct FolderId {
  std::int64_t value = 0;
  friend auto operator<=>(const FolderId&, const FolderId&) = default;
};

struct FolderToLookAt {
  FolderId id = {};
  FolderId patient = {};  // the patient folder that it is or lies in
  std::string path = {};  // below the root, '/' between names; "" is the root itself
  int level = kRootLevel;
  /// The folder's time when it was listed last; 0: list it, whatever its time is.
  std::int64_t known_mtime_ns = 0;
  bool is_new = false;  // nothing is known of what lies in it
};

struct SeenFile {
  std::string name;
  std::optional<FileStat> stat;  // where it was asked for
};

struct FolderListing {
  enum class Outcome { listed, gone, unreadable };
  FolderToLookAt folder;
  Outcome outcome = Outcome::listed;
  std::int64_t mtime_ns = 0;
  /// Whether a later change must show in the time: not when it is as young as the clock's own grain.
  bool mtime_tells = false;
  std::vector<SeenFile> files = {};
  std::vector<std::string> directories = {};  // that are wanted
  std::vector<std::string> unwanted = {};     // directories that are not
};

struct LookRules {
  /// Whether an unchanged time means an unchanged folder; else every folder is listed.
  bool trust_mtime = true;
  std::int64_t mtime_margin_ns = 2'000'000'000;
  enum class Stat { never, when_changed, always };
  Stat stat_files = Stat::when_changed;
  /// Of a directory `name` in the folder: whether a sweep goes there.
  std::function<bool(const FolderToLookAt& folder, std::string_view name)> is_wanted =
      [](const FolderToLookAt&, std::string_view) { return true; };
  /// Called before a folder is looked at, so that a watch set there misses nothing that comes later. From
  /// several threads at once.
  std::function<void(const FolderToLookAt& folder)> before_looking = [](const FolderToLookAt&) {};
  int concurrency = 1;  // folders read at the same time
};

/// What changed, in the order of `folders`; those that did not are left out.
std::vector<FolderListing> look_at(const std::filesystem::path& root,
                                   const std::vector<FolderToLookAt>& folders, const LookRules& rules);

std::string path_below(const std::string& folder, std::string_view name);
std::string_view last_name(std::string_view path);

}  // namespace gateway
