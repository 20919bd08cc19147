#include "gateway/service_manager.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gateway {
namespace {

std::optional<std::int64_t> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, number);
  return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

/// WATCHDOG_USEC is of the process that WATCHDOG_PID names: a child of it inherits both.
std::optional<Milliseconds> half_of_watchdog() {
  const auto pid = number_in("WATCHDOG_PID");
  const auto microseconds = number_in("WATCHDOG_USEC");
  if (!microseconds || *microseconds <= 0 || (pid && *pid != ::getpid())) return std::nullopt;
  return std::max(Milliseconds(1), Milliseconds(*microseconds / 1000 / 2));
}

}  // namespace

ServiceManager::ServiceManager() : keep_alive_interval_(half_of_watchdog()) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  if (std::strlen(path) >= sizeof(sockaddr_un::sun_path)) return;
  path_ = path;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceManager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceManager::allow_silence(Milliseconds time) const {
  if (!keep_alive_interval_) return;
  send("WATCHDOG_USEC=" + std::to_string(std::chrono::microseconds(time).count()));
}

void ServiceManager::end_silence() const {
  if (keep_alive_interval_) allow_silence(2 * *keep_alive_interval_);
}

void ServiceManager::extend_start(Milliseconds time) const {
  send("EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(time).count()));
}

void ServiceManager::send(std::string_view state) const {
  if (socket_ < 0) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  ::sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           length);
}

}  // namespace gateway
