#include "gateway/stop_deadline.h"

#include <cstdlib>

namespace gateway {

StopDeadline::StopDeadline(Milliseconds time, int exit_code, const Log& log)
    : thread_([this, time, exit_code, &log] {
        std::unique_lock lock(mutex_);
        if (bell_.wait_for(lock, time, [this] { return reached_end_; })) return;
        log.write(Message::stop_cut_short, {{"waited-ms", SafeText(time.count())}});
        std::_Exit(exit_code);
      }) {}

StopDeadline::~StopDeadline() {
  {
    const std::lock_guard lock(mutex_);
    reached_end_ = true;
  }
  bell_.notify_all();
  thread_.join();
}

}  // namespace gateway
