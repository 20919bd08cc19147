#include "gateway/exchange_failure.h"

#include "ssmix2/check.h"

#include <string_view>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace gateway {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

bool is_tls(const error_code& error) {
  return error.category() == asio::error::get_ssl_category();
}

unsigned long packed(const error_code& error) {
  return static_cast<unsigned int>(error.value());
}

// Under TLS 1.3 our handshake ends before the server has looked at our certificate, so that its refusal is an
// alert in the first read; under TLS 1.2 it ends the handshake. The reason code is the same.
bool is_client_certificate_alert(const error_code& error, const TlsState& tls) {
  if (!is_tls(error)) return false;
  switch (ERR_GET_REASON(packed(error))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return true;
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      // TLS 1.2 has no alert of its own for a missing certificate. As the answer to our hello the same
      // alert means that no cipher is shared.
      return tls.server_has_spoken;
    default:
      return false;
  }
}

ExchangeFailure classify_connect(const error_code& error) {
  if (error == asio::error::connection_refused) return ExchangeFailure::connection_refused;
  if (error == asio::error::timed_out) return ExchangeFailure::connection_timeout;
  return ExchangeFailure::network;
}

ExchangeFailure classify_server_certificate(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ExchangeFailure::server_name_mismatch;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ExchangeFailure::server_certificate_expired;
    default:
      return ExchangeFailure::server_certificate_untrusted;
  }
}

ExchangeFailure classify_handshake(const error_code& error, const TlsState& tls) {
  if (error == asio::error::timed_out) return ExchangeFailure::connection_timeout;
  if (is_client_certificate_alert(error, tls)) return ExchangeFailure::client_certificate_refused;
  if (!is_tls(error)) return ExchangeFailure::network;
  if (ERR_GET_REASON(packed(error)) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return classify_server_certificate(tls.verify_result);
  }
  return ExchangeFailure::tls;
}

/// "alert certificate required", "wrong version number", "Connection reset by peer".
std::string reason(const error_code& error) {
  const char* text = is_tls(error) ? ERR_reason_error_string(packed(error)) : nullptr;
  if (text == nullptr) return error.message();
  const std::string_view view(text);
  const auto alert = view.find("alert ");  // before it: only the protocol version that named the alert first
  return std::string(alert == std::string_view::npos ? view : view.substr(alert));
}

std::string sentence(ExchangeFailure failure, const std::string& why, const TlsState& tls, const Peer& peer) {
  const std::string& where = peer.host_port;
  const std::string verify = X509_verify_cert_error_string(tls.verify_result);
  switch (failure) {
    case ExchangeFailure::name_not_resolved:
      return "the name in " + where + " cannot be resolved (" + why +
             "): check the destination's url and this server's name service";
    case ExchangeFailure::connection_refused:
      return where + " refused the connection: check that the server there is up, and the port in the url";
    case ExchangeFailure::connection_timeout:
      return where + " did not answer within " + std::to_string(peer.timeout.count()) +
             " ms while connecting: check the network, the firewalls and the server there";
    case ExchangeFailure::network:
      return "connecting to " + where + " failed (" + why + "): check the network and the firewalls";
    case ExchangeFailure::server_name_mismatch:
      return "the certificate of " + where + " is not for " + peer.server_name +
             ": check server-name in the settings, and with the server's operator who answers there";
    case ExchangeFailure::server_certificate_untrusted:
      return "the certificate of " + where + " does not come from a CA in " + peer.ca_file + " (" + verify +
             "): check that file with the server's operator";
    case ExchangeFailure::server_certificate_expired:
      return "the certificate of " + where + " is not valid today (" + verify +
             "): tell the server's operator, and check this server's clock";
    case ExchangeFailure::client_certificate_refused:
      return where + " refused our client certificate (" + why + "): check " + peer.certificate_file +
             " with the platform's operator";
    case ExchangeFailure::tls:
      return "TLS with " + where + " failed (" + why +
             "): check that the url's port speaks TLS 1.2 or newer, with the server's operator";
    case ExchangeFailure::lost:
      return where + " gave no whole answer (" + why +
             "): the request may have arrived and is sent again; if it persists, ask the server's operator";
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return {};
}

}  // namespace

Peer::Peer(const DestinationSettings& settings)
    : host_port(settings.url.host.find(':') == std::string::npos ? settings.url.host
                                                                 : "[" + settings.url.host + "]"),
      server_name(settings.tls.server_name.empty() ? settings.url.host : settings.tls.server_name),
      ca_file(settings.tls.ca.string()),
      certificate_file(settings.tls.certificate.string()),
      timeout(settings.delivery.timeout) {
  host_port += ":" + settings.url.port;
}

ExchangeFailure classify(Phase phase, const error_code& error, const TlsState& tls) {
  switch (phase) {
    case Phase::resolve:
      return ExchangeFailure::name_not_resolved;
    case Phase::connect:
      return classify_connect(error);
    case Phase::handshake:
      return classify_handshake(error, tls);
    case Phase::exchange:
      return is_client_certificate_alert(error, tls) ? ExchangeFailure::client_certificate_refused
                                                     : ExchangeFailure::lost;
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return ExchangeFailure::lost;
}

SafeText describe(ExchangeFailure failure, const error_code& error, const TlsState& tls, const Peer& peer) {
  return SafeText::vouched(sentence(failure, reason(error), tls, peer));
}

bool is_closed_by_peer(const error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::connection_aborted || error == asio::error::broken_pipe ||
         error == asio::ssl::error::stream_truncated;
}

}  // namespace gateway
