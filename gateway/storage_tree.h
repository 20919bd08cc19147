#pragma once
// The directories of a storage, listed. Names only come from readdir, states from fstatat; nothing is opened
// for writing. Blocking: work pool only.

#include "gateway/document_file.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace gateway {

struct SeenFile {
  std::string name;
  FileStat stat;
};

/// All files of one folder at one moment.
struct FolderListing {
  std::string folder;  // below the root, '/' between names; "" is the root itself
  std::vector<SeenFile> files;
  std::vector<std::string> directories = {};  // names below it that are wanted
};

/// What a directory holds; errors of single entries that vanish meanwhile are skipped.
struct DirectoryEntries {
  std::vector<std::string> directories;
  std::vector<SeenFile> files;
};

boost::system::result<DirectoryEntries> list_directory(const std::filesystem::path& path);

struct SubtreeListing {
  std::vector<FolderListing> folders;   // every folder that was read, also the empty ones
  std::vector<std::string> unreadable;  // folders that exist and could not be read
};

constexpr int kAllLevels = 8;  // a storage has five; a deeper tree is something else

struct SubtreeRules {
  /// Directories it refuses by their name are not entered.
  std::function<bool(const std::string& directory_name)> is_wanted;
  /// Called before a folder is read, so that a watch set there misses nothing that comes after the reading.
  std::function<void(const std::string& folder)> before_reading;
  int levels = kAllLevels;  // below `folder`; 0: that folder alone
};

/// `folder` and everything below it, depth-first. A folder that is gone is not listed.
SubtreeListing list_subtree(const std::filesystem::path& root, const std::string& folder,
                            const SubtreeRules& rules);

}  // namespace gateway
