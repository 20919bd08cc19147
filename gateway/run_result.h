#pragma once
// How `run` ends, for whoever called it.

#include "gateway/settings.h"
#include "gateway/status_report.h"

namespace gateway {

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

}  // namespace gateway
