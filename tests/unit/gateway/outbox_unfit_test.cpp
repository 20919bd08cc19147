#include "gateway/outbox.h"
#include "tests/unit/gateway/outbox_run.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

TEST_CASE("Content that breaks the profile is rejected and never sent, and says why") {
  Delivery delivery;
  delivery.put(unfit("A"));
  CHECK(delivery.state() == "rejected");
  CHECK(delivery.column("reason") == "profile:broken");
  CHECK_FALSE(delivery.claim());
  delivery.put(content("B"));
  CHECK(delivery.column("reason").empty());
  check_registers(delivery.taken(), "B");
}

TEST_CASE("Unfit content takes the place of a good one that still waits: it would be overtaken otherwise") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.put(unfit("B"));
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("Unfit content leaves what the destination has, and its end sends nothing of that again") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(unfit("B"));
  CHECK(delivery.state() == "rejected");
  CHECK_FALSE(delivery.claim());
  delivery.put(content("A"));
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("What only our rules called unfit goes out when they no longer do, with the same content") {
  Delivery delivery;
  delivery.put(unfit("A"));
  delivery.put(unfit("A"));
  CHECK(delivery.state() == "rejected");
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("What the destination refused is not sent again when nothing changed but our opinion") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::rejected);
  delivery.put(content("A"));
  CHECK(delivery.state() == "rejected");
  CHECK(delivery.column("reason") == "delivery");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("Unfit content that comes while a request is under way stays rejected, whatever the answer") {
  const auto verdict = GENERATE(Verdict::delivered, Verdict::rejected, Verdict::unknown, Verdict::later,
                                Verdict::in_result, Verdict::pause_destination);
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  delivery.put(unfit("B"));
  Answer answer;
  answer.content_location = verdict == Verdict::in_result ? "/result/1" : "";
  delivery.record(claim, verdict, answer);
  CHECK(delivery.state() == "rejected");
  CHECK(delivery.column("reason") == "profile:broken");
  CHECK_FALSE(delivery.claim());
  delivery.put(content("C"));
  const Claim next = delivery.taken();
  if (verdict == Verdict::in_result) {
    // The destination may carry A out any moment: C, sent now, could be overtaken.
    CHECK(next.step == Claim::Step::ask_result);
  } else {
    check_registers(next, "C");
  }
}

TEST_CASE("A unit whose unfit content was never sent leaves nothing behind when it becomes empty") {
  Delivery delivery;
  delivery.put(unfit("A"));
  delivery.put(nothing_left());
  CHECK(delivery.state() == "none");
}

TEST_CASE("A unit that becomes empty while unfit content stands in its place is deleted at the destination") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(unfit("B"));
  delivery.put(nothing_left());
  CHECK(delivery.taken().operation == gateway::Operation::delete_unit);
}
