#include "gateway/outbox.h"
#include "gateway/schema.h"
#include "tests/unit/gateway/outbox_run.h"
#include "tests/unit/gateway/settings_text.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

TEST_CASE("A held unit is not sent, and says why") {
  Delivery delivery;
  delivery.put(held());
  CHECK(delivery.state() == "held");
  CHECK(delivery.column("reason") == "patient:no-insurance");
  CHECK_FALSE(delivery.claim());
  delivery.put(content("A"));
  CHECK(delivery.column("reason").empty());
  check_registers(delivery.taken(), "A");
}

TEST_CASE("A hold stops a snapshot that waits, and the same content brings it back") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.put(held());
  CHECK_FALSE(delivery.claim());
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("A hold of delivered content sends nothing, nor does its end") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(held());
  CHECK(delivery.state() == "held");
  delivery.put(content("A"));
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("What waits for a destination that was out of the settings is not sent before it is made again") {
  Delivery delivery;
  const Settings here = loaded(kLeast);
  const Settings away = loaded(with(kLeast, kDestination, R"(<destination id="other")"));
  REQUIRE(bind_state(delivery.database(), here).has_value());
  delivery.put(content("A"));
  const auto comes_back = [&] {
    REQUIRE(bind_state(delivery.database(), away).has_value());
    REQUIRE(bind_state(delivery.database(), here).has_value());
  };
  SECTION("unlike after a start with the same settings") {
    REQUIRE(bind_state(delivery.database(), here).has_value());
    check_registers(delivery.taken(), "A");
  }
  SECTION("the same content") {
    comes_back();
    CHECK(delivery.state() == "held");
    CHECK(delivery.column("reason") == "returned");
    CHECK_FALSE(delivery.claim());
    delivery.put(content("A"));
    check_registers(delivery.taken(), "A");
  }
  SECTION("what is gone since") {
    comes_back();
    delivery.put(nothing_left());
    CHECK_FALSE(delivery.claim());
  }
  SECTION("what may have been stored there") {
    delivery.record(delivery.taken(), Verdict::unknown);
    comes_back();
    delivery.put(nothing_left());
    CHECK(delivery.taken().step == Claim::Step::delete_unit);
  }
  SECTION("and a result is awaited further then") {
    delivery.promise(delivery.taken());
    comes_back();
    CHECK_FALSE(delivery.claim());
    delivery.put(content("B"));
    CHECK(delivery.taken().step == Claim::Step::ask_result);
  }
  SECTION("and never, where it does not take it any more") {
    REQUIRE(bind_state(delivery.database(), away).has_value());
    Settings other = here;
    other.destinations.front().types = {"Observation"};
    REQUIRE(bind_state(delivery.database(), other).has_value());
    CHECK_FALSE(delivery.claim());
    CHECK(delivery.outbox().counts(kPlatform).unfinished() == 0);
  }
  SECTION("but what was begun is ended, where it does not take it any more") {
    delivery.record(delivery.taken(), Verdict::unknown);
    REQUIRE(bind_state(delivery.database(), away).has_value());
    Settings other = here;
    other.destinations.front().types = {"Observation"};
    REQUIRE(bind_state(delivery.database(), other).has_value());
    check_registers(delivery.taken(), "A");
  }
  SECTION("what a person holds stays held by the person") {
    delivery.order(PersonOrder::hold);
    comes_back();
    CHECK(delivery.column("reason") == "person:hold");
  }
}

TEST_CASE("A hold that comes while a request is under way stays, whatever the answer") {
  const auto verdict = GENERATE(Verdict::delivered, Verdict::rejected, Verdict::unknown, Verdict::later,
                                Verdict::in_result, Verdict::pause_destination);
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  delivery.put(held());
  Answer answer;
  answer.content_location = verdict == Verdict::in_result ? "/result/1" : "";
  delivery.record(claim, verdict, answer);
  CHECK(delivery.state() == "held");
  CHECK(delivery.column("reason") == "patient:no-insurance");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("A hold while a result is awaited does not make the outbox forget the result") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.put(held());
  CHECK_FALSE(delivery.claim());
  delivery.put(content("B"));
  // The destination may carry A out any moment: B, sent now, could be overtaken.
  const Claim question = delivery.taken();
  CHECK(question.step == Claim::Step::ask_result);
  CHECK(question.result_location == "/result/1");
  delivery.record(question, Verdict::delivered);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A hold that comes before the promise of a result does not make the outbox forget the result") {
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  delivery.put(held());
  delivery.promise(claim);
  delivery.put(content("A"));
  CHECK(delivery.taken().step == Claim::Step::ask_result);
}

TEST_CASE("A promised result is asked for, and the row is delivered when it is there") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  CHECK(delivery.state() == "in-result");
  const Claim first = delivery.taken();
  CHECK(first.step == Claim::Step::ask_result);
  CHECK(first.result_location == "/result/1");
  delivery.record(first, Verdict::in_result);  // not ready; 202 need not repeat the place
  const Claim second = delivery.taken();
  CHECK(second.result_location == "/result/1");
  delivery.record(second, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
  CHECK(delivery.column("result_location").empty());
}

TEST_CASE("A newer snapshot waits beside an awaited result and follows it") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.put(content("B"));
  CHECK(delivery.state() == "in-result");
  const Claim question = delivery.taken();
  CHECK(question.step == Claim::Step::ask_result);
  delivery.record(question, Verdict::delivered);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A result that says the operation failed, or that nobody knows, sends the newest again") {
  const auto verdict = GENERATE(Verdict::later, Verdict::unknown);
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.record(delivery.taken(), verdict);
  check_registers(delivery.taken(), "A");
}

TEST_CASE("A pause while a result is awaited is waited out, and the result is asked for again") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.record(delivery.taken(), Verdict::pause_destination);
  CHECK(delivery.taken().step == Claim::Step::ask_result);
}

TEST_CASE("A result that refuses the newest rejects it, one that refuses an older lets the newest go") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  SECTION("newest") {
    delivery.record(delivery.taken(), Verdict::rejected);
    CHECK(delivery.state() == "rejected");
  }
  SECTION("older") {
    delivery.put(content("B"));
    delivery.record(delivery.taken(), Verdict::rejected);
    check_registers(delivery.taken(), "B");
  }
}

TEST_CASE("The question about a delete's result is one about a delete") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(nothing_left());
  const Claim remove = delivery.taken();
  CHECK(remove.operation == gateway::Operation::delete_unit);
  delivery.promise(remove);
  const Claim question = delivery.taken();
  CHECK(question.step == Claim::Step::ask_result);
  CHECK(question.operation == gateway::Operation::delete_unit);
}

TEST_CASE("A question about a result knows how long ago the operation was sent, not the last question") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.pass(100);
  const Claim first = delivery.taken();
  CHECK(first.waited == std::chrono::seconds(101));
  delivery.record(first, Verdict::in_result);
  CHECK(delivery.taken().waited == std::chrono::seconds(102));
}
