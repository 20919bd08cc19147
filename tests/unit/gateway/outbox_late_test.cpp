// A server may carry out a request after its connection dropped: what was given up can come late, and must
// not stand in the end.

#include "gateway/late_requests.h"
#include "gateway/outbox.h"
#include "tests/unit/gateway/outbox_run.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

namespace {

constexpr std::int64_t kWindow = 60;

Answer answered(int status) {
  Answer answer;
  answer.status = status;
  return answer;
}

/// A was sent and its answer lost; B, which replaced it, was accepted within the window.
Delivery overtaken_perhaps() {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.deliver(content("B"));
  return delivery;
}

}  // namespace

TEST_CASE("What was accepted while an older request may still come is sent once more when none can") {
  Delivery delivery = overtaken_perhaps();
  CHECK(delivery.state() == "unknown");
  CHECK_FALSE(delivery.claim());
  delivery.pass(kWindow);
  const Claim again = delivery.taken();
  check_registers(again, "B");
  delivery.record(again, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
  CHECK_FALSE(delivery.outbox().next_attempt(kPlatform));
}

TEST_CASE("It counts as unfinished until then, so that a single run does not end before it is certain") {
  Delivery delivery = overtaken_perhaps();
  CHECK(delivery.outbox().counts(kPlatform).unfinished() == 1);
}

TEST_CASE("The same content sent again needs no third sending: coming late it changes nothing") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "delivered");
  CHECK(delivery.outbox().counts(kPlatform).unfinished() == 0);
  CHECK(delivery.outbox().counts(kPlatform).of(OutboxState::delivered) == 1);
  delivery.pass(kWindow);
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("But a change within the window is in doubt, although what came before it was delivered") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.record(delivery.taken(), Verdict::delivered);
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
  delivery.pass(kWindow);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("What was accepted in doubt and replaced is sent again when it comes back") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("B"));
  const Claim claim = delivery.taken();
  delivery.put(content("C"));
  delivery.record(claim, Verdict::delivered);
  delivery.put(content("B"));
  CHECK(delivery.state() == "pending");
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A status that a site calls another thing may hide the same request that is still worked on") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::pause_destination, answered(408));
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("Who took long to promise a result may need as long to carry it out after it was given up") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.pass(10 * kWindow);
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.pass(5 * kWindow);
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("A clock that was set while nothing ran does not end the window") {
  Delivery delivery = overtaken_perhaps();
  delivery.pass(9 * 3'600);
  delivery.outbox().recover(delivery.now());
  CHECK(delivery.state() == "unknown");
  delivery.put(content("C"));
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("After the window a change is delivered at once, and nothing is kept of what could have come") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.record(delivery.taken(), Verdict::delivered);
  delivery.pass(kWindow);
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.column("late_until").empty());
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("A delete that was given up may undo a register, and a register a delete") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(nothing_left());
  delivery.record(delivery.taken(), Verdict::unknown);
  SECTION("the unit came back") {
    delivery.deliver(content("A"));
    CHECK(delivery.state() == "unknown");
    delivery.pass(kWindow);
    check_registers(delivery.taken(), "A");
  }
  SECTION("the delete is sent again: late it does the same") {
    delivery.record(delivery.taken(), Verdict::delivered);
    CHECK(delivery.state() == "delivered");
  }
  SECTION("a register in between was given up, too") {
    delivery.put(content("B"));
    delivery.record(delivery.taken(), Verdict::unknown);
    delivery.deliver(nothing_left());
    CHECK(delivery.state() == "unknown");
    delivery.pass(kWindow);
    CHECK(delivery.taken().step == Claim::Step::delete_unit);
  }
}

TEST_CASE("A server error may hide that the request is still worked on, being turned away does not") {
  for (const auto& [status, in_doubt] :
       {std::pair{500, true}, {502, true}, {504, true}, {408, true}, {429, false}, {503, false}}) {
    CAPTURE(status);
    Delivery delivery;
    delivery.put(content("A"));
    delivery.record(delivery.taken(), Verdict::later, answered(status));
    delivery.deliver(content("B"));
    CHECK(delivery.state() == (in_doubt ? "unknown" : "delivered"));
  }
}

TEST_CASE("A result that says the operation failed leaves nothing that could come late") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.record(delivery.taken(), Verdict::later, answered(500));
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("A result that nobody knows any more may still come true") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("What a crash cut off can come late as well") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.taken();
  delivery.outbox().recover(delivery.tick());
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("The window is that of the destination, also after a start") {
  Delivery delivery;
  delivery.outbox().set_late_windows(kPlatform, {std::chrono::seconds(5), std::chrono::hours(1)});
  delivery.put(content("A"));
  delivery.taken();
  delivery.outbox().recover(delivery.tick());
  delivery.deliver(content("B"));
  delivery.pass(5);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("The time of a hold is none that a promise took: newer content does not wait as long once more") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.put(held());
  delivery.pass(20 * 86'400);
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
  delivery.put(content("C"));
  CHECK_FALSE(delivery.claim());
  delivery.pass(3'600);
  check_registers(delivery.taken(), "C");
}

TEST_CASE("A start does not shorten the window of a promise that was given up") {
  constexpr std::int64_t kPatience = 6 * 3'600;
  Delivery delivery;
  delivery.outbox().set_late_windows(kPlatform, {std::chrono::minutes(1), std::chrono::seconds(kPatience)});
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.pass(kPatience);
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.deliver(content("B"));
  delivery.outbox().recover(delivery.tick());
  // Sent once more after that: what is accepted before counts for nothing yet.
  delivery.pass(kPatience / 2);
  if (const auto early = delivery.claim()) delivery.record(*early, Verdict::delivered);
  CHECK(delivery.state() == "unknown");
  delivery.pass(kPatience / 2);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A result that was promised while the clock ran ahead is not waited for until then") {
  constexpr std::int64_t kAhead = 30 * 86'400;
  Delivery delivery;
  delivery.pass(kAhead);
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.pass(-kAhead);
  delivery.outbox().recover(delivery.tick());
  delivery.pass(100);
  CHECK(delivery.taken().waited >= std::chrono::seconds(100));
}

TEST_CASE("A result that is awaited beside a hold has waited as long as before when the clock is set") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.put(held());
  delivery.pass(3'600);
  delivery.outbox().clock_was_set(kPlatform, std::chrono::hours(1), delivery.now());
  delivery.put(content("A"));
  CHECK(delivery.taken().waited < std::chrono::minutes(1));
}

TEST_CASE("A clock that is set neither ends the window early nor keeps a row waiting") {
  const auto moved = GENERATE(std::int64_t{3'600}, std::int64_t{-3'600});
  Delivery delivery = overtaken_perhaps();
  delivery.pass(moved);
  delivery.outbox().clock_was_set(kPlatform, std::chrono::seconds(moved), delivery.now());
  CHECK_FALSE(delivery.claim());
  delivery.pass(kWindow);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("What was never sent is due at once after the clock went back") {
  Delivery delivery;
  delivery.pass(10'000);
  delivery.put(content("A"));
  delivery.pass(-3'600);
  delivery.outbox().clock_was_set(kPlatform, -std::chrono::hours(1), delivery.now());
  CHECK(delivery.claim());
}

TEST_CASE("Somebody else's Bundle that may have come late is deleted before the newest is sent once more") {
  Delivery delivery;
  delivery.put(content("A", "person-1"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("B", "person-2"));
  const Claim away = delivery.taken();
  CHECK(away.step == Claim::Step::delete_unit);
  delivery.record(away, Verdict::delivered);
  const Claim registered = delivery.taken();
  check_registers(registered, "B");
  SECTION("it was accepted") {
    delivery.record(registered, Verdict::delivered);
    CHECK(delivery.state() == "unknown");
  }
  SECTION("it was refused, because person-1's came in between") {
    const Recorded recorded = delivery.record(registered, Verdict::rejected, answered(422));
    CHECK(delivery.state() == "pending");
    CHECK_FALSE(delivery.claim());
    CHECK(recorded.verdict == Verdict::later);  // nobody needs to see to it
    CHECK(delivery.history().back().event == HistoryEvent::postponed);
  }
  delivery.pass(kWindow);
  const Claim once_more = delivery.taken();
  CHECK(once_more.step == Claim::Step::delete_unit);
  delivery.record(once_more, Verdict::delivered);
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("What is refused when nothing can come late is refused for its content") {
  Delivery delivery;
  delivery.put(content("A", "person-1"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.pass(kWindow);
  delivery.put(content("B", "person-2"));
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.record(delivery.taken(), Verdict::rejected, answered(422)).verdict == Verdict::rejected);
  CHECK(delivery.state() == "rejected");
}

TEST_CASE(
    "Somebody else's may have come while the way was being made: it is made once more after the window") {
  Delivery delivery;
  delivery.put(content("A", "person-1"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("B", "person-2"));
  delivery.record(delivery.taken(), Verdict::delivered);
  delivery.record(delivery.taken(), Verdict::pause_destination);
  delivery.pass(kWindow);
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE("A result that comes after the window tells of a request that was accepted within it") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("B"));
  delivery.promise(delivery.taken());
  delivery.pass(kWindow);
  const Claim asks = delivery.taken();
  CHECK(asks.step == Claim::Step::ask_result);
  delivery.record(asks, Verdict::delivered);
  CHECK(delivery.state() == "unknown");
  check_registers(delivery.taken(), "B");
}

TEST_CASE("An answer that comes after the window is to a request that was sent within it") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("B"));
  const Claim claim = delivery.taken();
  delivery.pass(kWindow);
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("The window lasts as long when the clock is set within it") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.pass(3'600);
  delivery.outbox().clock_was_set(kPlatform, std::chrono::hours(1), delivery.now());
  delivery.deliver(content("B"));
  CHECK(delivery.state() == "unknown");
}

TEST_CASE("Forgetting what can no longer come late keeps nothing else waiting for long") {
  const auto state = empty_state();
  constexpr int kUnits = 600;
  for (int i = 0; i < kUnits; ++i)
    put(*state, built(condition_unit(std::to_string(1'000 + i)), content("A")), at(0));
  for (int i = 0; i < kUnits; ++i)
    state->outbox.record(*state->outbox.claim(kPlatform, at(1)), Verdict::unknown, {}, at(2), at(1));
  for (int i = 0; i < kUnits; ++i)
    state->outbox.record(*state->outbox.claim(kPlatform, at(2)), Verdict::delivered, {}, at(2), at(2));
  const auto kept = [&] { return value_of(state->database, "SELECT COUNT(*) FROM delivery"); };
  CHECK(kept() == "600");
  CHECK_FALSE(state->outbox.claim(kPlatform, at(100)));
  CHECK(kept() == "344");
  for (int i = 0; i < 2; ++i) CHECK_FALSE(state->outbox.claim(kPlatform, at(100)));
  CHECK(kept() == "0");
}

TEST_CASE("A question about a result that was asked twice is no sending that could come late") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  Answer answer;
  answer.repeated = true;
  delivery.record(delivery.taken(), Verdict::delivered, answer);
  CHECK(delivery.state() == "delivered");
  CHECK(delivery.column("late_until").empty());
}
