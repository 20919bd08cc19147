#include "gateway/tls_identity.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace gateway {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using std::filesystem::path;

constexpr const char* kCertificate = "the client certificate";

void complain(SettingsErrors& errors, const path& file, const std::string& what) {
  errors.push_back({file.string(), what});
}

std::string named(const char* role, const path& file) {
  return std::string(role) + " " + file.string();
}

/// Said apart from a file without the right contents: the remedy is another.
bool is_readable(const path& file, const char* role, SettingsErrors& errors) {
  std::error_code unknown;  // then it cannot be read, either
  if (std::filesystem::is_directory(file, unknown)) {
    complain(errors, file, named(role, file) + " is a folder: name a PEM file");
    return false;
  }
  errno = 0;
  if (std::ifstream(file).good()) return true;
  const std::string why = std::error_code(errno, std::generic_category()).message();
  complain(errors, file,
           named(role, file) + " cannot be read (" + why +
               "): check the name and that the service's user may read it");
  return false;
}

Instant to_instant(const ASN1_TIME* time) {
  std::tm parts{};
  // An unreadable date counts as the year 1970: expired.
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Instant{};
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return std::chrono::sys_days(date) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

void load_ca(ssl::context& context, const path& file, SettingsErrors& errors) {
  if (!is_readable(file, "the CA file", errors)) return;
  error_code error;
  context.load_verify_file(file.string(), error);
  if (error) {
    complain(
        errors, file,
        named("the CA file", file) + " holds no certificate: give the destination's CA certificates in PEM");
  }
}

void load_crl(ssl::context& context, const path& file, SettingsErrors& errors) {
  if (file.empty() || !is_readable(file, "the CRL file", errors)) return;
  X509_STORE* const store = SSL_CTX_get_cert_store(context.native_handle());
  X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());  // the store's own
  if (lookup == nullptr || X509_load_crl_file(lookup, file.c_str(), X509_FILETYPE_PEM) < 1) {
    complain(
        errors, file,
        named("the CRL file", file) + " holds no list of revoked certificates: give that of the CA in PEM");
    return;
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

/// A server that got our certificate with the chain of another one could not tell where it comes from.
void check_chain(ssl::context& context, const path& file, SettingsErrors& errors) {
  X509* certificate = SSL_CTX_get0_certificate(context.native_handle());
  STACK_OF(X509)* chain = nullptr;
  if (SSL_CTX_get0_chain_certs(context.native_handle(), &chain) != 1 || sk_X509_num(chain) < 1) return;
  if (X509_check_issued(sk_X509_value(chain, 0), certificate) == X509_V_OK) return;
  complain(
      errors, file,
      named(kCertificate, file) +
          " is followed by a certificate that did not issue it: give ours, then its issuer's, in this order");
}

/// The certificate, which is the context's; null if it was not loaded.
const X509* load_certificate(ssl::context& context, const path& file, SettingsErrors& errors) {
  if (!is_readable(file, kCertificate, errors)) return nullptr;
  error_code error;
  context.use_certificate_chain_file(file.string(), error);
  const X509* const certificate = error ? nullptr : SSL_CTX_get0_certificate(context.native_handle());
  if (certificate == nullptr) {
    complain(errors, file,
             named(kCertificate, file) + " holds no usable certificate: give ours in PEM, before its chain");
    return nullptr;
  }
  check_chain(context, file, errors);
  return certificate;
}

struct PassphraseAsked {
  std::shared_ptr<bool> asked;  // shared: the context keeps the callback
  std::string operator()(std::size_t, ssl::context_base::password_purpose) const {
    *asked = true;
    return {};
  }
};

void load_key(ssl::context& context, const path& file, const path& certificate, bool have_certificate,
              SettingsErrors& errors) {
  if (!is_readable(file, "the key", errors)) return;
  const auto passphrase_asked = std::make_shared<bool>(false);
  error_code error;
  // Without a callback OpenSSL asks on the terminal, and a daemon would wait there for ever.
  context.set_password_callback(PassphraseAsked{passphrase_asked}, error);
  context.use_private_key_file(file.string(), ssl::context::pem, error);
  const bool mismatch =
      error && ERR_GET_REASON(static_cast<unsigned int>(error.value())) == X509_R_KEY_VALUES_MISMATCH;
  if (*passphrase_asked) {
    complain(errors, file,
             named("the key", file) +
                 " is protected by a passphrase: remove it with `openssl pkey` and let only "
                 "the service's user read the file");
  } else if (mismatch ||
             (!error && have_certificate && SSL_CTX_check_private_key(context.native_handle()) != 1)) {
    complain(errors, file,
             named("the key", file) + " does not belong to the certificate in " + certificate.string() +
                 ": give the two that were made together");
  } else if (error) {
    complain(errors, file, named("the key", file) + " holds no private key: give ours in PEM");
  }
}

}  // namespace

Sha256 fingerprint(const TlsSettings& settings) {
  std::string all;
  for (const path* file : {&settings.ca, &settings.certificate, &settings.key, &settings.crl}) {
    std::ostringstream bytes;
    if (!file->empty() && !std::filesystem::is_directory(*file))
      bytes << std::ifstream(*file, std::ios::binary).rdbuf();
    all.append(hex(sha256(bytes.str())));  // of its own, so that no byte moves from one file to the next
  }
  return sha256(all);
}

boost::system::result<TlsIdentity, SettingsErrors> load_tls_identity(const TlsSettings& settings) {
  SettingsErrors errors;
  // Before they are read: what changes in between is seen at the next look.
  const Sha256 files = fingerprint(settings);
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  // Only the CA of the settings: the system's own would let every public CA name our destination.
  load_ca(*context, settings.ca, errors);
  load_crl(*context, settings.crl, errors);
  const X509* const certificate = load_certificate(*context, settings.certificate, errors);
  load_key(*context, settings.key, settings.certificate, certificate != nullptr, errors);
  ERR_clear_error();  // what is left in this thread's queue would be taken for a failure of the next
                      // connection
  if (!errors.empty()) return errors;
  return TlsIdentity{std::move(context), to_instant(X509_get0_notBefore(certificate)),
                     to_instant(X509_get0_notAfter(certificate)), files};
}

std::optional<SettingsError> find_out_of_date(const TlsIdentity& identity, const TlsSettings& settings,
                                              Instant now) {
  const TimeZone utc = *TimeZone::named("UTC");
  const path& file = settings.certificate;
  if (now < identity.certificate_valid_from) {
    return SettingsError{file.string(), named(kCertificate, file) + " is not valid before " +
                                            to_date(identity.certificate_valid_from, utc) +
                                            " (UTC): check this server's clock"};
  }
  if (now > identity.certificate_valid_until) {
    return SettingsError{file.string(), named(kCertificate, file) + " expired on " +
                                            to_date(identity.certificate_valid_until, utc) +
                                            " (UTC): ask the destination's operator for a new one"};
  }
  return std::nullopt;
}

}  // namespace gateway
