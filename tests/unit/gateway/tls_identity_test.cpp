#include "gateway/tls_identity.h"

#include "tests/unit/gateway/certificates.h"

#include <fstream>
#include <memory>
#include <sstream>

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace {

using namespace gateway;
using Catch::Contains;
using gateway::test::certificates;

TlsSettings settings(const char* certificate = "client.crt", const char* key = "client.key") {
  return {certificates().file("ca.crt"), certificates().file(certificate), certificates().file(key), "", ""};
}

std::filesystem::path write(const char* name, const std::string& text) {
  const auto file = certificates().file(name);
  std::ofstream(file) << text;
  return file;
}

/// The only mistake there is.
std::string mistake(const TlsSettings& given) {
  const auto identity = load_tls_identity(given);
  REQUIRE(identity.has_error());
  REQUIRE(identity.error().size() == 1);
  return identity.error().front().place + "|" + identity.error().front().message;
}

/// client.key once more, under a passphrase.
std::filesystem::path protected_key() {
  const auto file = certificates().file("protected.key");
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
  REQUIRE(PEM_write_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr) ==
          1);
  return file;
}

}  // namespace

TEST_CASE("A good identity demands the server's certificate and TLS 1.2, and knows its own end") {
  const auto identity = load_tls_identity(settings());
  REQUIRE(identity.has_value());
  SSL_CTX* const context = identity->context->native_handle();
  CHECK((SSL_CTX_get_verify_mode(context) & SSL_VERIFY_PEER) != 0);
  CHECK(SSL_CTX_get_min_proto_version(context) == TLS1_2_VERSION);
  CHECK(SSL_CTX_get0_certificate(context) != nullptr);
  const auto left = identity->certificate_valid_until - now();
  CHECK(left > std::chrono::days(29));
  CHECK(left <= std::chrono::days(30));
}

TEST_CASE("An expired certificate can be used, and is told with its day") {
  const TlsSettings given = settings("client-expired.crt", "client-expired.key");
  const auto identity = load_tls_identity(given);
  REQUIRE(identity.has_value());
  const auto error = find_out_of_date(*identity, given, now());
  REQUIRE(error.has_value());
  CHECK(error->place == given.certificate.string());
  const std::string yesterday = to_date(now() - std::chrono::days(1), *TimeZone::named("UTC"));
  CHECK_THAT(error->message, Contains("client-expired.crt expired on " + yesterday + " (UTC)"));
}

TEST_CASE(
    "A certificate is in date from its first second to its last, and before that the clock is in doubt") {
  const TlsSettings given = settings();
  const auto identity = load_tls_identity(given);
  REQUIRE(identity.has_value());
  CHECK_FALSE(find_out_of_date(*identity, given, now()));
  CHECK_FALSE(find_out_of_date(*identity, given, identity->certificate_valid_from));
  CHECK_FALSE(find_out_of_date(*identity, given, identity->certificate_valid_until));
  CHECK(find_out_of_date(*identity, given, identity->certificate_valid_until + Milliseconds(1)));
  const auto early = find_out_of_date(*identity, given, identity->certificate_valid_from - Milliseconds(1));
  REQUIRE(early.has_value());
  CHECK_THAT(early->message, Contains("client.crt is not valid before ") && Contains("clock"));
}

TEST_CASE("A key of another certificate is told from a file without a key") {
  CHECK_THAT(mistake(settings("client.crt", "server.key")),
             Contains("server.key does not belong to the certificate in ") && Contains("client.crt"));
  CHECK_THAT(mistake(settings("client.crt", "client.crt")), Contains("client.crt holds no private key"));
}

TEST_CASE("A key of another algorithm does not belong to the certificate") {
  const auto file = certificates().file("rsa.key");
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), &EVP_PKEY_free);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
  REQUIRE(PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  out.reset();
  CHECK_THAT(mistake(settings("client.crt", "rsa.key")), Contains("rsa.key does not belong to"));
}

TEST_CASE("A key under a passphrase is refused instead of asking on the terminal") {
  protected_key();
  CHECK_THAT(mistake(settings("client.crt", "protected.key")), Contains("protected by a passphrase"));
}

TEST_CASE("A file that is not there is told from one with other contents") {
  write("empty.crt", "");
  write("text.crt", "not a certificate\n");
  CHECK_THAT(mistake(settings("missing.crt")), Contains("missing.crt cannot be read"));
  CHECK_THAT(mistake(settings("empty.crt")), Contains("empty.crt holds no usable certificate"));
  CHECK_THAT(mistake(settings("text.crt")), Contains("text.crt holds no usable certificate"));
  CHECK_THAT(mistake(settings("client.crt", "missing.key")), Contains("missing.key cannot be read"));
  TlsSettings given = settings();
  given.ca = certificates().file("text.crt");
  CHECK_THAT(mistake(given), Contains("text.crt holds no certificate"));
  given.ca = certificates().file("");
  CHECK_THAT(mistake(given), Contains("is a folder"));
}

TEST_CASE("All mistakes are told at once, each with its file") {
  const TlsSettings given{"/nowhere/ca.crt", "/nowhere/client.crt", "/nowhere/client.key", "", ""};
  const auto identity = load_tls_identity(given);
  REQUIRE(identity.has_error());
  REQUIRE(identity.error().size() == 3);
  CHECK(identity.error()[0].place == "/nowhere/ca.crt");
  CHECK(identity.error()[1].place == "/nowhere/client.crt");
  CHECK(identity.error()[2].place == "/nowhere/client.key");
}

TEST_CASE("A list of what was revoked is used when there is one, however old it is") {
  TlsSettings given = settings();
  const auto flags_of = [](const TlsIdentity& identity) {
    return X509_VERIFY_PARAM_get_flags(
        X509_STORE_get0_param(SSL_CTX_get_cert_store(identity.context->native_handle())));
  };
  CHECK((flags_of(*load_tls_identity(given)) & X509_V_FLAG_CRL_CHECK) == 0);
  for (const char* list : {"ca.crl", "outdated.crl"}) {
    given.crl = certificates().file(list);
    const auto identity = load_tls_identity(given);
    REQUIRE(identity.has_value());
    CHECK((flags_of(*identity) & X509_V_FLAG_CRL_CHECK) != 0);
  }
  given.crl = certificates().file("ca.crt");
  CHECK_THAT(mistake(given), Contains("ca.crt holds no list of revoked certificates"));
  given.crl = certificates().file("missing.crl");
  CHECK_THAT(mistake(given), Contains("the CRL file") && Contains("missing.crl cannot be read"));
}

TEST_CASE("A chain that is another certificate's is refused") {
  const auto text_of = [](const char* name) {
    std::ostringstream text;
    text << std::ifstream(certificates().file(name)).rdbuf();
    return text.str();
  };
  write("chain.crt", text_of("client.crt") + text_of("ca.crt"));
  CHECK(load_tls_identity(settings("chain.crt")).has_value());
  write("chain.crt", text_of("client.crt") + text_of("other-ca.crt"));
  CHECK_THAT(mistake(settings("chain.crt")), Contains("followed by a certificate that did not issue it"));
}

TEST_CASE("The fingerprint is of what stands in the files, whichever of them changes") {
  TlsSettings given = settings();
  const Sha256 before = fingerprint(given);
  CHECK(load_tls_identity(given)->files == before);
  CHECK(fingerprint(given) == before);
  write("copy.crt", "");
  std::filesystem::copy_file(given.certificate, certificates().file("copy.crt"),
                             std::filesystem::copy_options::overwrite_existing);
  given.certificate = certificates().file("copy.crt");
  CHECK(fingerprint(given) == before);
  write("copy.crt", "something else");
  CHECK(fingerprint(given) != before);
  given.certificate = certificates().file("gone.crt");
  CHECK(fingerprint(given) != before);
  given = settings();
  given.crl = certificates().file("ca.crl");
  CHECK(fingerprint(given) != before);
}
