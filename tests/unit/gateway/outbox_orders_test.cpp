#include "gateway/outbox_orders.h"

#include "gateway/timeliness.h"
#include "tests/unit/gateway/outbox_run.h"

#include <algorithm>
#include <iterator>

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

namespace {

std::vector<std::string> events(Delivery& delivery) {
  std::vector<std::string> names;
  for (const HistoryEntry& entry : delivery.history()) names.emplace_back(name_of(entry.event));
  return names;
}

}  // namespace

TEST_CASE("A person's hold survives newer snapshots, and nothing is sent") {
  Delivery delivery;
  delivery.put(content("A"));
  CHECK(delivery.order(PersonOrder::hold) == OrderResult::done);
  delivery.put(content("B"));
  delivery.put(nothing_left());
  delivery.put(held());
  CHECK(delivery.state() == "held");
  CHECK(delivery.column("reason") == "person:hold");
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.order(PersonOrder::hold) == OrderResult::nothing_to_do);
}

TEST_CASE("What is released is made anew, and only then sent") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.order(PersonOrder::hold);
  delivery.settle();
  CHECK(delivery.order(PersonOrder::release) == OrderResult::done);
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.is_due());
  delivery.put(content("B"));
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A hold of what was delivered is released without a sending when nothing changed") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.order(PersonOrder::hold);
  CHECK(delivery.state() == "held");
  delivery.order(PersonOrder::release);
  delivery.put(content("A"));
  CHECK(delivery.state() == "delivered");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("A hold while a request is under way keeps what its answer says for the release") {
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  delivery.order(PersonOrder::hold);
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "held");
  delivery.order(PersonOrder::release);
  delivery.put(content("A"));
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("Releasing what a rule holds looks at it anew and sends nothing by itself") {
  Delivery delivery;
  delivery.put(held());
  delivery.settle();
  CHECK(delivery.order(PersonOrder::release) == OrderResult::done);
  CHECK(delivery.state() == "held");
  CHECK(delivery.is_due());
}

TEST_CASE("There is nothing to release where nothing is held") {
  Delivery delivery;
  delivery.put(content("A"));
  CHECK(delivery.order(PersonOrder::release) == OrderResult::nothing_to_do);
}

TEST_CASE("What is taken back is deleted now, and held until a person releases it") {
  Delivery delivery;
  delivery.deliver(content("A"));
  CHECK(delivery.order(PersonOrder::retract) == OrderResult::done);
  const Claim claim = delivery.taken();
  CHECK(claim.step == Claim::Step::delete_unit);
  delivery.put(content("B"));
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "held");
  CHECK(delivery.column("reason") == "person:retract");
  delivery.put(content("C"));
  CHECK(delivery.state() == "held");
  CHECK(delivery.order(PersonOrder::retract) == OrderResult::nothing_to_do);
  delivery.order(PersonOrder::release);
  delivery.put(content("C"));
  check_registers(delivery.taken(), "C");
}

TEST_CASE("What is released before the delete that takes it back was sent is not deleted") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.order(PersonOrder::retract);
  CHECK(delivery.order(PersonOrder::release) == OrderResult::done);
  CHECK(delivery.is_due());
  CHECK_FALSE(delivery.claim());
  SECTION("it is as it was") {
    delivery.put(content("A"));
    CHECK(delivery.state() == "delivered");
  }
  SECTION("it changed") {
    delivery.put(content("B"));
    check_registers(delivery.taken(), "B");
  }
  SECTION("nothing is left") {
    delivery.put(nothing_left());
    CHECK(delivery.taken().step == Claim::Step::delete_unit);
  }
}

TEST_CASE("A release while the delete that takes back is under way sends the unit once more") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.order(PersonOrder::retract);
  const Claim claim = delivery.taken();
  delivery.order(PersonOrder::release);
  delivery.record(claim, GENERATE(Verdict::delivered, Verdict::unknown, Verdict::later));
  CHECK_FALSE(delivery.claim());
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("A change that waits for what is taken back is not waited for any more") {
  Delivery delivery;
  delivery.deliver(content("A", "person-1"));
  Changes(delivery.database()).note(unit_named(delivery.contents(), condition_unit().key()), delivery.tick());
  delivery.put(content("B", "person-2"));
  delivery.settle();
  const auto waiting = [&] {
    return value_of(delivery.database(), "SELECT COUNT(*) FROM change WHERE destination <> 0");
  };
  CHECK(waiting() == "1");
  SECTION("while nothing of it was sent") {}
  SECTION("after the delete that made way for it") {
    delivery.record(delivery.taken(), Verdict::delivered);
    CHECK(waiting() == "1");
  }
  delivery.order(PersonOrder::retract);
  CHECK(waiting() == "0");
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "held");
  CHECK(waiting() == "0");
}

TEST_CASE("A change of what a person took back before it was built is not waited for") {
  Delivery delivery;
  delivery.deliver(content("A"));
  Changes(delivery.database()).note(unit_named(delivery.contents(), condition_unit().key()), delivery.tick());
  delivery.order(PersonOrder::retract);
  delivery.put(content("B"));
  CHECK(value_of(delivery.database(), "SELECT COUNT(*) FROM change WHERE destination <> 0") == "0");
}

TEST_CASE("A delete that takes back is repeated until the destination says that it is done") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.order(PersonOrder::retract);
  delivery.record(delivery.taken(), Verdict::unknown);
  CHECK(delivery.state() == "unknown");
  delivery.record(delivery.taken(), Verdict::later);
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "held");
}

TEST_CASE("What was given up before it was taken back is deleted once more when it cannot come any more") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.order(PersonOrder::retract);
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "unknown");
  delivery.pass(60);
  const Claim again = delivery.taken();
  CHECK(again.step == Claim::Step::delete_unit);
  delivery.record(again, Verdict::delivered);
  CHECK(delivery.state() == "held");
}

TEST_CASE("Taking back waits for a result that was promised") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.order(PersonOrder::retract);
  const Claim asks = delivery.taken();
  CHECK(asks.step == Claim::Step::ask_result);
  delivery.record(asks, Verdict::delivered);
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE("Taking back what was never sent only holds it") {
  Delivery delivery;
  delivery.put(content("A"));
  CHECK(delivery.order(PersonOrder::retract) == OrderResult::done);
  CHECK(delivery.state() == "held");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("A retry comes at once and with its attempts forgotten") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.outbox().record(delivery.taken(), Verdict::later, {}, delivery.now() + std::chrono::hours(1),
                           delivery.now());
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.order(PersonOrder::retry) == OrderResult::done);
  CHECK(delivery.taken().attempts == 0);
}

TEST_CASE("What the destination refused is sent once more when a person says so") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::rejected);
  CHECK(delivery.order(PersonOrder::retry) == OrderResult::done);
  check_registers(delivery.taken(), "A");
}

TEST_CASE("What breaks the profile is not sent by a retry, it is made anew") {
  Delivery delivery;
  delivery.put(unfit("A"));
  delivery.settle();
  CHECK(delivery.order(PersonOrder::retry) == OrderResult::done);
  CHECK(delivery.state() == "rejected");
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.is_due());
}

TEST_CASE("What is held or delivered is not retried") {
  Delivery delivery;
  delivery.put(held());
  CHECK(delivery.order(PersonOrder::retry) == OrderResult::not_possible);
  delivery.deliver(content("A"));
  CHECK(delivery.order(PersonOrder::retry) == OrderResult::nothing_to_do);
}

TEST_CASE("A dropped snapshot is given up, the unit's next change is sent as usual") {
  Delivery delivery;
  delivery.put(content("A"));
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::done);
  CHECK(delivery.state() == "rejected");
  CHECK(delivery.column("reason") == "person:drop");
  delivery.put(content("A"));
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.order(PersonOrder::retry) == OrderResult::not_possible);
  delivery.put(content("B"));
  check_registers(delivery.taken(), "B");
}

TEST_CASE("What is delivered, under way or awaited is not dropped") {
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::not_possible);
  delivery.promise(claim);
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::not_possible);
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::not_possible);
}

TEST_CASE("What may still be stored, or what a delete made way for, is not dropped") {
  Delivery delivery;
  SECTION("given up without an answer") {
    delivery.put(content("A"));
    delivery.record(delivery.taken(), Verdict::unknown);
    delivery.put(content("B"));
    delivery.record(delivery.taken(), Verdict::rejected);
  }
  SECTION("another person's was deleted for it") {
    delivery.deliver(content("A", "person-1"));
    delivery.put(content("B", "person-2"));
    delivery.record(delivery.taken(), Verdict::delivered);
    CHECK(delivery.state() == "pending");
  }
  CHECK(delivery.order(PersonOrder::drop) == OrderResult::not_possible);
}

TEST_CASE("The history tells what became of a unit, and keeps the newest entries only") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::later);
  delivery.put(content("B"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.order(PersonOrder::hold);
  delivery.order(PersonOrder::release);
  CHECK(events(delivery) ==
        std::vector<std::string>{"postponed", "superseded", "answer-lost", "held-by-person", "released"});
  for (std::int64_t i = 0; i < 2 * kHistoryKept; ++i) {
    delivery.order(i % 2 == 0 ? PersonOrder::hold : PersonOrder::release);
  }
  const auto names = events(delivery);
  CHECK(names.size() == static_cast<std::size_t>(kHistoryKept));
  CHECK(std::count(names.begin(), names.end(), "postponed") == 0);
  CHECK(names.back() == "released");
}

TEST_CASE("A reason that comes again keeps its first time") {
  Delivery delivery;
  delivery.put(held());
  const std::string first = delivery.column("first_time");
  delivery.pass(100);
  delivery.put(held());
  CHECK(delivery.column("first_time") == first);
  CHECK(delivery.column("last_time") != first);
}

TEST_CASE("A row that breaks its profile names the rules") {
  Delivery delivery;
  Snapshot snapshot = unfit("A");
  snapshot.broken_rules = {"R0211", "R1013"};
  delivery.put(snapshot);
  CHECK(delivery.column("rules") == "R0211 R1013");
}
