#pragma once
// Our certificate, our key and the CA we trust, loaded and checked before anything is sent.

#include "gateway/instant.h"
#include "gateway/settings.h"

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>

namespace gateway {

struct TlsIdentity {
  std::shared_ptr<boost::asio::ssl::context>
      context;  // TLS >= 1.2, verify_peer on; host name is set per stream
  Instant certificate_valid_until;
};

/// The message names the file and says what to do: unreadable, no certificate in it, key does not belong to
/// the certificate, not yet valid, expired.
boost::system::result<TlsIdentity, SettingsErrors> load_tls_identity(const TlsSettings& settings,
                                                                     Instant now);

}  // namespace gateway
