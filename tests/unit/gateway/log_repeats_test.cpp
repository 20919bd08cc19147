#include "gateway/log_repeats.h"

#include <catch2/catch.hpp>

using gateway::facts_of;
using gateway::LogRepeats;
using gateway::Message;
using namespace std::chrono_literals;

namespace {

constexpr LogRepeats::Clock::time_point kBegin{};

int written(LogRepeats& repeats, Message message, int lines, LogRepeats::Clock::time_point now) {
  int count = 0;
  for (int line = 0; line < lines; ++line) count += repeats.is_written(facts_of(message), now) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("Each message has a hundred lines a minute of its own") {
  LogRepeats repeats;
  CHECK(written(repeats, Message::unit_held, 130, kBegin) == 100);
  CHECK(written(repeats, Message::document_refused, 30, kBegin + 59s) == 30);
  CHECK(written(repeats, Message::unit_held, 1, kBegin + 59s) == 0);
}

TEST_CASE("What was left out is told once its minute is over, and once") {
  LogRepeats repeats;
  written(repeats, Message::unit_held, 130, kBegin);
  written(repeats, Message::document_refused, 30, kBegin);
  CHECK(repeats.over(kBegin + 59s).empty());
  const auto over = repeats.over(kBegin + 60s);
  REQUIRE(over.size() == 1);
  CHECK(over.front().message == Message::unit_held);
  CHECK(over.front().lines == 30);
  CHECK(repeats.over(kBegin + 60s).empty());
  CHECK(written(repeats, Message::unit_held, 130, kBegin + 61s) == 100);
}

TEST_CASE("At the end nothing that was left out stays untold") {
  LogRepeats repeats;
  written(repeats, Message::unit_held, 101, kBegin);
  REQUIRE(repeats.all().size() == 1);
  CHECK(repeats.all().empty());
}

TEST_CASE("What a person must find line by line is never left out") {
  LogRepeats repeats;
  CHECK(written(repeats, Message::ordered_by_person, 1000, kBegin) == 1000);
  CHECK(repeats.all().empty());
}
