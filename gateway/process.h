#pragma once
// What lasts as long as the process, over reloads: the I/O loop, the signals it hears, the service manager. A
// signal that comes between two applications waits for the next. I/O thread only.

#include "gateway/instant.h"
#include "gateway/service_manager.h"
#include "gateway/state_directory.h"

#include <csignal>
#include <cstdint>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace gateway {

struct ReloadCounts {
  std::int64_t done = 0;
  std::int64_t refused = 0;
  std::optional<Instant> last_done;

  void note_done() {
    ++done;
    last_done = now();
  }
};

struct Process {
  enum class Hangup { is_heard, ends };
  explicit Process(Hangup hangup);

  /// Waits, with nothing else in the loop. True: a signal came that asks to stop.
  bool signalled_within(Milliseconds time);
  bool is_signalled() const { return signalled_; }

  /// The lock that an application before this one kept, once.
  std::optional<StateDirectoryLock> take_lock() {
    auto kept = std::move(lock);
    lock.reset();
    return kept;
  }

  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGTERM, SIGINT};
  ServiceManager service;
  Instant began = now();
  ReloadCounts reloads;
  std::optional<StateDirectoryLock> lock;  // between two applications: nobody takes the state meanwhile
  bool reload_asked = false;               // by a SIGHUP that could not be obeyed at once

 private:
  void wait_for_signal();

  bool signalled_ = false;
  bool waiting_ = false;
};

}  // namespace gateway
