#include "gateway/fhir_connection.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <openssl/ssl.h>

namespace gateway {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

/// Verifies the name and leaves "wrong name" as the reason, which Asio's own callback does not.
class NameVerification {
 public:
  explicit NameVerification(const std::string& name) : verification_(name) {}
  bool operator()(bool preverified, asio::ssl::verify_context& context) const {
    const bool accepted = verification_(preverified, context);
    if (preverified && !accepted) {
      X509_STORE_CTX_set_error(context.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
    }
    return accepted;
  }

 private:
  asio::ssl::host_name_verification verification_;
};

}  // namespace

TlsState FhirConnection::tls() {
  SSL* const ssl = stream.native_handle();
  return {SSL_get_verify_result(ssl), SSL_get_state(ssl) != TLS_ST_CW_CLNT_HELLO};
}

bool FhirConnection::is_silent() {
  char byte = 0;
  error_code error;
  auto& socket = beast::get_lowest_layer(stream).socket();
  socket.non_blocking(true, error);
  socket.receive(asio::buffer(&byte, 1), asio::ip::tcp::socket::message_peek, error);
  return error == asio::error::would_block;
}

error_code FhirConnection::demand_server_name(const std::string& name) {
  error_code error;
  stream.set_verify_mode(asio::ssl::verify_peer, error);
  if (error) return error;
  stream.set_verify_callback(NameVerification(name), error);
  if (error) return error;
  error_code not_an_address;
  asio::ip::make_address(name, not_an_address);
  if (!not_an_address) return {};  // RFC 6066 §3: SNI holds names only
  if (SSL_set_tlsext_host_name(stream.native_handle(), name.c_str()) == 1) return {};
  return error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
}

}  // namespace gateway
