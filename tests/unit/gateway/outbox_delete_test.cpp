#include "gateway/outbox.h"
#include "tests/unit/gateway/outbox_run.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

TEST_CASE("A unit that became empty is deleted at the destination") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(nothing_left());
  const Claim claim = delivery.taken();
  CHECK(claim.step == Claim::Step::delete_unit);
  CHECK(claim.bundle_id == bundle_of(condition_unit()));
  CHECK(claim.body.empty());
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
  delivery.put(nothing_left());
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("A unit that is filled again after its delete comes back under its Bundle-ID") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.deliver(nothing_left());
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("An empty unit that was never sent leaves no row") {
  Delivery delivery;
  SECTION("never filled") {}
  SECTION("filled") {
    delivery.put(content("A"));
  }
  SECTION("held") {
    delivery.put(held());
  }
  delivery.put(nothing_left());
  CHECK(delivery.state() == "none");
}

TEST_CASE("An empty unit whose first sending is under way or was lost is deleted") {
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  SECTION("under way") {
    delivery.put(nothing_left());
    delivery.record(claim, Verdict::unknown);
  }
  SECTION("lost") {
    delivery.record(claim, Verdict::unknown);
    delivery.put(nothing_left());
  }
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE("Under another insured identifier a unit is deleted before it is registered") {
  Delivery delivery;
  delivery.deliver(content("A", "person-1"));
  delivery.put(content("B", "person-2"));
  const Claim remove = delivery.taken();
  CHECK(remove.step == Claim::Step::delete_unit);
  delivery.record(remove, Verdict::delivered);
  CHECK(delivery.state() == "pending");
  const Claim claim = delivery.taken();
  check_registers(claim, "B");
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
  delivery.put(content("C", "person-2"));
  check_registers(delivery.taken(), "C");
}

TEST_CASE("A sending that may have been stored under another insured identifier is deleted first, too") {
  const auto verdict = GENERATE(Verdict::unknown, Verdict::later);
  Delivery delivery;
  delivery.put(content("A", "person-1"));
  delivery.record(delivery.taken(), verdict);
  delivery.put(content("B", "person-2"));
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE(
    "What was refused or never reached the destination needs no delete under another insured identifier") {
  const auto verdict = GENERATE(Verdict::rejected, Verdict::pause_destination);
  Delivery delivery;
  delivery.put(content("A", "person-1"));
  delivery.record(delivery.taken(), verdict);
  delivery.put(content("B", "person-2"));
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A refused delete before a register rejects the row instead of being tried for ever") {
  Delivery delivery;
  delivery.deliver(content("A", "person-1"));
  delivery.put(content("B", "person-2"));
  delivery.record(delivery.taken(), Verdict::rejected);
  CHECK(delivery.state() == "rejected");
}
