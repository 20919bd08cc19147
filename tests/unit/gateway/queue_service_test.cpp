#include "gateway/queue_service.h"

#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <future>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace {

using namespace gateway;
using namespace gateway::test;

/// A unit that waits to be sent, and a storage thread that something else keeps busy.
class Service {
 public:
  explicit Service(Milliseconds longest_wait = kLongestAnswer)
      : service_(
            settings_, store_, work_, log_, [this] { ++changes; }, longest_wait) {
    run_.spawn(keep_busy());
  }
  ~Service() {
    work_.join();
    store_.close();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void order(ControlSocket::StillWaits still_waits) { run_.spawn(ask(std::move(still_waits))); }
  /// What the order comes to once the storage thread has time for it.
  std::string answer_after(Milliseconds time) {
    run_.io().run_for(time);
    cured_.set_value();
    run_.to_the_end();
    return answer_;
  }

  int changes = 0;

 private:
  static std::unique_ptr<StateStore::Contents> one_that_waits() {
    auto state = empty_state();
    put(*state, built(condition_unit(), content("A")), at(0));
    return state;
  }
  boost::asio::awaitable<void> keep_busy() {
    auto wait = [cured = std::make_shared<std::future<void>>(cured_.get_future())](StateStore::Contents&) {
      cured->wait();
    };
    co_await store_.run(std::move(wait));
  }
  boost::asio::awaitable<void> ask(ControlSocket::StillWaits still_waits) {
    QueueRequest request;
    request.order = PersonOrder::hold;
    request.filter.all = true;
    answer_ = co_await service_.answer(to_line(request), ::getuid(), std::move(still_waits));
  }

  CoroutineRun run_;
  Settings settings_ = loaded(kLeast);
  StateStore store_{one_that_waits()};
  boost::asio::thread_pool work_{1};
  Log log_{{LogLevel::error}, -1};
  std::promise<void> cured_;
  std::string answer_;
  QueueService service_;
};

}  // namespace

TEST_CASE("An order that waited for the state database is carried out for whoever waits for its answer") {
  Service service;
  service.order([] { return true; });
  CHECK_THAT(service.answer_after(Milliseconds(20)), Catch::Contains("\"exit\":0"));
  CHECK(service.changes == 1);
}

TEST_CASE("An order whose giver went away before its turn came changes nothing") {
  Service service;
  service.order([] { return false; });
  CHECK_THAT(service.answer_after(Milliseconds(20)), Catch::Contains("too late, nothing was changed"));
  CHECK(service.changes == 0);
}

TEST_CASE("An order that is older than anybody waits for its answer changes nothing") {
  Service service(Milliseconds(10));
  service.order([] { return true; });
  CHECK_THAT(service.answer_after(Milliseconds(50)), Catch::Contains("too late, nothing was changed"));
  CHECK(service.changes == 0);
}
