#pragma once
// A file or folder of a storage, open for reading only. Blocking: work pool only.

#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace gateway {

class FileDescriptor {
 public:
  /// `name` in the folder `directory` (or AT_FDCWD). A link is not followed, and a FIFO not waited for.
  /// Errors are those of open().
  static boost::system::result<FileDescriptor> open(int directory, const std::string& name,
                                                    int more_flags = 0);

  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();

  int number() const { return number_; }
  /// To whoever closes it from now on.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace gateway
