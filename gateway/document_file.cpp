#include "gateway/document_file.h"

#include "gateway/file_descriptor.h"
#include "ssmix2/completeness.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;

Failure system_failure(int error) {
  const FailureCode code =
      error == ENOENT || error == ENOTDIR ? FailureCode::file_vanished : FailureCode::file_unreadable;
  return {code, {}, SafeText::vouched(std::strerror(error))};
}

FileStat to_file_stat(const struct stat& from) {
  return {from.st_size, from.st_mtim.tv_sec * 1'000'000'000 + from.st_mtim.tv_nsec};
}

}  // namespace

ssmix2::Result<FileContent> read_document(const std::filesystem::path& path) {
  const auto opened = FileDescriptor::open(AT_FDCWD, path.string());
  if (!opened.has_value()) return system_failure(opened.error().value());
  const FileDescriptor& file = *opened;
  struct stat before {};
  if (::fstat(file.number(), &before) != 0) return system_failure(errno);
  if (!S_ISREG(before.st_mode)) {
    return Failure{FailureCode::file_unreadable, {}, "it is no regular file"};
  }
  FileContent content{to_file_stat(before), {}};
  if (content.stat.size == 0) return Failure{FailureCode::file_empty, {}, {}};
  if (content.stat.size > static_cast<std::int64_t>(ssmix2::kMaxDocumentBytes)) {
    return Failure{FailureCode::file_too_large, {}, SafeText(content.stat.size) + " bytes"};
  }
  content.bytes.resize(static_cast<std::size_t>(content.stat.size));
  std::size_t done = 0;
  while (done < content.bytes.size()) {
    const ssize_t got = ::read(file.number(), content.bytes.data() + done, content.bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  struct stat after {};
  if (::fstat(file.number(), &after) != 0) return system_failure(errno);
  if (done != content.bytes.size() || to_file_stat(after) != content.stat) {
    return Failure{FailureCode::file_changed_while_read, {}, {}};
  }
  return content;
}

ssmix2::Result<FileStat> stat_document(const std::filesystem::path& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) return system_failure(errno);
  return to_file_stat(about);
}

}  // namespace gateway
