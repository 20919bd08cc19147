#include "gateway/sending_pace.h"

#include <algorithm>

namespace gateway {

SendingPace::SendingPace(const DeliverySettings& settings, std::uint64_t seed)
    : connections_(std::max(settings.connections, 1)),
      allowed_(connections_),
      first_wait_(settings.pause().first),
      backoff_(settings.pause().first, settings.pause().max, seed) {}

bool SendingPace::allows_another(int under_way, Clock::time_point now) const {
  if (paused_until_) return under_way == 0 && now >= *paused_until_;
  return under_way < allowed_;
}

bool SendingPace::note_overload(UnitId unit) {
  // As long as it is paused, one more such answer is the answer to the question whether it is back.
  if (paused_until_) return true;
  overloaded_.insert(unit);
  return overloaded_.size() >= kOverloadsInARow;
}

bool SendingPace::pause(std::optional<Milliseconds> wait, Clock::time_point now) {
  if (paused_until_ && now < *paused_until_) return false;
  ++failed_tries_;
  // "Retry-After: 0" is no leave to try without a pause.
  paused_until_ = now + (wait ? std::max(*wait, first_wait_) : backoff_.wait(failed_tries_));
  overloaded_.clear();
  return true;
}

bool SendingPace::note_answer() {
  overloaded_.clear();
  const bool was_paused = paused_until_.has_value();
  // Not all connections at once: what has just come up would be overrun by all that waits for it.
  if (was_paused) allowed_ = 1;
  allowed_ = allowed_ > connections_ / 2 ? connections_ : 2 * allowed_;
  paused_until_.reset();
  failed_tries_ = 0;
  return was_paused;
}

void SendingPace::try_now(Clock::time_point now) {
  if (paused_until_) paused_until_ = std::min(*paused_until_, now);
}

}  // namespace gateway
