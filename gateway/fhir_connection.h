#pragma once
// One TLS connection of the FHIR client. I/O thread only. Includes Beast and TLS headers: for fhir_client.cpp
// alone.

#include "gateway/exchange_failure.h"

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace gateway {

struct FhirConnection {
  FhirConnection(const boost::asio::any_io_executor& executor,
                 std::shared_ptr<boost::asio::ssl::context> tls_context)
      : context(std::move(tls_context)), stream(executor, *context) {}

  TlsState tls();

  /// On an idle connection a server speaks only to say that it ends: to find that out before a request is
  /// sent leaves no doubt about what became of it.
  bool is_silent();

  /// Both SNI and verification: verify_peer alone accepts every name, the callback alone every certificate.
  boost::system::error_code demand_server_name(const std::string& name);

  std::shared_ptr<boost::asio::ssl::context> context;  // first: Asio keeps the stream's callbacks in it
  boost::beast::ssl_stream<boost::beast::tcp_stream> stream;
  boost::beast::flat_buffer buffer;
  std::chrono::steady_clock::time_point idle_since;
};

}  // namespace gateway
