#pragma once
// Exponential backoff with full jitter and a cap.

#include "gateway/instant.h"

#include <cstdint>
#include <random>

namespace gateway {

class Backoff {
 public:
  Backoff(Milliseconds first, Milliseconds max, std::uint64_t seed)
      : first_(first), max_(max), random_(seed) {}

  /// `attempt` counts from 1. Uniform in [first, min(max, first * 2^attempt)], so that a platform which comes
  /// back is not met by everyone at once. Never overflows.
  Milliseconds wait(int attempt);

 private:
  Milliseconds first_;
  Milliseconds max_;
  std::mt19937_64 random_;
};

}  // namespace gateway
