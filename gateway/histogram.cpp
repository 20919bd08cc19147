#include "gateway/histogram.h"

#include <algorithm>
#include <numeric>

namespace gateway {

void Histogram::observe(double seconds) {
  seconds = std::max(seconds, 0.0);
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), seconds);
  ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
  sum_ += seconds;
}

std::int64_t Histogram::up_to(std::size_t bound) const {
  return std::accumulate(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(bound) + 1,
                         std::int64_t{0});
}

std::int64_t Histogram::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

}  // namespace gateway
