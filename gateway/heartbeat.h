#pragma once
// Tells the service manager that the loops turn, and how much waits. What it tells says nothing of the
// platform or the disk: a slow one must not end the gateway. I/O thread only.

#include "gateway/log.h"
#include "gateway/service_manager.h"
#include "gateway/settings.h"
#include "gateway/state_store.h"
#include "gateway/wakeup.h"

namespace gateway {

class Heartbeat {
 public:
  /// What the storage thread does at a time ends within that, unless it is stuck: no disk is as slow.
  static constexpr std::chrono::minutes kStuck{10};

  Heartbeat(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
            const ServiceManager& service, const Log& log, std::chrono::milliseconds stuck_after = kStuck);

  /// Both run until stop(). The first waits for nothing but its timer.
  boost::asio::awaitable<void> run_pulse();
  boost::asio::awaitable<void> run_status();
  void stop();

  /// When both threads turned last.
  Instant last_beat() const { return last_beat_; }
  bool turns() const { return !stuck_; }

 private:
  bool storage_thread_turns();

  const Settings& settings_;
  StateStore& store_;
  const ServiceManager& service_;
  const Log& log_;
  std::chrono::milliseconds stuck_after_;
  Wakeup wake_;
  Instant last_beat_ = now();
  bool stuck_ = false;
  bool stopping_ = false;
};

}  // namespace gateway
