#include "gateway/back_pressure.h"

#include "gateway/outbox_orders.h"
#include "gateway/waiting_bodies.h"
#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

DiskSpace free_bytes(std::uint64_t bytes) {
  return {bytes, true, false};
}

std::int64_t waiting_bytes(StateStore::Contents& state) {
  return waiting_body_bytes(state.database, {kPlatform});
}

std::string bodies(StateStore::Contents& state) {
  return value_of(state.database, "SELECT COUNT(*) FROM body");
}

void answer(StateStore::Contents& state, Verdict verdict, std::int64_t second) {
  const auto claim = state.outbox.claim(kPlatform, at(second));
  REQUIRE(claim.has_value());
  state.outbox.record(*claim, verdict, {}, at(second), at(second));
}

OrderResult order(StateStore::Contents& state, PersonOrder order, std::int64_t second) {
  auto select = state.database.prepare("SELECT unit, destination FROM outbox");
  REQUIRE(select.step());
  const OutboxKey row{{select.integer(0)}, {select.integer(1)}};
  return OutboxOrders(state.database, state.units).give(row, order, at(second));
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
  const auto waiting = [&] { return waiting_bytes(*state); };
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

TEST_CASE("What is made for a destination to which nothing is sent does not wait") {
  const auto state = empty_state();
  auto unit = built(condition_unit("1"), content("12345"));
  unit.snapshots["region"] = content("1234567");
  put(*state, unit, at(0));
  CHECK(waiting_body_bytes(state->database, {kPlatform}) == 5);
  CHECK(waiting_body_bytes(state->database, {kPlatform, "region"}) == 12);
  CHECK(waiting_body_bytes(state->database, {"unknown"}) == 0);
}

TEST_CASE("What breaks the profile waits for nothing, and a mapping that is wrong fills no disk") {
  const auto state = empty_state();
  put(*state, built(condition_unit(), unfit("12345")), at(0));
  CHECK(waiting_bytes(*state) == 0);
  put(*state, built(condition_unit(), content("123")), at(1));
  CHECK(waiting_bytes(*state) == 3);
  put(*state, built(condition_unit(), unfit("12345")), at(2));
  CHECK(waiting_bytes(*state) == 0);
  CHECK(bodies(*state) == "0");
  put(*state, built(condition_unit(), content("123")), at(3));
  CHECK(state->outbox.claim(kPlatform, at(4))->body == "123");
}

TEST_CASE("What is held waits for no sending, and comes back with its body") {
  const auto state = empty_state();
  put(*state, built(condition_unit(), content("123")), at(0));
  put(*state, built(condition_unit(), held()), at(1));
  CHECK(waiting_bytes(*state) == 0);
  put(*state, built(condition_unit(), content("123")), at(2));
  CHECK(waiting_bytes(*state) == 3);
  CHECK(order(*state, PersonOrder::hold, 3) == OrderResult::done);
  CHECK(bodies(*state) == "0");
  CHECK(order(*state, PersonOrder::release, 4) == OrderResult::done);
  put(*state, built(condition_unit(), content("123")), at(5));
  CHECK(state->outbox.claim(kPlatform, at(6))->body == "123");
}

TEST_CASE("What the destination refused keeps its body for a retry, and does not wait until then") {
  const auto state = empty_state();
  put(*state, built(condition_unit(), content("123")), at(0));
  answer(*state, Verdict::rejected, 1);
  CHECK(waiting_bytes(*state) == 0);
  CHECK(order(*state, PersonOrder::retry, 2) == OrderResult::done);
  CHECK(waiting_bytes(*state) == 3);
  answer(*state, Verdict::rejected, 3);
  put(*state, built(condition_unit(), content("12345")), at(4));
  CHECK(waiting_bytes(*state) == 5);
  answer(*state, Verdict::rejected, 5);
  CHECK(order(*state, PersonOrder::drop, 6) == OrderResult::done);
  CHECK(waiting_bytes(*state) == 0);
  CHECK(bodies(*state) == "0");
}

TEST_CASE("Of a state of the version before only the bodies that may be sent are counted") {
  const auto state = empty_state();
  put(*state, built(condition_unit("1"), content("refused")), at(0));
  answer(*state, Verdict::rejected, 1);
  put(*state, built(condition_unit("2"), content("12345")), at(2));
  put(*state, built(condition_unit("3"), unfit("unfit")), at(3));
  put(*state, built(condition_unit("4"), held()), at(4));
  Database& database = state->database;
  database.execute(
      "DROP TRIGGER body_more; DROP TRIGGER body_other; DROP TRIGGER body_less; "
      "ALTER TABLE body DROP COLUMN waits; ALTER TABLE destination DROP COLUMN waiting_bytes; "
      "INSERT INTO body SELECT unit, destination, 'not sent' FROM delivery WHERE state = 3 OR "
      "(state = 4 AND reason <> 'delivery')");
  CHECK(bodies(*state) == "4");
  add_waiting_bodies(database);
  count_waiting_bodies_by_destination(database);
  CHECK(waiting_bytes(*state) == 5);
  CHECK(bodies(*state) == "2");
}
