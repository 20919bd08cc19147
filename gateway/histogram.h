#pragma once
// How often a duration was how long, as Prometheus wants it told: counts up to bounds, and a sum. Value type.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gateway {

class Histogram {
 public:
  /// Seconds, ascending; they outlive the histogram. Above the last is one more bucket.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

  /// A clock that was set back makes no negative duration.
  void observe(double seconds);

  std::span<const double> bounds() const { return bounds_; }
  /// How many were at most as long as the bound with that index.
  std::int64_t up_to(std::size_t bound) const;
  std::int64_t count() const;
  double sum() const { return sum_; }

 private:
  std::span<const double> bounds_;
  std::vector<std::int64_t> counts_;  // of each bucket alone
  double sum_ = 0;
};

/// Of a request to a destination.
inline constexpr std::array<double, 12> kRequestBounds{0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                       1,    2.5,   5,    10,  30,   60};
/// From a document to its acceptance, which an outage makes days.
inline constexpr std::array<double, 13> kAcceptanceBounds{0.5, 1,   2.5,  5,     10,    30,   60,
                                                          300, 900, 3600, 14400, 43200, 86400};

}  // namespace gateway
