#include "gateway/single_run.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

/// A single run over what a state says; there is no storage to read, and nobody sends.
class Once {
 public:
  explicit Once(std::unique_ptr<StateStore::Contents> state) : store_(std::move(state)) {
    bool started = false;
    loop_.spawn(start(started));
    loop_.until([&started] { return started; });
  }
  ~Once() {
    intake_.stop();
    loop_.to_the_end();
    pool_.join();
    store_.close();
  }
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  void begin(Milliseconds timeout) { loop_.spawn(run_to_its_end(timeout)); }
  void wait() {
    loop_.until([this] { return ended_; });
  }
  /// How long it takes.
  Milliseconds took(Milliseconds timeout) {
    const auto began = std::chrono::steady_clock::now();
    begin(timeout);
    wait();
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
  }
  /// A delete that settles until then.
  void settle_in(Milliseconds time) { loop_.spawn(mark_due(time)); }
  void send_nothing() { configuration_.settings.destinations.front().mode = DestinationMode::dry_run; }
  CoroutineRun& loop() { return loop_; }
  SingleRun& run() { return run_; }

 private:
  asio::awaitable<void> start(bool& started) {
    auto spawn = [this](asio::awaitable<void> task) { loop_.spawn(std::move(task)); };
    co_await intake_.start(std::move(spawn));
    started = true;
  }
  asio::awaitable<void> mark_due(Milliseconds time) {
    auto mark = [time](StateStore::Contents& state) { state.units.mark_due(condition_unit(), now() + time); };
    co_await store_.run(std::move(mark));
  }
  asio::awaitable<void> run_to_its_end(Milliseconds timeout) {
    co_await run_.run(timeout);
    ended_ = true;
  }
  Configuration without_storages() const {
    Configuration configuration = site_.configuration();
    configuration.settings.storages.clear();
    return configuration;
  }

  CoroutineRun loop_;
  SiteFolder site_;
  Configuration configuration_ = without_storages();
  StateStore store_;
  asio::thread_pool pool_{1};
  Log log_{{LogLevel::error}, -1};
  Intake intake_{loop_.io().get_executor(), configuration_, store_, pool_, log_, [] {}, [] { return true; }};
  Routes routes_{loop_.io().get_executor(), Settings(), {}, store_, pool_, log_};
  SingleRun run_{loop_.io().get_executor(), configuration_.settings, store_, intake_, routes_};
  bool ended_ = false;
};

/// A unit that was made, and waits to be sent.
std::unique_ptr<StateStore::Contents> state_with_pending() {
  auto state = empty_state();
  put(*state, built(condition_unit(), content("1")), now());
  state->database.execute("UPDATE unit SET due = NULL");
  return state;
}

}  // namespace

TEST_CASE("A single run ends once nothing is left to do") {
  CHECK(Once(empty_state()).took(60s) < 20s);
}

TEST_CASE(
    "A single run waits for what is not sent yet until its time is over, unless nothing is to be sent") {
  Once once(state_with_pending());
  SECTION("it is sent") {
    CHECK(once.took(300ms) >= 300ms);
  }
  SECTION("it is not") {
    once.send_nothing();
    CHECK(once.took(60s) < 20s);
  }
}

TEST_CASE("A single run waits for a delete that settles in its time, and for no other") {
  Once once(empty_state());
  SECTION("in its time") {
    once.settle_in(400ms);
    CHECK(once.took(1s) >= 300ms);
  }
  SECTION("later") {
    once.settle_in(2h);
    CHECK(once.took(60s) < 20s);
  }
}

TEST_CASE("A single run that is stopped does not wait for its time") {
  Once once(state_with_pending());
  once.begin(120s);
  bool turned = false;
  asio::post(once.loop().io(), [&turned] { turned = true; });
  once.loop().until([&turned] { return turned; });
  once.run().stop();
  once.wait();  // for a minute at the most
}
