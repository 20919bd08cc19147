#include "gateway/file_descriptor.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace gateway {

boost::system::result<FileDescriptor> FileDescriptor::open(int directory, const std::string& name,
                                                           int more_flags) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | more_flags;
  int number = ::openat(directory, name.c_str(), flags | O_NOATIME);
  // O_NOATIME is for the file's owner only; a gateway with a user of its own opens without it, and a
  // read-only mount does not write access times anyway.
  if (number < 0 && errno == EPERM) number = ::openat(directory, name.c_str(), flags);
  if (number < 0) return boost::system::error_code(errno, boost::system::system_category());
  return FileDescriptor(number);
}

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) ::close(number_);
}

}  // namespace gateway
