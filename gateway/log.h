#pragma once
// One line an event on stderr, key=value, with the <N> priority prefix journald reads when stderr is a
// journal. Takes SafeText only: patient data does not compile. Safe to call from every thread.

#include "gateway/settings.h"
#include "ssmix2/failure.h"
#include "ssmix2/safe_text.h"

#include <initializer_list>
#include <mutex>
#include <string>

namespace gateway {

using ssmix2::SafeText;

struct LogField {
  SafeText key;
  SafeText value;
};

class Log {
 public:
  enum class Prefix { automatic, none, journal };  // automatic: journal when JOURNAL_STREAM names it
  Log(LogLevel level, int file_descriptor, Prefix prefix = Prefix::automatic);

  void debug(const SafeText& event, std::initializer_list<LogField> fields = {}) const;
  void info(const SafeText& event, std::initializer_list<LogField> fields = {}) const;
  void warning(const SafeText& event, std::initializer_list<LogField> fields = {}) const;
  void error(const SafeText& event, std::initializer_list<LogField> fields = {}) const;

 private:
  void write(LogLevel level, const SafeText& event, std::initializer_list<LogField> fields) const;

  LogLevel level_;
  int file_descriptor_;
  bool journal_ = false;
  mutable std::mutex line_;  // one event, one line, whoever writes
};

}  // namespace gateway
