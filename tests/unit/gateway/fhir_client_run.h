#pragma once
// Runs a FhirClient against a TlsServer on 127.0.0.1 until its answer is there.

#include "gateway/fhir_client.h"
#include "tests/unit/gateway/certificates.h"

#include <exception>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace gateway::test {

constexpr const char* kBundleId = "1319999999^2026^C0123";

inline DestinationSettings destination_settings(const std::string& port) {
  DestinationSettings settings;
  settings.url = {"https://127.0.0.1:" + port + "/fhir", "127.0.0.1", port, "/fhir"};
  settings.tls.ca = certificates().file("ca.crt");
  settings.tls.certificate = certificates().file("client.crt");
  settings.tls.key = certificates().file("client.key");
  settings.tls.server_name = "platform.example";
  settings.delivery.timeout = Milliseconds(10'000);  // no test that passes waits for it
  return settings;
}

inline TlsIdentity identity_of(const DestinationSettings& settings) {
  return *load_tls_identity(settings.tls);
}

class ClientRun {
 public:
  explicit ClientRun(const DestinationSettings& settings) : ClientRun(settings, identity_of(settings)) {}
  ClientRun(const DestinationSettings& settings, TlsIdentity identity)
      : client_(io_.get_executor(), settings, std::move(identity)) {}

  Answer put(std::string body = "{}") {
    return await(client_.submit({Operation::register_unit, kBundleId, std::move(body)}));
  }
  Answer remove() { return await(client_.submit({Operation::delete_unit, kBundleId, ""})); }
  Answer ask_result(const std::string& location) { return await(client_.ask_result(location)); }

  FhirClient& client() { return client_; }
  boost::asio::io_context& io() { return io_; }

 private:
  Answer await(boost::asio::awaitable<Answer> exchange) {
    Answer answer;
    std::exception_ptr thrown;
    auto take = [&](std::exception_ptr exception, Answer given) {
      thrown = std::move(exception);
      answer = std::move(given);
    };
    boost::asio::co_spawn(io_, std::move(exchange), std::move(take));
    io_.restart();
    io_.run();
    if (thrown) std::rethrow_exception(thrown);
    return answer;
  }

  boost::asio::io_context io_;
  FhirClient client_;
};

}  // namespace gateway::test
