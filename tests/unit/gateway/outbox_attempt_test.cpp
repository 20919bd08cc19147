#include "gateway/outbox.h"
#include "tests/unit/gateway/outbox_run.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

TEST_CASE("A pause uses up no attempts, an answer that sends the row away does") {
  Delivery delivery;
  delivery.put(content("A"));
  for (int i = 0; i < 5; ++i) delivery.record(delivery.taken(), Verdict::pause_destination);
  CHECK(delivery.column("attempts") == "0");
  delivery.record(delivery.taken(), Verdict::later);
  CHECK(delivery.column("attempts") == "1");
  CHECK(delivery.taken().attempts == 1);
}

TEST_CASE("Attempts begin anew with a newer snapshot") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::later);
  delivery.put(content("B"));
  CHECK(delivery.taken().attempts == 0);
}

TEST_CASE("A row is not claimed before its time, and the outbox says when that is") {
  Delivery delivery;
  delivery.put(content("A"));
  const Instant later = delivery.now() + std::chrono::minutes(1);
  delivery.outbox().record(delivery.taken(), Verdict::later, {}, later, delivery.now());
  CHECK_FALSE(delivery.claim());
  CHECK(delivery.outbox().next_attempt(kPlatform) == later);
  CHECK_FALSE(delivery.outbox().next_attempt("elsewhere"));
  delivery.pass(60);
  CHECK(delivery.claim());
}

TEST_CASE("What a site says of a status does not make a request come to nothing that was begun") {
  const auto verdict = GENERATE(Verdict::later, Verdict::pause_destination, Verdict::rejected);
  const auto state_after = [&](int status) {
    Delivery delivery;
    delivery.put(content("A"));
    Answer answer;
    answer.status = status;
    delivery.record(delivery.taken(), verdict, answer);
    delivery.put(content("B"));
    delivery.record(delivery.taken(), Verdict::delivered);
    return delivery.state();
  };
  CHECK(state_after(503) == "delivered");  // turned away
  CHECK(state_after(502) == "unknown");    // A may still come, and then B is to be sent once more
}

TEST_CASE("A request that went out twice may come late, whatever became of the second") {
  const auto verdict = GENERATE(Verdict::delivered, Verdict::pause_destination, Verdict::rejected);
  Delivery delivery;
  delivery.put(content("A"));
  Answer answer;
  answer.repeated = true;
  delivery.record(delivery.taken(), verdict, answer);
  delivery.put(content("B"));
  delivery.record(delivery.taken(), Verdict::delivered);
  CHECK(delivery.state() == "unknown");  // the first A may come after B
}

TEST_CASE("The body of a rejection is kept for the operator until another snapshot comes") {
  Delivery delivery;
  delivery.put(content("A"));
  Answer answer;
  answer.status = 422;
  answer.body = "<OperationOutcome>";
  answer.detail = "refused with 422";
  delivery.record(delivery.taken(), Verdict::rejected, answer);
  CHECK(delivery.column("answer") == "<OperationOutcome>");
  CHECK(delivery.column("explanation") == "refused with 422");
  CHECK(delivery.column("reason") == "delivery");
  delivery.put(content("B"));
  CHECK(delivery.column("answer").empty());
  CHECK(delivery.column("explanation").empty());
}

TEST_CASE("A crash between sending and answer counts as a lost answer") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.taken();
  CHECK(delivery.outbox().recover(delivery.tick()) == 1);
  CHECK(delivery.state() == "unknown");
  check_registers(delivery.taken(), "A");
}

TEST_CASE("A crash while a question about a result was under way asks again") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.promise(delivery.taken());
  delivery.taken();
  CHECK(delivery.outbox().recover(delivery.tick()) == 1);
  CHECK(delivery.state() == "in-result");
  CHECK(delivery.taken().step == Claim::Step::ask_result);
}

TEST_CASE("A crash while a sending was under way counts for the insured identifier, too") {
  Delivery delivery;
  delivery.put(content("A", "person-1"));
  delivery.taken();
  delivery.outbox().recover(delivery.tick());
  delivery.put(content("B", "person-2"));
  CHECK(delivery.taken().step == Claim::Step::delete_unit);
}

TEST_CASE("A start without anything under way changes nothing") {
  Delivery delivery;
  delivery.put(content("A"));
  CHECK(delivery.outbox().recover(delivery.tick()) == 0);
  CHECK(delivery.state() == "pending");
}

TEST_CASE("A clock that ran ahead before the stop does not make rows wait for it") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.outbox().record(delivery.taken(), Verdict::later, {}, delivery.now() + std::chrono::years(1),
                           delivery.now());
  delivery.outbox().recover(delivery.tick());
  CHECK(delivery.claim());
}

TEST_CASE("Whether a destination is to be reached is found out anew after a start") {
  Delivery delivery;
  delivery.outbox().set_paused(kPlatform, delivery.now(), "connection refused");
  delivery.outbox().recover(delivery.tick());
  CHECK(delivery.paused_since() == "none");
}
