#pragma once
// Where a gateway that runs takes orders: a socket in its state directory, for the user that may read the
// database, too.

#include "gateway/file_descriptor.h"

#include <filesystem>
#include <string>

#include <boost/system/result.hpp>

namespace gateway {

/// Its path, as short as a socket's must be, for as long as the object lives.
class ControlEndpoint {
 public:
  /// Of a directory whose path is too long, by way of its descriptor.
  static boost::system::result<ControlEndpoint> in(const std::filesystem::path& state_directory);

  const std::string& path() const { return path_; }

 private:
  ControlEndpoint(FileDescriptor directory, std::string path)
      : directory_(std::move(directory)), path_(std::move(path)) {}

  FileDescriptor directory_;
  std::string path_;
};

std::filesystem::path control_socket_file(const std::filesystem::path& state_directory);

}  // namespace gateway
