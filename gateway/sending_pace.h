#pragma once
// How many requests at a time a destination is to get: none while it is paused, then one that finds out
// whether it is back, and with each success twice as many. No clock and no network of its own; the sender's
// thread.

#include "gateway/backoff.h"
#include "gateway/disposition.h"
#include "gateway/settings.h"
#include "gateway/units.h"

#include <chrono>
#include <optional>
#include <set>

namespace gateway {

class SendingPace {
 public:
  using Clock = std::chrono::steady_clock;

  struct Pause {
    SafeText reason;
    Clock::time_point until;  // when it is tried again
    int failed_tries;
  };

  SendingPace(const DeliverySettings& settings, std::uint64_t seed);

  /// Whether one more request may begin beside those under way.
  bool allows_another(int under_way, Clock::time_point now) const;
  /// Nothing while the destination is not paused.
  const std::optional<Pause>& paused() const { return pause_; }
  /// Whether fewer than all connections are used.
  bool holds_back() const { return pause_.has_value() || allowed_ < connections_; }

  /// A destination that answers "not now" to everything must not be met by every unit in turn, each using up
  /// an attempt to learn the same: after kOverloadsInARow such answers to different units it counts as
  /// paused, and one request at a time finds out when it takes something again. Fewer are no proof: a busy
  /// server turns away one request and takes the next. True: it is to be paused.
  bool note_overload(UnitId unit);

  /// A try failed, or this begins a pause. A request that was under way when the pause began only says why
  /// once more. `wait`: as the destination asked for, else our own schedule.
  void pause(const SafeText& reason, std::optional<Milliseconds> wait, Clock::time_point now);
  /// The destination took or refused something. The pause that ends by that.
  std::optional<Pause> note_answer();
  /// What made it pause may be gone: the next try is now.
  void try_now(Clock::time_point now);

  static constexpr std::size_t kOverloadsInARow = 5;

 private:
  int connections_;
  int allowed_;  // at a time, while not paused
  Milliseconds first_wait_;
  Backoff backoff_;
  std::set<UnitId> overloaded_;  // in a row
  std::optional<Pause> pause_;
};

}  // namespace gateway
