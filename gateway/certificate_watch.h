#pragma once
// Looks at the files of <tls> now and then, so that a certificate is renewed without a restart and its end
// does not come as a surprise: new files are checked and used for new connections; ones that cannot be used,
// or are out of date while those in use are not, leave the old in use, with an alarm for as long as that
// lasts. I/O thread; files are read on the work pool.

#include "gateway/fhir_client.h"
#include "gateway/log.h"
#include "gateway/sender.h"
#include "gateway/state_store.h"
#include "gateway/tls_identity.h"
#include "gateway/wakeup.h"

#include <chrono>
#include <optional>

#include <boost/asio/thread_pool.hpp>

namespace gateway {

class CertificateWatch {
 public:
  /// `in_use`: the identity that the client has.
  CertificateWatch(const DestinationSettings& settings, const TlsIdentity& in_use, FhirClient& client,
                   Sender& sender, StateStore& store, boost::asio::thread_pool& work, const Log& log,
                   boost::asio::any_io_executor executor);

  /// Runs until stop().
  boost::asio::awaitable<void> run();
  void stop();

  /// Of the files whose contents are in use.
  const Sha256& fingerprint_in_use() const { return in_use_.files; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Look;

  boost::asio::awaitable<void> look();
  boost::asio::awaitable<void> take(TlsIdentity identity);
  boost::asio::awaitable<void> refuse(const SettingsErrors& errors);
  boost::asio::awaitable<void> clear_alarm();
  boost::asio::awaitable<void> save_end();
  void warn_of_dates();

  const DestinationSettings& settings_;
  FhirClient& client_;
  Sender& sender_;
  StateStore& store_;
  boost::asio::thread_pool& work_;
  const Log& log_;
  Wakeup wake_;
  TlsIdentity in_use_;
  std::optional<Sha256> unusable_;  // what is in the files now, and cannot be used
  bool alarm_raised_ = false;
  std::optional<Clock::time_point> warned_;
  bool stopping_ = false;
};

}  // namespace gateway
