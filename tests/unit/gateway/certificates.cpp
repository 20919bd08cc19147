#include "tests/unit/gateway/certificates.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace gateway::test {

namespace {

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    free_function(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Free<std::fclose>>;

constexpr long kDay_s = 24 * 60 * 60;

struct Pair {
  Key key;
  Certificate certificate;
};

struct Wish {
  std::string name;
  std::string alternative_names;  // "DNS:localhost,IP:127.0.0.1"; empty: none
  long ends_s = 30 * kDay_s;      // from now
};

void require(bool done) {
  if (!done) throw std::runtime_error("making a test certificate failed");
}

void add_extension(X509* certificate, int id, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Without an issuer: an authority that signs itself.
Pair make(const Wish& wish, const Pair* issuer) {
  static long serial = 1;
  Pair made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509* const certificate = made.certificate.get();
  require(made.key && certificate);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60 * kDay_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.ends_s);
  X509_NAME* const name = X509_get_subject_name(certificate);
  const auto* bytes = reinterpret_cast<const unsigned char*>(wish.name.c_str());
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, -1, -1, 0) == 1);
  X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer->certificate.get()) : name);
  X509_set_pubkey(certificate, made.key.get());
  add_extension(certificate, NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
  if (!wish.alternative_names.empty()) {
    add_extension(certificate, NID_subject_alt_name, wish.alternative_names);
  }
  require(X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) != 0);
  return made;
}

void write(const Pair& pair, const std::filesystem::path& stem) {
  const File certificate(std::fopen((stem.string() + ".crt").c_str(), "w"));
  const File key(std::fopen((stem.string() + ".key").c_str(), "w"));
  require(certificate && PEM_write_X509(certificate.get(), pair.certificate.get()) == 1);
  require(key && PEM_write_PrivateKey(key.get(), pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

using RevocationList = std::unique_ptr<X509_CRL, Free<X509_CRL_free>>;

/// Of `issuer`, with that one certificate in it.
void write_list(const std::filesystem::path& file, const Pair& issuer, const Pair& revoked, long ends_s) {
  const RevocationList list(X509_CRL_new());
  require(list && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> from(X509_gmtime_adj(nullptr, -60 * kDay_s));
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> until(X509_gmtime_adj(nullptr, ends_s));
  X509_CRL_set1_lastUpdate(list.get(), from.get());
  X509_CRL_set1_nextUpdate(list.get(), until.get());
  X509_REVOKED* const entry = X509_REVOKED_new();
  require(entry != nullptr);
  X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked.certificate.get()));
  X509_REVOKED_set_revocationDate(entry, from.get());
  require(X509_CRL_add0_revoked(list.get(), entry) == 1);
  require(X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()) != 0);
  const File out(std::fopen(file.c_str(), "w"));
  require(out && PEM_write_X509_CRL(out.get(), list.get()) == 1);
}

}  // namespace

Certificates::Certificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kakehashi-test-XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;

  const std::string platform = "DNS:platform.example,DNS:localhost,IP:127.0.0.1,IP:::1";
  const Pair ca = make({"Test CA", ""}, nullptr);
  const Pair other_ca = make({"Other test CA", ""}, nullptr);
  write(ca, file("ca"));
  write(other_ca, file("other-ca"));
  write(make({"platform.example", platform}, &ca), file("server"));
  write(make({"elsewhere.example", "DNS:elsewhere.example"}, &ca), file("server-wrong-name"));
  write(make({"platform.example", platform, -kDay_s}, &ca), file("server-expired"));
  const Pair revoked = make({"platform.example", platform}, &ca);
  write(revoked, file("server-revoked"));
  write_list(file("ca.crl"), ca, revoked, 30 * kDay_s);
  write_list(file("outdated.crl"), ca, revoked, -kDay_s);
  write_list(file("other-ca.crl"), other_ca, revoked, 30 * kDay_s);
  write(make({"gateway.example", ""}, &ca), file("client"));
  write(make({"gateway.example", "", -kDay_s}, &ca), file("client-expired"));
  write(make({"gateway.example", ""}, &other_ca), file("client-other-ca"));
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

const Certificates& certificates() {
  static const Certificates made;
  return made;
}

}  // namespace gateway::test
