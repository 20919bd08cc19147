#pragma once
// The certificates of the TLS tests, made anew for each process in a folder of its own.

#include <filesystem>

namespace gateway::test {

/// ca.crt and other-ca.crt; with .crt and .key: server (platform.example, localhost, 127.0.0.1, ::1),
/// server-wrong-name, server-expired, server-revoked, client, client-expired, client-other-ca. Lists of what
/// is revoked: ca.crl, other-ca.crl, and outdated.crl of ca.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::filesystem::path file(const char* name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

const Certificates& certificates();

}  // namespace gateway::test
