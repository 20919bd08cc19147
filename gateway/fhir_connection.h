#pragma once
// One TLS connection of the FHIR client. I/O thread only. For fhir_client.cpp alone, and so without a file of
// its own to compile: Beast and TLS streams take long.

#include "gateway/exchange_failure.h"

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/ssl.h>

namespace gateway {

/// Verifies the name and leaves "wrong name" as the reason, which Asio's own callback does not.
class NameVerification {
 public:
  explicit NameVerification(const std::string& name) : verification_(name) {}
  bool operator()(bool preverified, boost::asio::ssl::verify_context& context) const {
    const bool accepted = verification_(preverified, context);
    if (preverified && !accepted) {
      X509_STORE_CTX_set_error(context.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
    }
    return accepted;
  }

 private:
  boost::asio::ssl::host_name_verification verification_;
};

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

inline TlsState FhirConnection::tls() {
  SSL* const ssl = stream.native_handle();
  return {SSL_get_verify_result(ssl), SSL_get_state(ssl) != TLS_ST_CW_CLNT_HELLO};
}

inline bool FhirConnection::is_silent() {
  char byte = 0;
  boost::system::error_code error;
  auto& socket = boost::beast::get_lowest_layer(stream).socket();
  socket.non_blocking(true, error);
  socket.receive(boost::asio::buffer(&byte, 1), boost::asio::ip::tcp::socket::message_peek, error);
  return error == boost::asio::error::would_block;
}

inline boost::system::error_code FhirConnection::demand_server_name(const std::string& name) {
  boost::system::error_code error;
  stream.set_verify_mode(boost::asio::ssl::verify_peer, error);
  if (error) return error;
  stream.set_verify_callback(NameVerification(name), error);
  if (error) return error;
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(name, not_an_address);
  if (!not_an_address) return {};  // RFC 6066 §3: SNI holds names only
  if (SSL_set_tlsext_host_name(stream.native_handle(), name.c_str()) == 1) return {};
  return boost::system::error_code(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
}

}  // namespace gateway
