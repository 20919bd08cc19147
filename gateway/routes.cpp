#include "gateway/routes.h"

#include <algorithm>

namespace gateway {

boost::system::result<TlsIdentities, SettingsErrors> load_identities(const Settings& settings) {
  TlsIdentities identities;
  SettingsErrors errors;
  for (const DestinationSettings& destination : settings.destinations) {
    if (destination.mode == DestinationMode::dry_run) continue;
    auto identity = load_tls_identity(destination.tls);
    if (identity.has_value()) {
      identities.emplace(destination.id, std::move(*identity));
    } else {
      const SettingsErrors wrong = identity.error();
      errors.insert(errors.end(), wrong.begin(), wrong.end());
    }
  }
  if (!errors.empty()) return errors;
  return identities;
}

Routes::Route::Route(const boost::asio::any_io_executor& executor, const DestinationSettings& destination,
                     const TlsIdentity& identity, StateStore& store, boost::asio::thread_pool& work,
                     const Log& log)
    : settings(destination),
      client(executor, destination, identity),
      sender(executor, destination, store, client, log),
      certificates(destination, identity, client, sender, store, work, log, executor) {}

Routes::Routes(boost::asio::any_io_executor executor, const Settings& settings,
               const TlsIdentities& identities, StateStore& store, boost::asio::thread_pool& work,
               const Log& log) {
  for (const DestinationSettings& destination : settings.destinations) {
    if (destination.mode == DestinationMode::dry_run) continue;
    routes_.emplace_back(executor, destination, identities.at(destination.id), store, work, log);
  }
}

void Routes::start(const std::function<void(boost::asio::awaitable<void>)>& spawn) {
  for (Route& route : routes_) {
    spawn(route.certificates.run());
    for (int i = 0; i < route.settings.delivery.connections; ++i) spawn(route.sender.run_worker());
  }
}

void Routes::wake() {
  for (Route& route : routes_) route.sender.wake();
}

void Routes::stop() {
  for (Route& route : routes_) {
    route.sender.stop();
    route.certificates.stop();
  }
}

void Routes::give_up() {
  for (Route& route : routes_) route.client.give_up();
}

void Routes::close() {
  for (Route& route : routes_) route.client.close();
}

std::vector<const Sender*> Routes::senders() const {
  std::vector<const Sender*> senders;
  for (const Route& route : routes_) senders.push_back(&route.sender);
  return senders;
}

TlsFingerprints Routes::certificates_in_use() const {
  TlsFingerprints all;
  for (const Route& route : routes_) all.emplace(route.settings.id, route.certificates.fingerprint_in_use());
  return all;
}

bool Routes::busy() const {
  return std::ranges::any_of(routes_, [](const Route& route) { return route.sender.busy(); });
}

}  // namespace gateway
