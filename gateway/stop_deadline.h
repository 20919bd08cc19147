#pragma once
// The last word about when a stop is over: a folder on a mount that is dead, or a name server that does not
// answer, cannot be interrupted. The process then ends as by a kill, which it is made for.

#include "gateway/instant.h"
#include "gateway/log.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace gateway {

class StopDeadline {
 public:
  static constexpr Milliseconds kForTheLastLine{500};

  /// Unless it is destroyed before, the process ends `time` from now with `exit_code`, and kForTheLastLine
  /// later where nobody reads the log.
  StopDeadline(Milliseconds time, int exit_code, const Log& log);
  ~StopDeadline();
  StopDeadline(const StopDeadline&) = delete;
  StopDeadline& operator=(const StopDeadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool reached_end_ = false;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace gateway
