#pragma once
// The wire: FHIR R4 conditional update and delete over mutual TLS, with the asynchronous pattern. Owns a pool
// of kept-alive connections, at most `connections`. I/O thread only. Beast and TLS headers stay in
// fhir_client.cpp.

#include "gateway/destination.h"
#include "gateway/fhir_target.h"
#include "gateway/settings.h"
#include "gateway/tls_identity.h"

#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace gateway {

class FhirClient final : public Destination {
 public:
  /// `settings`: url, server name, timeout (of each phase: name, connect, handshake, write, read),
  /// connections, source address, and the names of the TLS files for messages.
  FhirClient(boost::asio::any_io_executor executor, const DestinationSettings& settings,
             TlsIdentity identity);
  ~FhirClient() override;

  /// Waits while all connections are in use. A cancelled call may have sent its request. An answer has a
  /// Content-Location only where it is a place that ask_result() asks.
  boost::asio::awaitable<Answer> submit(Submission submission) override;
  /// `content_location` as the Answer has it: absolute or relative; only this destination's host and port are
  /// asked.
  boost::asio::awaitable<Answer> ask_result(std::string content_location) override;

  /// Closes idle connections; exchanges under way end by their deadlines.
  void close();
  /// Ends exchanges under way, too, as if their answers were lost; but a name that is looked up.
  void give_up();
  /// From the next connection on. Idle ones are closed, exchanges under way end on theirs.
  void use(TlsIdentity identity);

 private:
  class Pool;
  std::shared_ptr<Pool> pool_;  // shared with the exchanges under way
};

}  // namespace gateway
