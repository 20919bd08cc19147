// At a million rows a query that looks at all of them takes seconds: each of the outbox finds its rows by an
// index. Everything the outbox can do is done once, and SQLite is asked how it would run what was prepared.

#include "gateway/outbox_orders.h"
#include "tests/unit/gateway/state_support.h"

#include <regex>
#include <vector>

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

namespace {

OutboxKey only_row(StateStore::Contents& state) {
  auto select = state.database.prepare("SELECT unit, destination FROM outbox");
  REQUIRE(select.step());
  return {{select.integer(0)}, {select.integer(1)}};
}

void send(StateStore::Contents& state, Verdict verdict, std::int64_t second) {
  const auto claim = state.outbox.claim(kPlatform, at(second));
  REQUIRE(claim.has_value());
  state.outbox.record(*claim, verdict, {}, at(second), at(second));
}

void live(StateStore::Contents& state) {
  put(state, built(condition_unit(), content("A")), at(0));
  send(state, Verdict::unknown, 1);
  put(state, built(condition_unit(), content("B")), at(2));
  for (std::int64_t second = 3; second < 8; ++second) send(state, Verdict::later, second);
  state.outbox.claim(kPlatform, at(9));
  state.outbox.recover(at(10));
  state.outbox.clock_was_set(kPlatform, Milliseconds(5'000), at(15));
  send(state, Verdict::delivered, 3'700);
  put(state, built(condition_unit(), held()), at(3'701));
  OutboxOrders orders(state.database, state.units);
  for (const PersonOrder order : {PersonOrder::hold, PersonOrder::release, PersonOrder::retract,
                                  PersonOrder::release, PersonOrder::retry, PersonOrder::drop}) {
    orders.give(only_row(state), order, at(3'702));
  }
  put(state, built(condition_unit(), unfit("C")), at(3'703));
  history_of(state.database, only_row(state));
  state.outbox.counts(kPlatform);
  state.outbox.next_attempt(kPlatform);
  state.outbox.was_sent(only_row(state).unit);
  state.outbox.set_paused(kPlatform, at(0), "refused");
  state.units.mark_open_units_due(at(3'704));
}

/// Destinations are few.
bool is_small(const std::string& table) {
  return table == "destination";
}

}  // namespace

TEST_CASE("Every query of the outbox finds its rows by an index") {
  const auto state = empty_state();
  live(*state);
  const std::regex table(R"(\b(outbox|delivery|body|history|warned_unit|unit)\b)");
  const std::regex scan(R"(^SCAN (\w+))");
  int looked_at = 0;
  for (const std::string& sql : state->database.statements()) {
    if (!std::regex_search(sql, table) || sql.starts_with("EXPLAIN")) continue;
    if (sql == "SELECT unit, destination FROM outbox") continue;  // this test's own
    ++looked_at;
    auto plan = state->database.prepare("EXPLAIN QUERY PLAN " + sql);
    while (plan.step()) {
      const std::string step = plan.text(3);
      CAPTURE(sql, step);
      std::smatch match;
      const bool scans = std::regex_search(step, match, scan);
      CHECK((!scans || is_small(match[1]) || match[1] == "CONSTANT"));
    }
  }
  CHECK(looked_at >= 25);
}
