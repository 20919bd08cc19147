#include "gateway/wakeup.h"

#include "tests/unit/gateway/coroutine_run.h"

#include <catch2/catch.hpp>

namespace {

using gateway::Wakeup;
using gateway::test::CoroutineRun;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

boost::asio::awaitable<void> wait(Wakeup& wakeup, milliseconds duration, unsigned long seen, int& woken) {
  co_await wakeup.wait_for(duration, seen);
  ++woken;
}

boost::asio::awaitable<void> ring_after(Wakeup& wakeup, milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
  wakeup.ring();
}

}  // namespace

TEST_CASE("A ring wakes everyone who waits, long before their time") {
  CoroutineRun run;
  Wakeup wakeup(run.io().get_executor());
  int woken = 0;
  const auto start = Clock::now();
  for (int i = 0; i < 3; ++i) run.spawn(wait(wakeup, std::chrono::minutes(1), wakeup.rings(), woken));
  run.spawn(ring_after(wakeup, milliseconds(10)));
  run.to_the_end();
  CHECK(woken == 3);
  CHECK(Clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("A ring between the look for work and the waiting is not missed") {
  CoroutineRun run;
  Wakeup wakeup(run.io().get_executor());
  const auto seen = wakeup.rings();
  wakeup.ring();
  int woken = 0;
  const auto start = Clock::now();
  run.spawn(wait(wakeup, std::chrono::minutes(1), seen, woken));
  run.to_the_end();
  CHECK(woken == 1);
  CHECK(Clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("Without a ring the waiting ends when its time has come, each waiter's by itself") {
  CoroutineRun run;
  Wakeup wakeup(run.io().get_executor());
  int early = 0;
  int late = 0;
  const auto start = Clock::now();
  run.spawn(wait(wakeup, milliseconds(150), wakeup.rings(), late));
  run.spawn(wait(wakeup, milliseconds(20), wakeup.rings(), early));
  run.until([&] { return early == 1; });
  CHECK(late == 0);
  CHECK(Clock::now() - start >= milliseconds(20));
  run.to_the_end();
  CHECK(late == 1);
  CHECK(Clock::now() - start >= milliseconds(150));
}

TEST_CASE("An old ring does not wake who has seen it") {
  CoroutineRun run;
  Wakeup wakeup(run.io().get_executor());
  wakeup.ring();
  int woken = 0;
  const auto start = Clock::now();
  run.spawn(wait(wakeup, milliseconds(30), wakeup.rings(), woken));
  run.to_the_end();
  CHECK(woken == 1);
  CHECK(Clock::now() - start >= milliseconds(30));
}
