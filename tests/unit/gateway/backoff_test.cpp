#include "gateway/backoff.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace std::chrono_literals;

struct Range {
  Milliseconds lowest;
  Milliseconds highest;
};

Range range_of(Backoff backoff, int attempt) {
  Range range{Milliseconds::max(), Milliseconds::min()};
  for (int i = 0; i < 20'000; ++i) {
    const Milliseconds wait = backoff.wait(attempt);
    range = {std::min(range.lowest, wait), std::max(range.highest, wait)};
  }
  return range;
}

}  // namespace

TEST_CASE("The longest wait doubles with each attempt up to the cap, the shortest stays") {
  // {attempt, longest wait}: first * 2^attempt, at most 300 ms
  const auto [attempt, highest] = GENERATE(
      table<int, Milliseconds>({{1, 20ms}, {2, 40ms}, {3, 80ms}, {4, 160ms}, {5, 300ms}, {6, 300ms}}));
  const Range range = range_of(Backoff(10ms, 300ms, 7), attempt);
  CAPTURE(attempt);
  CHECK(range.lowest == 10ms);
  CHECK(range.highest == highest);
}

TEST_CASE("Waits do not overflow however many attempts there were") {
  Backoff backoff(1s, Milliseconds::max(), 7);
  for (const int attempt : {62, 63, 64, 1'000'000, std::numeric_limits<int>::max()}) {
    CHECK(backoff.wait(attempt) >= 1s);
  }
}

TEST_CASE("A cap below the first wait is the wait") {
  Backoff backoff(10s, 1s, 7);
  CHECK(backoff.wait(1) == 1s);
  CHECK(backoff.wait(9) == 1s);
}

TEST_CASE("A first wait of zero ends and keeps to the cap") {
  const Range range = range_of(Backoff(0ms, 5ms, 7), 3);
  CHECK(range.lowest == 0ms);
  CHECK(range.highest == 5ms);
}

TEST_CASE("Two gateways with other seeds do not come back together") {
  Backoff one(1s, 300s, 1);
  Backoff two(1s, 300s, 2);
  int equal = 0;
  for (int i = 0; i < 100; ++i) equal += one.wait(8) == two.wait(8);
  CHECK(equal < 5);
}
