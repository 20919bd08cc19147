#include "gateway/control_endpoint.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/un.h>

namespace gateway {

std::filesystem::path control_socket_file(const std::filesystem::path& state_directory) {
  return state_directory / "control.sock";
}

boost::system::result<ControlEndpoint> ControlEndpoint::in(const std::filesystem::path& state_directory) {
  const auto file = control_socket_file(state_directory);
  if (file.native().size() < sizeof(sockaddr_un::sun_path))
    return ControlEndpoint(FileDescriptor(-1), file.native());
  const int directory = ::open(state_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return boost::system::error_code(errno, boost::system::system_category());
  return ControlEndpoint(FileDescriptor(directory),
                         control_socket_file("/proc/self/fd/" + std::to_string(directory)).native());
}

}  // namespace gateway
