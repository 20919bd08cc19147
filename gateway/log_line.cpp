#include "gateway/log_line.h"

#include "gateway/choice_words.h"
#include "gateway/instant.h"
#include "gateway/json_line.h"

#include <string_view>

namespace gateway {

namespace {

// Priorities of syslog(3), which journald reads from the prefix.
std::string_view journal_prefix(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "<7>";
    case LogLevel::info:
      return "<6>";
    case LogLevel::warning:
      return "<4>";
    case LogLevel::error:
      return "<3>";
  }
  return "<3>";
}

bool is_control(unsigned char byte) {
  return byte < 0x20 || byte == 0x7F;
}

// U+0080 to U+009F: some terminals and viewers obey them as line ends or escape sequences.
bool is_c1_control(std::string_view text, std::size_t at) {
  if (static_cast<unsigned char>(text[at]) != 0xC2 || at + 1 == text.size()) return false;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next <= 0x9F;
}

void append_hex(std::string& line, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  line += "\\x";
  line += kDigits[byte >> 4];
  line += kDigits[byte & 0x0F];
}

void append_escaped(std::string& line, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\n') {
      line += "\\n";
    } else if (letter == '\r') {
      line += "\\r";
    } else if (letter == '\t') {
      line += "\\t";
    } else if (is_control(byte)) {
      append_hex(line, byte);
    } else if (is_c1_control(text, at)) {
      append_hex(line, byte);
      append_hex(line, static_cast<unsigned char>(text[++at]));
    } else {
      if (letter == '"' || letter == '\\') line += '\\';
      line += letter;
    }
  }
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_control(static_cast<unsigned char>(text[at])) || is_c1_control(text, at)) return true;
  }
  return text.find_first_of(" \"=\\") != std::string_view::npos;
}

void append_value(std::string& line, std::string_view text) {
  if (!needs_quotes(text)) {
    line += text;
    return;
  }
  line += '"';
  append_escaped(line, text);
  line += '"';
}

// Whoever splits lines at ' ' and '=' must find the same keys.
void append_key(std::string& line, std::string_view text) {
  for (const char letter : text) {
    const bool splits =
        letter == ' ' || letter == '=' || letter == '"' || is_control(static_cast<unsigned char>(letter));
    line += splits ? '_' : letter;
  }
}

std::string time_now() {
  return to_fhir_instant(now(), *TimeZone::named("UTC"));
}

std::string as_text(const MessageFacts& facts, std::initializer_list<LogField> fields, LogHead head) {
  std::string line;
  if (head == LogHead::terminal) line.append(time_now()).append(" ").append(word_of(facts.level)).append(" ");
  line.append(code_of(facts.message)).append(" ").append(facts.english.event);
  for (const LogField& field : fields) {
    line += ' ';
    append_key(line, field.key.view());
    line += '=';
    append_value(line, field.value.view());
  }
  line += '\n';
  return line;
}

std::string as_json(const MessageFacts& facts, std::initializer_list<LogField> fields) {
  JsonLine line;
  line.text("time", time_now()).text("level", word_of(facts.level));
  line.text("code", code_of(facts.message)).text("event", facts.english.event);
  for (const LogField& field : fields) line.text(field.key.view(), field.value.view());
  return line.str();
}

}  // namespace

std::string log_line(const MessageFacts& facts, std::initializer_list<LogField> fields, LogFormat format,
                     LogHead head) {
  std::string line;
  if (head == LogHead::journal) line += journal_prefix(facts.level);
  line += format == LogFormat::json ? as_json(facts, fields) : as_text(facts, fields, head);
  return line;
}

}  // namespace gateway
