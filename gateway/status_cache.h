#pragma once
// What the database says, for metrics and health: read at most every few seconds, however often it is asked
// for, and on a connection of its own that only reads, so that nobody who asks keeps the storage thread
// waiting. I/O thread; read on the work pool.

#include "gateway/settings.h"
#include "gateway/state_files.h"
#include "gateway/status_report.h"
#include "gateway/wakeup.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/thread_pool.hpp>

namespace gateway {

/// The report and what only whoever is beside the files can tell.
struct StateLook {
  StatusReport report;
  std::optional<Instant> units_due_since;    // or when the first of them will be
  std::map<std::string, Instant> due_since;  // the same of rows, by destination
  std::uint64_t database_bytes = 0;
  std::uint64_t wal_bytes = 0;
  std::optional<DiskSpace> space;
  double seconds = 0;  // that reading it took
};

class StatusCache {
 public:
  using Clock = std::chrono::steady_clock;

  StatusCache(boost::asio::any_io_executor executor, const Settings& settings,
              boost::asio::thread_pool& work);

  /// The newest there is; null when it never could be read. Reads anew what is older than that, and waits for
  /// it, but not longer than kLongestWait: then it is what was read before.
  boost::asio::awaitable<std::shared_ptr<const StateLook>> look();
  std::optional<Clock::duration> age() const;
  /// Nobody waits any longer. What is being read is read to its end.
  void stop();

  // Reading takes a tenth of one thread at most.
  static constexpr std::chrono::milliseconds kFresh{2'000};
  static constexpr int kShare = 10;
  static constexpr std::chrono::milliseconds kLongestWait{3'000};

 private:
  bool is_fresh() const;
  boost::asio::awaitable<void> refresh();

  const Settings& settings_;
  boost::asio::thread_pool& work_;
  Wakeup bell_;  // rings when a reading has ended
  std::shared_ptr<const StateLook> newest_;
  Clock::time_point read_at_{};
  Clock::time_point tried_at_{};
  bool reading_ = false;
  bool stopping_ = false;
};

}  // namespace gateway
