#include "gateway/log_repeats.h"

namespace gateway {

bool LogRepeats::is_written(const MessageFacts& facts, Clock::time_point now) {
  if (facts.repeats == Repeats::each) return true;
  Period& period = periods_.try_emplace(facts.message, Period{now}).first->second;
  return ++period.lines <= kWritten;
}

std::vector<LogRepeats::Unwritten> LogRepeats::over(Clock::time_point now) {
  return take([now](const Period& period) { return now - period.began >= kPeriod; });
}

std::vector<LogRepeats::Unwritten> LogRepeats::all() {
  return take([](const Period&) { return true; });
}

template <typename IsOver>
std::vector<LogRepeats::Unwritten> LogRepeats::take(IsOver is_over) {
  std::vector<Unwritten> unwritten;
  std::erase_if(periods_, [&](const auto& entry) {
    const auto& [message, period] = entry;
    if (!is_over(period)) return false;
    if (period.lines > kWritten) unwritten.push_back({message, period.lines - kWritten});
    return true;
  });
  return unwritten;
}

}  // namespace gateway
