#include "gateway/back_pressure.h"

#include "gateway/waiting_bodies.h"
#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

DiskSpace free_bytes(std::uint64_t bytes) {
  return {bytes, true, false};
}

}  // namespace

TEST_CASE("Reading stops above the high mark and goes on below the low one") {
  BackPressure pressure({100, 50, 0});
  const auto holds_back_at = [&](std::int64_t bytes) {
    pressure.measure(bytes, std::nullopt);
    return pressure.holds_back();
  };
  CHECK_FALSE(holds_back_at(100));
  CHECK(holds_back_at(101));
  CHECK(pressure.backlog());
  CHECK(holds_back_at(51));
  CHECK_FALSE(holds_back_at(50));
  CHECK_FALSE(holds_back_at(100));
}

TEST_CASE("Reading stops when too little of the disk is free and goes on from twice that") {
  BackPressure pressure({0, 0, 1'000});
  const auto holds_back_at = [&](const std::optional<DiskSpace>& space) {
    pressure.measure(1'000'000, space);
    return pressure.holds_back();
  };
  CHECK_FALSE(holds_back_at(free_bytes(1'000)));
  CHECK(holds_back_at(free_bytes(999)));
  CHECK(pressure.out_of_space());
  CHECK(holds_back_at(free_bytes(1'999)));
  CHECK(holds_back_at(std::nullopt));
  CHECK_FALSE(holds_back_at(free_bytes(2'000)));
  CHECK(holds_back_at(DiskSpace{5'000, false, false}));
}

TEST_CASE("Limits of 0 are none") {
  BackPressure pressure({0, 0, 0});
  pressure.measure(std::int64_t{1} << 50, free_bytes(0));
  CHECK_FALSE(pressure.holds_back());
}

TEST_CASE("What waits to be sent is known in bytes, and a body goes with its delivery") {
  const auto state = empty_state();
  const auto waiting = [&] { return waiting_body_bytes(state->database); };
  CHECK(waiting() == 0);
  put(*state, built(condition_unit("1"), content("架橋")), at(0));
  CHECK(waiting() == 6);
  put(*state, built(condition_unit("2"), content("12345")), at(1));
  CHECK(waiting() == 11);
  put(*state, built(condition_unit("2"), content("1")), at(2));
  CHECK(waiting() == 7);
  while (const auto claim = state->outbox.claim(kPlatform, at(10))) {
    state->outbox.record(*claim, Verdict::delivered, {}, at(10), at(10));
  }
  CHECK(waiting() == 0);
  CHECK(value_of(state->database, "SELECT COUNT(*) FROM body") == "0");
  CHECK(value_of(state->database, "SELECT COUNT(content_hash) FROM outbox") == "2");
  put(*state, built(condition_unit("3"), content("123")), at(20));
  put(*state, built(condition_unit("3"), nothing_left()), at(21));
  CHECK(waiting() == 0);
}
