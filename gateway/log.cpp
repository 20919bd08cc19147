#include "gateway/log.h"

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {

namespace {

// JOURNAL_STREAM is inherited by children whose stderr goes elsewhere (a terminal opened from a desktop
// session, `2>file` in a unit's script). systemd therefore writes the journal's device:inode into it, to be
// compared.
bool is_journal(int file_descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status = {};
  if (stream == nullptr || ::fstat(file_descriptor, &status) != 0) return false;
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) == stream;
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

Log::Log(LogSettings settings, int file_descriptor, Prefix prefix)
    : settings_(settings), file_descriptor_(file_descriptor) {
  const bool journal =
      prefix == Prefix::journal || (prefix == Prefix::automatic && is_journal(file_descriptor));
  if (journal) head_ = LogHead::journal;
}

Log::~Log() {
  const std::lock_guard lock(line_);
  tell(repeats_.all());
}

void Log::write(Message message, std::initializer_list<LogField> fields) const {
  const MessageFacts& facts = facts_of(message);
  if (facts.level < settings_.level) return;
  const std::lock_guard lock(line_);
  if (repeats_.is_written(facts, LogRepeats::Clock::now())) put(facts, fields);
}

void Log::tell_repeats() const {
  const std::lock_guard lock(line_);
  tell(repeats_.over(LogRepeats::Clock::now()));
}

std::array<std::int64_t, 4> Log::lines() const {
  const std::lock_guard lock(line_);
  return lines_;
}

void Log::tell(const std::vector<LogRepeats::Unwritten>& unwritten) const {
  for (const auto& [message, lines] : unwritten) {
    put(facts_of(Message::repeated),
        {{"message", SafeText::vouched(code_of(message))}, {"lines", SafeText(lines)}});
  }
}

void Log::put(const MessageFacts& facts, std::initializer_list<LogField> fields) const {
  ++lines_[static_cast<std::size_t>(facts.level)];
  try {
    write_all(file_descriptor_, log_line(facts, fields, settings_.format, head_));
  } catch (...) {
    // Out of memory while logging must not end what was being logged about.
  }
}

}  // namespace gateway
