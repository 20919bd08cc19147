#include "gateway/document_file.h"

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

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Failure system_failure(int error) {
  const FailureCode code =
      error == ENOENT || error == ENOTDIR ? FailureCode::file_vanished : FailureCode::file_unreadable;
  return {code, {}, SafeText::vouched(std::strerror(error))};
}

/// O_NOATIME is for the file's owner only; a gateway with a user of its own opens without it, and a read-only
/// mount does not write access times anyway. O_NONBLOCK: a FIFO with a document's name must not stop the work
/// pool.
int open_for_reading(const std::filesystem::path& path) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const int file = ::open(path.c_str(), flags | O_NOATIME);
  return file < 0 && errno == EPERM ? ::open(path.c_str(), flags) : file;
}

FileStat to_file_stat(const struct stat& from) {
  return {from.st_size, from.st_mtim.tv_sec * 1'000'000'000 + from.st_mtim.tv_nsec};
}

}  // namespace

ssmix2::Result<FileContent> read_document(const std::filesystem::path& path) {
  const FileDescriptor file(open_for_reading(path));
  if (file.number() < 0) return system_failure(errno);
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
