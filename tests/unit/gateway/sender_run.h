#pragma once
// A sender with its workers, its database and a destination whose answers are the test's.

#include "gateway/sender.h"
#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace gateway::test {

namespace asio = boost::asio;

using gateway::Answer;
using gateway::ExchangeFailure;
using gateway::Milliseconds;
using gateway::Operation;
using gateway::OutboxState;
using gateway::StateStore;
using gateway::Submission;
using Clock = std::chrono::steady_clock;

inline Answer status(int code) {
  Answer answer;
  answer.status = code;
  return answer;
}

inline Answer promise(const std::string& location) {
  Answer answer = status(202);
  answer.content_location = location;
  return answer;
}

inline Answer refusal() {
  Answer answer = status(422);
  answer.operation_outcome = true;
  answer.outcome_has_error = true;
  answer.body = "the outcome";
  return answer;
}

inline Answer failure(ExchangeFailure kind) {
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

inline gateway::DestinationSettings quick_settings() {
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
    // What was given up could come late for a minute, else, and no test waits that long.
    in_store([](StateStore::Contents& state) {
      state.outbox.set_late_windows(kPlatform, {Milliseconds(50), std::chrono::hours(1)});
      return 0;
    });
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

  /// What the store is asked from now on waits so long.
  void keep_store_busy(Milliseconds time) { run_.spawn(busy(time)); }

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
  asio::awaitable<void> busy(Milliseconds time) {
    auto sleep = [time](StateStore::Contents&) { std::this_thread::sleep_for(time); };
    co_await store_.run(std::move(sleep));
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
  gateway::Log log_{{gateway::LogLevel::error}, nowhere_};
  gateway::Sender sender_{run_.io().get_executor(), settings_, store_, destination_, log_};
};

}  // namespace gateway::test
