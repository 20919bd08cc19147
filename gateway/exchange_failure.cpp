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
    case X509_V_ERR_CERT_REVOKED:
      return ExchangeFailure::server_certificate_revoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      return ExchangeFailure::revocation_list_unusable;
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
      if (!peer.source_address.empty()) {
        return "connecting from " + peer.source_address + " to " + where + " failed (" + why +
               "): check source-address in the settings, the network and the firewalls";
      }
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
    case ExchangeFailure::server_certificate_revoked:
      return "the certificate of " + where + " was revoked, says " + peer.crl_file +
             ": tell the server's operator, who needs a new one";
    case ExchangeFailure::revocation_list_unusable:
      return "whether the certificate of " + where + " was revoked cannot be told from " + peer.crl_file +
             " (" + verify + "): get the newest list of its CA";
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

/// nginx completes the handshake with a client whose certificate it does not accept, and says so in HTML.
bool is_page_about_certificate(const Answer& answer) {
  if (answer.status != 400) return false;
  return answer.body.find("SSL certificate error") != std::string::npos ||
         answer.body.find("No required SSL certificate") != std::string::npos;
}

}  // namespace

Peer::Peer(const DestinationSettings& settings)
    : host_port(settings.url.host.find(':') == std::string::npos ? settings.url.host
                                                                 : "[" + settings.url.host + "]"),
      server_name(settings.tls.server_name.empty() ? settings.url.host : settings.tls.server_name),
      ca_file(settings.tls.ca.string()),
      certificate_file(settings.tls.certificate.string()),
      crl_file(settings.tls.crl.string()),
      source_address(settings.delivery.source_address),
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

SafeText describe_status(const Answer& answer, const std::string& phrase, const Peer& peer) {
  std::string text = peer.host_port + " answered " + std::to_string(answer.status);
  if (!phrase.empty()) text += " " + phrase;
  if (answer.operation_outcome) {
    text += answer.outcome_has_error ? " with an OperationOutcome that reports an error"
                                     : " with an OperationOutcome";
  } else if (is_page_about_certificate(answer)) {
    text += ", a page that says that our client certificate was not accepted: check " +
            peer.certificate_file + " with the platform's operator";
  } else if (answer.status >= 400) {
    text += " without an OperationOutcome: look at what stands between us and the FHIR server";
  } else if (answer.status >= 300) {
    text += ": redirections are not followed, check the destination's url";
  }
  return SafeText::vouched(std::move(text));
}

bool is_closed_by_peer(const error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::connection_aborted || error == asio::error::broken_pipe ||
         error == asio::ssl::error::stream_truncated;
}

}  // namespace gateway
