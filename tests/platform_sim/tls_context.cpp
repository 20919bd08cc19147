#include "tests/platform_sim/tls_context.h"

#include <stdexcept>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace platform_sim {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

void require(const error_code& ec, const std::string& file) {
  if (ec) throw std::runtime_error("cannot use " + file + ": " + ec.message());
}

}  // namespace

ssl::context make_context(const ServerSettings& settings) {
  ssl::context context(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  // A resumed session would not show its certificate again.
  SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.native_handle(), 0);
  error_code ec;
  context.use_certificate_chain_file(settings.certificate, ec);
  require(ec, settings.certificate);
  context.use_private_key_file(settings.key, ssl::context::pem, ec);
  require(ec, settings.key);
  context.load_verify_file(settings.client_ca, ec);
  require(ec, settings.client_ca);
  if (!settings.client_crl.empty()) {
    X509_STORE* const store = SSL_CTX_get_cert_store(context.native_handle());
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (X509_load_crl_file(lookup, settings.client_crl.c_str(), X509_FILETYPE_PEM) < 1) {
      throw std::runtime_error("cannot use " + settings.client_crl);
    }
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  }
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  return context;
}

}  // namespace platform_sim
