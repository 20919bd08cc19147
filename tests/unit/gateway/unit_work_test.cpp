#include "gateway/unit_work.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/state_support.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace gateway;
using namespace gateway::test;
namespace asio = boost::asio;

/// A state with units that nothing is due for and that a person wants to have again.
std::unique_ptr<StateStore::Contents> state_with_remaps(int units) {
  auto state = empty_state();
  Transaction transaction(state->database);
  for (int i = 0; i < units; ++i) {
    state->units.mark_due(condition_unit(std::to_string(1'000 + i)), at(0));
  }
  state->database.execute("UPDATE unit SET due = NULL");
  state->database.execute("INSERT INTO remap (unit) SELECT id FROM unit");
  transaction.commit();
  return state;
}

/// The loop that makes units; ends with the test.
class Working {
 public:
  explicit Working(int remaps) : store_(state_with_remaps(remaps)) { run_.spawn(work_.run()); }
  ~Working() {
    work_.stop();
    run_.to_the_end();
    pool_.join();
    store_.close();
    ::close(nowhere_);
  }
  Working(const Working&) = delete;
  Working& operator=(const Working&) = delete;

  bool is_idle_within(std::chrono::seconds limit) {
    bool idle = false;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    run_.spawn(wait_for_idle(deadline, idle));
    run_.until([&] { return idle || std::chrono::steady_clock::now() > deadline; });
    return idle;
  }

 private:
  asio::awaitable<void> wait_for_idle(std::chrono::steady_clock::time_point deadline, bool& idle) {
    asio::steady_timer timer(run_.io());
    while (std::chrono::steady_clock::now() < deadline) {
      if (co_await work_.idle()) {
        idle = true;
        co_return;
      }
      timer.expires_after(Milliseconds(10));
      co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  CoroutineRun run_;
  SiteFolder site_;
  Configuration configuration_ = site_.configuration();
  StateStore store_;
  asio::thread_pool pool_{1};
  int nowhere_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  Log log_{{LogLevel::error}, nowhere_};
  IntakeContext context_{configuration_, store_, pool_, log_};
  UnitWork work_{run_.io().get_executor(), context_, [] { return true; }, [] {}, [](const DocumentRef&) {}};
};

}  // namespace

TEST_CASE("What a person wants to have again is worked off without a pause between two batches") {
  Working working(160);  // ten batches; with the pause that waits for the next command, 45 seconds
  CHECK(working.is_idle_within(std::chrono::seconds(15)));
}
