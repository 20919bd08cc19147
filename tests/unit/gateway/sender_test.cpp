#include "gateway/sender.h"

#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <map>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;

using gateway::Answer;
using gateway::ExchangeFailure;
using gateway::Milliseconds;
using gateway::Operation;
using gateway::OutboxState;
using gateway::StateStore;
using gateway::Submission;
using namespace gateway::test;
using Clock = std::chrono::steady_clock;

Answer status(int code) {
  Answer answer;
  answer.status = code;
  return answer;
}

Answer promise(const std::string& location) {
  Answer answer = status(202);
  answer.content_location = location;
  return answer;
}

Answer refusal() {
  Answer answer = status(422);
  answer.operation_outcome = true;
  answer.outcome_has_error = true;
  answer.body = "the outcome";
  return answer;
}

Answer failure(ExchangeFailure kind) {
  Answer answer;
  answer.failure = kind;
  answer.detail = "no answer";
  return answer;
}

/// Keeps what it is sent; what it answers is the test's.
class FakeDestination : public gateway::Destination {
 public:
  std::function<Answer(const Submission&)> on_submit = [](const Submission&) { return status(200); };
  std::function<Answer(const std::string&)> on_ask = [](const std::string&) { return status(200); };

  asio::awaitable<Answer> submit(Submission submission) override {
    submissions.push_back(submission);
    ++under_way;
    most_under_way = std::max(most_under_way, under_way);
    const bool alone = ++of_unit[submission.bundle_id] == 1;
    each_unit_alone = each_unit_alone && alone;
    co_await take_time();
    Answer answer = on_submit(submission);
    --of_unit[submission.bundle_id];
    --under_way;
    if (!answer.failure && answer.status == 200) store(submission);
    co_return answer;
  }

  asio::awaitable<Answer> ask_result(std::string location) override {
    asked.push_back(location);
    co_await take_time();
    co_return on_ask(location);
  }

  std::vector<Submission> submissions;
  std::vector<std::string> asked;
  std::map<std::string, std::string> stored;  // body by Bundle-ID
  std::map<std::string, int> of_unit;
  Milliseconds time{2};  // that a request takes
  bool each_unit_alone = true;
  int under_way = 0;
  int most_under_way = 0;

 private:
  asio::awaitable<void> take_time() {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  void store(const Submission& submission) {
    if (submission.operation == Operation::delete_unit) {
      stored.erase(submission.bundle_id);
    } else {
      stored[submission.bundle_id] = submission.body;
    }
  }
};

gateway::DestinationSettings quick_settings() {
  auto settings = loaded(kLeast).destinations.front();
  settings.delivery.retry_first = Milliseconds(5);
  settings.delivery.retry_max = Milliseconds(20);
  return settings;
}

/// A sender with its workers; ends them with the test.
class Sending {
 public:
  explicit Sending(int workers = 2, gateway::DestinationSettings settings = quick_settings())
      : settings_(std::move(settings)) {
    for (int i = 0; i < workers; ++i) run_.spawn(sender_.run_worker());
  }
  ~Sending() {
    sender_.stop();
    run_.to_the_end();
    store_.close();
    ::close(nowhere_);
  }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  void put(const std::string& patient, const gateway::Snapshot& snapshot) {
    const auto unit = built(condition_unit(patient), snapshot);
    in_store([unit](StateStore::Contents& state) {
      gateway::test::put(state, unit, gateway::now());
      return 0;
    });
    sender_.wake();
  }

  /// From inside of a request: done before the next thing that the store is asked.
  void put_soon(const std::string& patient, const gateway::Snapshot& snapshot) {
    run_.spawn(put_later(built(condition_unit(patient), snapshot)));
  }

  std::string value(const std::string& sql) {
    return in_store([sql](StateStore::Contents& state) { return value_of(state.database, sql); });
  }

  std::string rows_in(OutboxState state) {
    return in_store([state](StateStore::Contents& contents) {
      return std::to_string(contents.outbox.counts(kPlatform).of(state));
    });
  }
  void until_state(OutboxState state, const std::string& count) {
    for (int i = 0; i < 1'000 && rows_in(state) != count; ++i) run_.io().run_one_for(Milliseconds(5));
    CHECK(rows_in(state) == count);
  }

  FakeDestination& destination() { return destination_; }
  gateway::Sender& sender() { return sender_; }
  CoroutineRun& run() { return run_; }

 private:
  template <class Fn>
  std::invoke_result_t<Fn&, StateStore::Contents&> in_store(Fn fn) {
    std::optional<std::invoke_result_t<Fn&, StateStore::Contents&>> result;
    run_.spawn(ask(store_.run(std::move(fn)), result));
    run_.until([&] { return result.has_value(); });
    return *result;
  }
  template <class T>
  static asio::awaitable<void> ask(asio::awaitable<T> question, std::optional<T>& result) {
    result = co_await std::move(question);
  }
  asio::awaitable<void> put_later(gateway::BuiltUnit unit) {
    auto take = [unit](StateStore::Contents& state) { gateway::test::put(state, unit, gateway::now()); };
    co_await store_.run(std::move(take));
    sender_.wake();
  }

  CoroutineRun run_;
  gateway::DestinationSettings settings_;
  StateStore store_{empty_state()};
  FakeDestination destination_;
  int nowhere_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  gateway::Log log_{gateway::LogLevel::error, nowhere_};
  gateway::Sender sender_{run_.io().get_executor(), settings_, store_, destination_, log_};
};

}  // namespace

TEST_CASE("Everything that is pending is delivered, by several workers at a time") {
  Sending sending(4);
  for (int i = 0; i < 12; ++i) sending.put(std::to_string(1'000 + i), content("A" + std::to_string(i)));
  sending.until_state(OutboxState::delivered, "12");
  CHECK(sending.destination().submissions.size() == 12);
  CHECK(sending.destination().stored.size() == 12);
  CHECK(sending.destination().stored.at(bundle_of(condition_unit("1003"))) == "A3");
  CHECK(sending.destination().each_unit_alone);
}

TEST_CASE("A delete reaches the destination as a delete") {
  Sending sending;
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  sending.put("0001", nothing_left());
  sending.until_state(OutboxState::delivered, "1");
  sending.run().until([&] { return sending.destination().stored.empty(); });
  CHECK(sending.destination().submissions.back().operation == Operation::delete_unit);
  CHECK(sending.destination().submissions.back().body.empty());
}

TEST_CASE("A destination that is busy is asked again until it takes the unit") {
  Sending sending;
  int left = 3;
  sending.destination().on_submit = [&](const Submission&) { return status(left-- > 0 ? 503 : 200); };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().submissions.size() == 4);
  CHECK(sending.value("SELECT transmissions FROM outbox") == "4");
}

TEST_CASE("Retry-After wins over the sender's own schedule") {
  Sending sending;
  std::vector<Clock::time_point> times;
  sending.destination().on_submit = [&](const Submission&) {
    times.push_back(Clock::now());
    Answer answer = status(times.size() == 1 ? 429 : 200);
    if (times.size() == 1) answer.retry_after = std::chrono::seconds(1);
    return answer;
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  REQUIRE(times.size() == 2);
  CHECK(times[1] - times[0] >= Milliseconds(950));
}

TEST_CASE("A unit whose answer was lost is sent again under the same Bundle-ID") {
  Sending sending;
  bool lost = false;
  sending.destination().on_submit = [&](const Submission&) {
    return std::exchange(lost, true) ? status(200) : failure(ExchangeFailure::lost);
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  REQUIRE(sending.destination().submissions.size() == 2);
  CHECK(sending.destination().submissions[0].bundle_id == sending.destination().submissions[1].bundle_id);
}

TEST_CASE("A refused unit is left alone, and does not keep others from going") {
  Sending sending(1);
  sending.destination().on_submit = [](const Submission& submission) {
    return submission.body == "bad" ? refusal() : status(200);
  };
  sending.put("0001", content("bad"));
  sending.put("0002", content("good"));
  sending.until_state(OutboxState::rejected, "1");
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().submissions.size() == 2);
  CHECK(sending.value("SELECT answer FROM delivery") == "the outcome");
}

TEST_CASE("A promised result is asked for until it is there") {
  Sending sending;
  sending.destination().on_submit = [](const Submission&) { return promise("/result/7"); };
  sending.destination().on_ask = [&](const std::string&) {
    return status(sending.destination().asked.size() < 3 ? 202 : 200);
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().asked == std::vector<std::string>(3, "/result/7"));
  CHECK(sending.destination().submissions.size() == 1);
}

TEST_CASE("A result that says that there was nothing to delete is a delete that is done") {
  Sending sending;
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  sending.destination().on_submit = [](const Submission&) { return promise("/result/7"); };
  sending.destination().on_ask = [](const std::string&) {
    Answer answer = status(200);
    answer.entry_status = 404;
    answer.operation_outcome = true;
    return answer;
  };
  sending.put("0001", nothing_left());
  sending.run().until([&] { return !sending.destination().asked.empty(); });
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.value("SELECT operation FROM outbox") == "1");
}

TEST_CASE("A newer snapshot that comes while the older is under way ends on the destination") {
  const auto answer = GENERATE(status(200), status(503), refusal(), failure(ExchangeFailure::lost));
  Sending sending(4);
  sending.destination().on_submit = [&](const Submission& submission) {
    if (submission.body != "A") return status(200);
    sending.put_soon("0001", content("B"));
    return answer;
  };
  sending.put("0001", content("A"));
  sending.run().until([&] {
    const auto& stored = sending.destination().stored;
    return stored.contains(bundle_of(condition_unit("0001"))) &&
           stored.at(bundle_of(condition_unit("0001"))) == "B";
  });
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().stored.at(bundle_of(condition_unit("0001"))) == "B");
  CHECK(sending.destination().each_unit_alone);
}

TEST_CASE("Units keep their order, however many workers there are") {
  Sending sending(8);
  for (int version = 1; version <= 20; ++version) {
    for (int unit = 0; unit < 3; ++unit) {
      sending.put(std::to_string(1'000 + unit), content("version " + std::to_string(version)));
    }
  }
  sending.until_state(OutboxState::delivered, "3");
  CHECK(sending.destination().each_unit_alone);
  for (const auto& [bundle, body] : sending.destination().stored) CHECK(body == "version 20");
}

// --- pauses ---

TEST_CASE(
    "A destination that is down is asked by one worker at a time, and everything goes when it is back") {
  Sending sending(4);
  bool down = true;
  sending.destination().on_submit = [&](const Submission&) {
    return down ? failure(ExchangeFailure::connection_refused) : status(200);
  };
  for (int i = 0; i < 8; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  auto& destination = sending.destination();
  sending.run().until([&] { return sending.sender().paused() && destination.under_way == 0; });
  destination.most_under_way = 0;
  destination.time =
      Milliseconds(50);  // longer than a pause, so that a second worker could begin beside the first
  const auto tried = destination.submissions.size();
  sending.run().until([&] { return destination.submissions.size() >= tried + 12; });
  CHECK(destination.most_under_way == 1);
  CHECK(sending.value("SELECT paused_since IS NOT NULL FROM destination") == "1");
  CHECK(sending.value("SELECT explanation FROM destination") == "no answer");
  CHECK(sending.sender().pause_reason().view() == "no answer");
  CHECK(sending.value("SELECT MAX(attempts) FROM delivery") == "0");

  down = false;
  destination.time = Milliseconds(2);
  sending.until_state(OutboxState::delivered, "8");
  CHECK_FALSE(sending.sender().paused());
  CHECK(sending.value("SELECT paused_since IS NULL FROM destination") == "1");
}

TEST_CASE("A proxy's answer pauses the destination and refuses no unit") {
  Sending sending(1);
  int left = 2;
  sending.destination().on_submit = [&](const Submission&) { return status(left-- > 0 ? 403 : 200); };
  sending.put("0001", content("A"));
  sending.put("0002", content("B"));
  sending.run().until([&] { return sending.sender().paused(); });
  CHECK(sending.value("SELECT MAX(attempts) FROM delivery") == "0");
  sending.until_state(OutboxState::delivered, "2");
}

TEST_CASE("Lost answers after a pause do not keep the sender busy until their rows' time has come") {
  auto settings = quick_settings();
  settings.delivery.retry_first = settings.delivery.retry_max = Milliseconds(500);
  Sending sending(2, settings);
  auto& destination = sending.destination();
  destination.on_submit = [&](const Submission&) {
    return failure(destination.submissions.size() == 1 ? ExchangeFailure::connection_refused
                                                       : ExchangeFailure::lost);
  };
  sending.put("0001", content("A"));
  sending.run().until([&] { return destination.submissions.size() == 2 && destination.under_way == 0; });
  sending.run().io().restart();
  CHECK(sending.run().io().run_for(Milliseconds(200)) < 50);  // handlers; a busy loop has thousands
}

// --- stopping ---

TEST_CASE("At a stop the request under way is finished and its outcome recorded") {
  Sending sending(1);
  sending.destination().on_submit = [&](const Submission&) {
    sending.sender().stop();
    return status(200);
  };
  sending.put("0001", content("A"));
  sending.put("0002", content("B"));
  sending.run().to_the_end();
  CHECK(sending.destination().submissions.size() == 1);
  CHECK_FALSE(sending.sender().busy());
  CHECK(sending.rows_in(OutboxState::delivered) == "1");
  CHECK(sending.rows_in(OutboxState::pending) == "1");
}

TEST_CASE("A sender without work ends at once when it is stopped") {
  const auto start = Clock::now();
  {
    Sending sending(4);
    sending.value("SELECT 1");
  }
  CHECK(Clock::now() - start < std::chrono::seconds(20));
}
