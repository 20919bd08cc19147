#pragma once
// How often a state was found damaged lately: one that is damaged again and again is a disk that a person
// must look at. Not synchronised.

#include <chrono>
#include <vector>

namespace gateway {

class Restarts {
 public:
  /// False: too often within an hour.
  bool allow_another() {
    const auto now = Clock::now();
    std::erase_if(times_, [now](auto when) { return now - when > std::chrono::hours(1); });
    if (times_.size() == kAnHour) return false;
    times_.push_back(now);
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kAnHour = 3;
  std::vector<Clock::time_point> times_;
};

}  // namespace gateway
