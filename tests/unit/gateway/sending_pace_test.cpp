#include "gateway/sending_pace.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace std::chrono_literals;

const SendingPace::Clock::time_point kStart{1h};

DeliverySettings settings(int connections) {
  DeliverySettings made;
  made.connections = connections;
  made.pause_first = 1s;
  made.pause_max = 8s;
  return made;
}

/// How many requests it allows at the same time.
int room(const SendingPace& pace, SendingPace::Clock::time_point now) {
  int under_way = 0;
  while (under_way < 1'000 && pace.allows_another(under_way, now)) ++under_way;
  return under_way;
}

}  // namespace

TEST_CASE("Before anything went wrong all connections are used") {
  const SendingPace pace(settings(6), 1);
  CHECK(room(pace, kStart) == 6);
  CHECK_FALSE(pace.holds_back());
}

TEST_CASE("While it is paused nothing goes, and then one request at a time") {
  SendingPace pace(settings(6), 1);
  pace.pause("down", std::nullopt, kStart);
  REQUIRE(pace.paused());
  CHECK(pace.paused()->until >= kStart + 1s);
  CHECK(pace.paused()->until <= kStart + 2s);
  CHECK(room(pace, pace.paused()->until - 1ms) == 0);
  CHECK(room(pace, pace.paused()->until) == 1);
}

TEST_CASE("After a pause every success allows twice as many requests, up to the connections") {
  SendingPace pace(settings(6), 1);
  pace.pause("down", std::nullopt, kStart);
  CHECK(pace.note_answer());
  CHECK_FALSE(pace.paused());
  CHECK(room(pace, kStart) == 2);
  CHECK(pace.holds_back());
  CHECK_FALSE(pace.note_answer());
  CHECK(room(pace, kStart) == 4);
  pace.note_answer();
  CHECK(room(pace, kStart) == 6);
  CHECK_FALSE(pace.holds_back());
  pace.note_answer();
  CHECK(room(pace, kStart) == 6);
}

TEST_CASE("Requests that were under way when a pause began do not make it longer") {
  SendingPace pace(settings(64), 1);
  pace.pause("down", std::nullopt, kStart);
  const auto until = pace.paused()->until;
  for (int i = 0; i < 63; ++i) pace.pause("still down", 1h, kStart);
  CHECK(pace.paused()->until == until);
  CHECK(pace.paused()->failed_tries == 1);
}

TEST_CASE("Pauses become longer with each failed try, up to the longest") {
  SendingPace pace(settings(4), 1);
  auto now = kStart;
  for (int failed = 1; failed <= 20; ++failed) {
    pace.pause("down", std::nullopt, now);
    CHECK(pace.paused()->until - now <= std::min<std::chrono::seconds>(8s, 1s * (1 << std::min(failed, 3))));
    now = pace.paused()->until;
  }
  CHECK(pace.paused()->failed_tries == 20);
  pace.note_answer();
  pace.pause("down", std::nullopt, now);
  CHECK(pace.paused()->until - now <= 2s);
}

TEST_CASE("What the destination asks for wins, but a wait of nothing is no leave to try without pause") {
  SendingPace pace(settings(4), 1);
  pace.pause("down", 20min, kStart);
  CHECK(pace.paused()->until == kStart + 20min);
  SendingPace other(settings(4), 1);
  other.pause("down", 0ms, kStart);
  CHECK(other.paused()->until == kStart + 1s);
}

TEST_CASE("Answers of an overloaded destination to different units, one after the other, are a pause") {
  SendingPace pace(settings(4), 1);
  const auto last = static_cast<std::int64_t>(SendingPace::kOverloadsInARow);
  for (std::int64_t unit = 1; unit < last; ++unit) {
    CHECK_FALSE(pace.note_overload({unit}));
    CHECK_FALSE(pace.note_overload({unit}));  // the same unit once more proves nothing
  }
  SECTION("the last of them") {
    CHECK(pace.note_overload({last}));
    pace.pause("down", std::nullopt, kStart);
    CHECK(pace.note_overload({1}));  // as long as the pause lasts, each one is
  }
  SECTION("not when something was taken in between") {
    pace.note_answer();
    CHECK_FALSE(pace.note_overload({last}));
  }
}

TEST_CASE("When what made it pause may be gone, it is tried at once") {
  SendingPace pace(settings(4), 1);
  pace.try_now(kStart);
  CHECK_FALSE(pace.paused());
  pace.pause("down", 1h, kStart);
  pace.try_now(kStart + 1s);
  CHECK(room(pace, kStart + 1s) == 1);
}
