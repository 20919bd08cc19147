#pragma once
// Our certificate, our key and the CA we trust, loaded and checked before anything is sent.

#include "gateway/digest.h"
#include "gateway/instant.h"
#include "gateway/settings.h"

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>

namespace gateway {

struct TlsIdentity {
  std::shared_ptr<boost::asio::ssl::context>
      context;  // TLS >= 1.2, verify_peer on; host name is set per stream
  Instant certificate_valid_from;
  Instant certificate_valid_until;
  Sha256 files{};  // fingerprint
};

/// Of what stands in the files now: the same as long as nobody changes one, whatever their dates say.
Sha256 fingerprint(const TlsSettings& settings);

/// The message names the file and says what to do: unreadable, no certificate in it, key does not belong to
/// the certificate, chain of others. What is out of date, our certificate or a list of what was revoked, is
/// none of these: the gateway goes on reading and for the other destinations, and its connections say so.
boost::system::result<TlsIdentity, SettingsErrors> load_tls_identity(const TlsSettings& settings);

/// What is wrong with the dates of our certificate, and what to do.
std::optional<SettingsError> find_out_of_date(const TlsIdentity& identity, const TlsSettings& settings,
                                              Instant now);

}  // namespace gateway
