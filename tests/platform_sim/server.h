#pragma once
// The network side of the simulator: HTTPS with mandatory client certificates, and the control endpoint.

#include "tests/platform_sim/platform.h"
#include "tests/platform_sim/platform_store.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace platform_sim {

struct Endpoint {
  std::string address;
  std::uint16_t port = 0;  // 0 = choose
};

struct ServerSettings {
  Endpoint listen;
  std::optional<Endpoint> control;  // loopback only: whoever reaches it changes what the platform does
  std::string certificate;
  std::string key;
  std::string client_ca;
  std::string client_crl;  // empty: nothing is revoked
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
};

class Server {
 public:
  /// Listens at once. Throws std::runtime_error with a sentence.
  Server(const ServerSettings& settings, Platform& platform, const PlatformStore& store);
  ~Server();

  std::string listening_on() const;
  std::string control_on() const;  // "" without one

  /// Until SIGTERM or SIGINT; requests under way get a second to end.
  void run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platform_sim
