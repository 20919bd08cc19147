#pragma once
// An order of a person for rows of the outbox, carried out whole or not at all, with its entry in the audit.
// The same for a gateway that was asked and for a command beside none. Storage thread, or a command's own.

#include "gateway/audit.h"
#include "gateway/log.h"
#include "gateway/queue_request.h"
#include "gateway/state_store.h"

#include <cstdint>
#include <string>

namespace gateway {

struct Asker {
  std::int64_t uid = 0;  // as the kernel tells it
  std::string user;
};

/// The name that the system has for a user; the number where it has none. May ask a server: never on the I/O
/// thread.
std::string user_name(std::int64_t uid);

struct QueueAnswer {
  /// JSON lines: each row as it is afterwards, with "result"; last an object with "exit", the exit code. Or
  /// that one alone, with "error".
  std::string lines;
  bool changed = false;
  std::int64_t rows = 0;  // that were changed, or would be
};

/// More rows than that are counted only.
constexpr std::size_t kRowsTold = 10'000;

/// A dry run is carried out and taken back.
QueueAnswer carry_out(StateStore::Contents& state, const QueueRequest& request, const Asker& asker,
                      const Settings& settings, Instant now);

/// As the last line of an answer.
std::string error_line(std::string_view sentence, int exit_code);

/// One line, without what was asked for: it may hold a patient number.
void log_order(const Log& log, const QueueRequest& request, const QueueAnswer& answer, const Asker& asker);

}  // namespace gateway
