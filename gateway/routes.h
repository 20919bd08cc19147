#pragma once
// The destinations that are sent to, each with its client, its workers and the watch of its certificates. I/O
// thread only.

#include "gateway/certificate_watch.h"
#include "gateway/fhir_client.h"
#include "gateway/log.h"
#include "gateway/sender.h"
#include "gateway/settings.h"
#include "gateway/state_store.h"
#include "gateway/tls_identity.h"

#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

namespace gateway {

/// By destination.
using TlsIdentities = std::map<std::string, TlsIdentity>;
using TlsFingerprints = std::map<std::string, Sha256>;

/// Of all that are sent to, or what is wrong with any of them. Their dates are no mistake.
boost::system::result<TlsIdentities, SettingsErrors> load_identities(const Settings& settings);

class Routes {
 public:
  Routes(boost::asio::any_io_executor executor, const Settings& settings, const TlsIdentities& identities,
         StateStore& store, boost::asio::thread_pool& work, const Log& log);

  /// Hands every loop to `spawn`. Each runs until stop().
  void start(const std::function<void(boost::asio::awaitable<void>)>& spawn);
  void wake();
  void stop();
  /// Answers are not awaited any longer.
  void give_up();
  /// After every loop has ended.
  void close();

  bool busy() const;
  TlsFingerprints certificates_in_use() const;
  /// Of all that are sent to.
  std::vector<const Sender*> senders() const;

 private:
  struct Route {
    Route(const boost::asio::any_io_executor& executor, const DestinationSettings& destination,
          const TlsIdentity& identity, StateStore& store, boost::asio::thread_pool& work, const Log& log);
    const DestinationSettings& settings;
    FhirClient client;
    Sender sender;
    CertificateWatch certificates;
  };

  std::list<Route> routes_;  // nodes are stable: workers keep references
};

}  // namespace gateway
