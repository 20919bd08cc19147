#include "gateway/certificate_facts.h"

#include <ctime>
#include <memory>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace gateway {
namespace {

constexpr std::size_t kMost = 20;

struct Free {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, Free> memory(BIO_new(BIO_s_mem()));
  // Of a name in UTF-8 as it is, and of control characters nothing that moves a cursor.
  X509_NAME_print_ex(
      memory.get(), name, 0,
      (XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) | ASN1_STRFLGS_ESC_CTRL);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

Instant end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return Instant(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

std::vector<CertificateFacts> read_certificate_facts(const std::filesystem::path& file) {
  std::vector<CertificateFacts> all;
  const std::unique_ptr<BIO, Free> stream(BIO_new_file(file.c_str(), "r"));
  while (stream && all.size() < kMost) {
    const std::unique_ptr<X509, Free> certificate(PEM_read_bio_X509(stream.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    all.push_back({text_of(X509_get_subject_name(certificate.get())),
                   text_of(X509_get_issuer_name(certificate.get())), end_of(certificate.get())});
  }
  ERR_clear_error();
  return all;
}

}  // namespace gateway
