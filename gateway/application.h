#pragma once
// The daemon: a numbered start, a reverse stop. Owns every thread and every long-lived object.

#include "gateway/configuration.h"
#include "gateway/log.h"
#include "gateway/status_report.h"

#include <optional>

namespace gateway {

struct RunOptions {
  bool once = false;
  Milliseconds timeout{600'000};  // with once: how long backoff, results and settling are waited for
};

/// Exit codes of `run`.
enum class RunResult {
  done = 0,    // daemon: stopped by a signal; once: everything delivered
  failed = 1,  // a database error, a bug
  wrong_settings = 2,
  something_left = 3,
  unreachable = 4,
};

/// What `run --once` ends with. `all_seen`: the storages were swept whole, and no document is still settling.
RunResult result_of_once(const StatusReport& report, const Settings& settings, bool all_seen);

RunResult run(const Configuration& configuration, const RunOptions& options, const Log& log);

}  // namespace gateway
