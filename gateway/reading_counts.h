#pragma once
// What the intake counts since the start, and when it last came on. Value type; I/O thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace gateway {

struct ReadingCounts {
  using Clock = std::chrono::steady_clock;

  std::map<std::string, std::int64_t> accepted;  // by storage
  std::map<std::pair<std::string, std::string_view>, std::int64_t>
      refused;                     // by storage and id of the reason
  Clock::time_point look_began{};  // zero: none is under way
};

struct BuildingCounts {
  using Clock = std::chrono::steady_clock;

  std::int64_t built = 0;  // report units, also those that came out as they were
  Clock::time_point last_batch = Clock::now();
};

}  // namespace gateway
