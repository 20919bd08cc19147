#include "gateway/backoff.h"

#include <algorithm>

namespace gateway {

Milliseconds Backoff::wait(int attempt) {
  const Milliseconds lowest = std::min(first_, max_);
  Milliseconds highest = lowest;
  for (int doubled = 0; doubled < attempt && highest < max_; ++doubled) {
    if (highest > max_ / 2 || highest <= Milliseconds::zero()) {
      highest = max_;  // doubling would pass the cap, and at the far end overflow; zero never grows
    } else {
      highest *= 2;
    }
  }
  std::uniform_int_distribution<Milliseconds::rep> jitter(lowest.count(), highest.count());
  return Milliseconds(jitter(random_));
}

}  // namespace gateway
