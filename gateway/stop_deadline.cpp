#include "gateway/stop_deadline.h"

#include <cstdlib>
#include <future>
#include <system_error>
#include <utility>

namespace gateway {
namespace {

/// On a thread of its own: whoever stopped reading stderr must not hold up the end.
void tell_who_reads(const Log& log, Milliseconds waited) {
  std::promise<void> told;
  const auto until_told = told.get_future();
  try {
    std::thread([&log, waited, told = std::move(told)]() mutable noexcept {
      log.write(Message::stop_cut_short, {{"waited-ms", SafeText(waited.count())}});
      told.set_value();
    }).detach();
    until_told.wait_for(StopDeadline::kForTheLastLine);
  } catch (const std::system_error&) {
    // No thread is to be had: it ends without a word.
  }
}

}  // namespace

StopDeadline::StopDeadline(Milliseconds time, int exit_code, const Log& log)
    : thread_([this, time, exit_code, &log] {
        std::unique_lock lock(mutex_);
        if (bell_.wait_for(lock, time, [this] { return reached_end_; })) return;
        tell_who_reads(log, time);
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
