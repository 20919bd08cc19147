#pragma once
// Which lines of a message that comes very often are written, and how many were not. journald drops what
// is above its own rate whatever it says (10,000 lines in 30 s by default). Not synchronised: the log's.

#include "gateway/message.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace gateway {

class LogRepeats {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr int kWritten = 100;  // lines of one message that are written in one period
  static constexpr std::chrono::seconds kPeriod{60};

  struct Unwritten {
    Message message;
    std::int64_t lines;
  };

  /// False: the line is only counted.
  bool is_written(const MessageFacts& facts, Clock::time_point now);
  /// What was only counted in periods that are over; each is told once.
  std::vector<Unwritten> over(Clock::time_point now);
  /// The same of periods that are not over, too.
  std::vector<Unwritten> all();

 private:
  struct Period {
    Clock::time_point began;
    std::int64_t lines = 0;
  };
  template <typename IsOver>
  std::vector<Unwritten> take(IsOver is_over);

  std::map<Message, Period> periods_;
};

}  // namespace gateway
