#pragma once
// The daemon: a numbered start, a reverse stop. Owns every thread and every long-lived object.

#include "gateway/configuration.h"
#include "gateway/run_result.h"

namespace gateway {

struct RunOptions {
  bool once = false;
  Milliseconds timeout{600'000};  // with once: how long backoff, results and settling are waited for
};

/// A daemon goes on in the same process after a reload, and with a new state when the old one is damaged.
RunResult run(Configuration configuration, const RunOptions& options);

}  // namespace gateway
