#pragma once
// One event as one line, of key=value or of JSON. Pure.

#include "gateway/message.h"
#include "ssmix2/safe_text.h"

#include <initializer_list>
#include <string>

namespace gateway {

using ssmix2::SafeText;

struct LogField {
  SafeText key;
  SafeText value;
};

/// What stands before the event.
enum class LogHead {
  journal,  // the <N> priority of sd-daemon(3); the journal has the time
  terminal  // time in UTC and level, so that lines sort
};

/// With its line feed. Whoever splits the text form at ' ' and '=' finds every key.
std::string log_line(const MessageFacts& facts, std::initializer_list<LogField> fields, LogFormat format,
                     LogHead head);

}  // namespace gateway
