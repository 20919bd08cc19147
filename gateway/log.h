#pragma once
// One line an event on stderr, with the <N> priority prefix journald reads when stderr is a journal. Says
// messages of the table only, with fields of SafeText only: patient data does not compile. Safe to call from
// every thread.

#include "gateway/log_line.h"
#include "gateway/log_repeats.h"
#include "gateway/message.h"
#include "gateway/settings.h"
#include "ssmix2/failure.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <vector>

namespace gateway {

class Log {
 public:
  enum class Prefix { automatic, none, journal };  // automatic: journal when JOURNAL_STREAM names it
  Log(LogSettings settings, int file_descriptor, Prefix prefix = Prefix::automatic);
  /// Tells what was only counted.
  ~Log();

  void write(Message message, std::initializer_list<LogField> fields = {}) const;
  /// How many lines of messages that came too often were left out in periods that are over: to be called
  /// every few seconds.
  void tell_repeats() const;
  /// That were written since the start, by LogLevel.
  std::array<std::int64_t, 4> lines() const;

 private:
  void tell(const std::vector<LogRepeats::Unwritten>& unwritten) const;
  void put(const MessageFacts& facts, std::initializer_list<LogField> fields) const;

  LogSettings settings_;
  int file_descriptor_;
  LogHead head_ = LogHead::terminal;
  mutable std::mutex line_;  // one event, one line, whoever writes
  mutable LogRepeats repeats_;
  mutable std::array<std::int64_t, 4> lines_{};
};

}  // namespace gateway
