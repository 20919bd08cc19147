#include "gateway/log.h"

#include "gateway/instant.h"

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

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

std::string_view word(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

// JOURNAL_STREAM is inherited by children whose stderr goes elsewhere (a terminal opened from a desktop
// session, `2>file` in a unit's script). systemd therefore writes the journal's device:inode into it, to be
// compared.
bool is_journal(int file_descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status = {};
  if (stream == nullptr || ::fstat(file_descriptor, &status) != 0) return false;
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) == stream;
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

void append_escaped(std::string& line, std::string_view text, bool quoted) {
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
      if (quoted && (letter == '"' || letter == '\\')) line += '\\';
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
  append_escaped(line, text, true);
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

// A stderr that somebody made non-blocking is waited for like a blocking one: half a line is worse than a
// wait.
void write_all(int file_descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file_descriptor, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      pollfd waited{file_descriptor, POLLOUT, 0};
      ::poll(&waited, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      return;  // nobody is left to be told
    }
  }
}

}  // namespace

Log::Log(LogLevel level, int file_descriptor, Prefix prefix)
    : level_(level), file_descriptor_(file_descriptor) {
  journal_ = prefix == Prefix::journal || (prefix == Prefix::automatic && is_journal(file_descriptor));
}

void Log::debug(const SafeText& event, std::initializer_list<LogField> fields) const {
  write(LogLevel::debug, event, fields);
}

void Log::info(const SafeText& event, std::initializer_list<LogField> fields) const {
  write(LogLevel::info, event, fields);
}

void Log::warning(const SafeText& event, std::initializer_list<LogField> fields) const {
  write(LogLevel::warning, event, fields);
}

void Log::error(const SafeText& event, std::initializer_list<LogField> fields) const {
  write(LogLevel::error, event, fields);
}

void Log::write(LogLevel level, const SafeText& event, std::initializer_list<LogField> fields) const {
  if (level < level_) return;
  try {
    std::string line;
    if (journal_) {
      line += journal_prefix(level);
    } else {
      line.append(to_fhir_instant(now(), *TimeZone::named("UTC")))
          .append(" ")
          .append(word(level))
          .append(" ");
    }
    append_escaped(line, event.view(), false);
    for (const LogField& field : fields) {
      line += ' ';
      append_key(line, field.key.view());
      line += '=';
      append_value(line, field.value.view());
    }
    line += '\n';
    const std::lock_guard lock(line_);
    write_all(file_descriptor_, line);
  } catch (...) {
    // Out of memory while logging must not end what was being logged about.
  }
}

}  // namespace gateway
