#include "gateway/control_client.h"

#include "gateway/control_endpoint.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace gateway {
namespace {

using Clock = std::chrono::steady_clock;

boost::system::error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// False when the time is over.
bool wait_for(int socket, short events, Clock::time_point latest) {
  pollfd waited{socket, events, 0};
  for (;;) {
    const auto left = std::chrono::duration_cast<Milliseconds>(latest - Clock::now()).count();
    if (left <= 0) {
      errno = ETIMEDOUT;
      return false;
    }
    const int ready = ::poll(&waited, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool connect_to(int socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// A gateway that refuses a request may answer and close before all of it was sent: then its answer counts.
bool send_all(int socket, std::string_view text, Clock::time_point latest) {
  while (!text.empty()) {
    if (!wait_for(socket, POLLOUT, latest)) return false;
    const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return true;
    if (sent < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

boost::system::result<std::string> ask_gateway(const std::filesystem::path& state_directory,
                                               std::string_view line, Milliseconds patience) {
  const auto latest = Clock::now() + patience;
  const auto endpoint = ControlEndpoint::in(state_directory);
  if (!endpoint.has_value()) return endpoint.error();
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return last_error();
  if (!connect_to(socket.number(), endpoint->path())) return last_error();
  if (!send_all(socket.number(), line, latest)) return last_error();
  std::string answer;
  std::array<char, 16'384> bytes{};
  for (;;) {
    if (!wait_for(socket.number(), POLLIN, latest)) return last_error();
    const auto got = ::recv(socket.number(), bytes.data(), bytes.size(), 0);
    // A gateway that did not read all closes with a reset; what it said before has come.
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return answer;
    if (got < 0 && errno != EINTR) return last_error();
    if (got > 0) answer.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace gateway
