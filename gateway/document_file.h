#pragma once
// Files of a storage, opened for reading only and without touching their access time. Blocking: work pool
// only.

#include "ssmix2/failure.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace gateway {

/// What a change of a file's content shows in. A file that was never looked at has none: FileStat{}.
struct FileStat {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;

  friend bool operator==(const FileStat&, const FileStat&) = default;
};

struct FileContent {
  FileStat stat;
  std::string bytes;
};

/// Reads a regular file whole, at most kMaxDocumentBytes; symbolic links are not followed, so that nothing
/// outside the root is read. Fails with file_unreadable, file_vanished, file_too_large, file_empty,
/// file_changed_while_read.
ssmix2::Result<FileContent> read_document(const std::filesystem::path& path);

/// Size and time alone; a symbolic link's own. Fails with file_unreadable, file_vanished.
ssmix2::Result<FileStat> stat_document(const std::filesystem::path& path);

}  // namespace gateway
