#pragma once
// Whether this machine's clock was set: the wall clock against the one that only counts. Of one thread.

#include "gateway/instant.h"

#include <chrono>

namespace gateway {

class ClockWatch {
 public:
  using Counting = std::chrono::steady_clock::time_point;

  ClockWatch(Instant wall, Counting counting) : wall_(wall), counting_(counting) {}

  /// How far the wall clock was set since the last look; zero for what a time service corrects by and by.
  Milliseconds look(Instant wall, Counting counting) {
    const auto counted = std::chrono::duration_cast<Milliseconds>(counting - counting_);
    const Milliseconds set = wall - wall_ - counted;
    wall_ = wall;
    counting_ = counting;
    return set > kNoise || set < -kNoise ? set : Milliseconds::zero();
  }

 private:
  static constexpr Milliseconds kNoise{1'000};
  Instant wall_;
  Counting counting_;
};

}  // namespace gateway
