#pragma once
// Delivers one destination's rows: claim, send, decide, record, each outcome committed before it is
// forgotten. Several workers, one request each; a unit is never with two of them. I/O thread only.

#include "gateway/backoff.h"
#include "gateway/clock_watch.h"
#include "gateway/delivery_counts.h"
#include "gateway/destination.h"
#include "gateway/log.h"
#include "gateway/sending_pace.h"
#include "gateway/settings.h"
#include "gateway/state_store.h"
#include "gateway/wakeup.h"

#include <chrono>
#include <optional>

namespace gateway {

class Sender {
 public:
  Sender(boost::asio::any_io_executor executor, const DestinationSettings& settings, StateStore& store,
         Destination& destination, const Log& log);

  /// Runs until stop(); every worker is one call.
  boost::asio::awaitable<void> run_worker();

  /// There may be new rows.
  void wake();
  /// What made the destination pause may be gone.
  void try_now();
  /// Workers end after their current request.
  void stop();

  bool busy() const { return requests_under_way_ > 0; }
  /// The destination could not be reached, or refused us, at the last try.
  bool paused() const { return pace_.paused().has_value(); }
  SafeText pause_reason() const { return paused() ? pace_.paused()->reason : SafeText(); }
  const DestinationSettings& destination() const { return settings_; }
  const DeliveryCounts& counts() const { return counts_; }

 private:
  using Clock = SendingPace::Clock;

  boost::asio::awaitable<bool> deliver_next();
  boost::asio::awaitable<void> follow_clock();
  boost::asio::awaitable<Answer> exchange(const Claim& claim);
  boost::asio::awaitable<void> wait_for_work(unsigned long rings);
  void count(const Recorded& recorded, Clock::duration time);
  int note_answer();
  boost::asio::awaitable<void> tell_of_pause(int failed_tries);
  Milliseconds wait_after(const Decision& decision, const Claim& claim);
  void log_outcome(const Claim& claim, Verdict verdict, const Answer& answer) const;

  const DestinationSettings& settings_;
  StateStore& store_;
  Destination& destination_;
  const Log& log_;
  Wakeup wakeup_;
  Backoff retries_;
  Backoff results_;
  SendingPace pace_;
  ClockWatch clock_watch_{now(), Clock::now()};
  std::string salt_;
  bool stopping_ = false;
  int requests_under_way_ = 0;
  std::optional<SafeText> told_pause_;  // why it is paused, as the log and the database have it
  DeliveryCounts counts_;
};

}  // namespace gateway
