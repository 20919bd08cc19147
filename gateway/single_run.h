#pragma once
// A run that ends by itself: once nothing is left to do, or when its time is over. I/O thread only.

#include "gateway/intake.h"
#include "gateway/routes.h"
#include "gateway/run_result.h"
#include "gateway/wakeup.h"

namespace gateway {

class SingleRun {
 public:
  SingleRun(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
            Intake& intake, const Routes& routes);

  /// Until nothing is left to do, `timeout` is over, or stop().
  boost::asio::awaitable<void> run(Milliseconds timeout);
  void stop();
  /// The summary, to stdout, and what it comes to. After the loops have ended, before their parts do.
  RunResult tell();

 private:
  boost::asio::awaitable<bool> nothing_left_to_do(std::chrono::steady_clock::time_point deadline);

  const Settings& settings_;
  StateStore& store_;
  Intake& intake_;
  const Routes& routes_;
  Wakeup bell_;  // rings when it is to stop
  bool stopping_ = false;
};

}  // namespace gateway
