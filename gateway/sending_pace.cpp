#include "gateway/sending_pace.h"

#include <algorithm>
#include <utility>

namespace gateway {

SendingPace::SendingPace(const DeliverySettings& settings, std::uint64_t seed)
    : connections_(std::max(settings.connections, 1)),
      allowed_(connections_),
      first_wait_(settings.pause().first),
      backoff_(settings.pause().first, settings.pause().max, seed) {}

bool SendingPace::allows_another(int under_way, Clock::time_point now) const {
  if (pause_) return under_way == 0 && now >= pause_->until;
  return under_way < allowed_;
}

bool SendingPace::note_overload(UnitId unit) {
  // As long as it is paused, one more such answer is the answer to the question whether it is back.
  if (pause_) return true;
  overloaded_.insert(unit);
  return overloaded_.size() >= kOverloadsInARow;
}

void SendingPace::pause(const SafeText& reason, std::optional<Milliseconds> wait, Clock::time_point now) {
  const bool under_way_before = pause_ && now < pause_->until;
  if (!pause_) pause_ = Pause{reason, now, 0};
  pause_->reason = reason;
  if (under_way_before) return;
  ++pause_->failed_tries;
  // "Retry-After: 0" is no leave to try without a pause.
  pause_->until = now + (wait ? std::max(*wait, first_wait_) : backoff_.wait(pause_->failed_tries));
  overloaded_.clear();
}

std::optional<SendingPace::Pause> SendingPace::note_answer() {
  overloaded_.clear();
  // Not all connections at once: what has just come up would be overrun by all that waits for it.
  if (pause_) allowed_ = 1;
  allowed_ = allowed_ > connections_ / 2 ? connections_ : 2 * allowed_;
  return std::exchange(pause_, std::nullopt);
}

void SendingPace::try_now(Clock::time_point now) {
  if (pause_) pause_->until = std::min(pause_->until, now);
}

}  // namespace gateway
