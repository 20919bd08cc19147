#pragma once
// What a person wants to know of the certificates in a PEM file; keys are passed over.

#include "gateway/instant.h"

#include <filesystem>
#include <string>
#include <vector>

namespace gateway {

struct CertificateFacts {
  std::string subject;  // as RFC 2253 writes it
  std::string issuer;
  Instant valid_until;
};

/// The first twenty of them; none of a file that cannot be read.
std::vector<CertificateFacts> read_certificate_facts(const std::filesystem::path& file);

}  // namespace gateway
