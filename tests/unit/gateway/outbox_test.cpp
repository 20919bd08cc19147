#include "gateway/outbox.h"

#include "fhir_mapper/json_writer.h"
#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using gateway::Answer;
using gateway::Claim;
using gateway::Instant;
using gateway::Milliseconds;
using gateway::OutboxState;
using gateway::Snapshot;
using gateway::Verdict;
using ssmix2::SafeText;
using namespace gateway::test;

/// One unit on its way to one destination; every step is a second later.
class Delivery {
 public:
  void put(const Snapshot& snapshot) {
    gateway::test::put(*state_, built(condition_unit(), snapshot), tick());
  }

  std::optional<Claim> claim() { return state_->outbox.claim(kPlatform, tick()); }

  /// There must be something to send.
  Claim taken() {
    const auto claim = this->claim();
    REQUIRE(claim.has_value());
    return *claim;
  }

  void record(const Claim& claim, Verdict verdict, Answer answer = {}) {
    state_->outbox.record(claim, verdict, answer, now(), now());
  }

  void promise(const Claim& claim) {
    Answer answer;
    answer.status = 202;
    answer.content_location = "/result/1";
    record(claim, Verdict::in_result, answer);
  }

  /// Puts and delivers.
  void deliver(const Snapshot& snapshot) {
    put(snapshot);
    record(taken(), Verdict::delivered);
  }

  std::string column(const std::string& name) {
    return value_of(state_->database, "SELECT " + name + " FROM outbox");
  }
  std::string state() { return column("state"); }
  Instant now() const { return at(second_); }
  Instant tick() { return at(++second_); }
  void pass(std::int64_t seconds) { second_ += seconds; }
  gateway::Outbox& outbox() { return state_->outbox; }
  gateway::Database& database() { return state_->database; }

 private:
  std::unique_ptr<gateway::StateStore::Contents> state_ = empty_state();
  std::int64_t second_ = 0;
};

void check_registers(const Claim& claim, const std::string& body) {
  CHECK(claim.step == Claim::Step::register_unit);
  CHECK(claim.body == body);
  CHECK(claim.bundle_id == "1319999999^2026^C01");
}

}  // namespace

TEST_CASE("A snapshot is claimed once, delivered, and then there is nothing to do") {
  Delivery delivery;
  delivery.put(content("A"));
  CHECK(delivery.state() == "pending");
  const Claim claim = delivery.taken();
  check_registers(claim, "A");
  CHECK_FALSE(delivery.claim());  // one request a unit at a time
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
  CHECK_FALSE(delivery.claim());
  CHECK_FALSE(delivery.outbox().next_attempt(kPlatform));
}

TEST_CASE("A newer snapshot replaces an undelivered older one, which is counted") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.put(content("B"));
  check_registers(delivery.taken(), "B");
  CHECK(delivery.column("superseded") == "1");
}

TEST_CASE("What was delivered, or is put again unchanged, is not counted as superseded") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(content("B"));
  delivery.put(held());
  delivery.put(content("B"));
  CHECK(delivery.column("superseded") == "0");
}

TEST_CASE("Content that is already delivered is not sent again") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(content("A"));
  CHECK(delivery.state() == "delivered");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("Content that is under way is not sent a second time when it is put again") {
  Delivery delivery;
  delivery.put(content("A"));
  const Claim claim = delivery.taken();
  delivery.put(content("A"));
  delivery.record(claim, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("A refused snapshot is sent again only when its content changes") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::rejected);
  delivery.put(content("A"));
  CHECK(delivery.state() == "rejected");
  delivery.put(content("B"));
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A newer snapshot that comes while the older is under way is sent whatever becomes of the older") {
  const auto verdict = GENERATE(Verdict::delivered, Verdict::rejected, Verdict::unknown, Verdict::later,
                                Verdict::pause_destination);
  Delivery delivery;
  delivery.put(content("A"));
  const Claim older = delivery.taken();
  delivery.put(content("B"));
  CHECK_FALSE(delivery.claim());
  delivery.record(older, verdict);
  const Claim newer = delivery.taken();
  check_registers(newer, "B");
  delivery.record(newer, Verdict::delivered);
  CHECK(delivery.state() == "delivered");
}

TEST_CASE("After an older snapshot was confirmed or refused the newer one is due at once") {
  const auto verdict = GENERATE(Verdict::delivered, Verdict::rejected);
  Delivery delivery;
  delivery.put(content("A"));
  const Claim older = delivery.taken();
  delivery.put(content("B"));
  delivery.outbox().record(older, verdict, {}, delivery.now() + std::chrono::hours(1), delivery.now());
  check_registers(delivery.taken(), "B");
}

TEST_CASE("A snapshot that was asked to come later does not come sooner because its content is newer") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.outbox().record(delivery.taken(), Verdict::later, {}, delivery.now() + std::chrono::hours(1),
                           delivery.now());
  delivery.put(content("B"));
  CHECK_FALSE(delivery.claim());
  delivery.pass(3'600);
  check_registers(delivery.taken(), "B");
}

TEST_CASE("Going back to content that was delivered before needs no request if nothing else was sent since") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(content("B"));
  delivery.put(content("A"));
  CHECK(delivery.state() == "delivered");
  CHECK_FALSE(delivery.claim());
}

TEST_CASE("Going back to content that was delivered before is sent when the other may stand there") {
  const auto verdict = GENERATE(Verdict::unknown, Verdict::later);
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(content("B"));
  delivery.record(delivery.taken(), verdict);
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("Content delivered before, then sent again without an answer, does not count as there") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(content("B"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(held());
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("Going back to delivered content while a delete may have been carried out is sent") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(nothing_left());
  delivery.record(delivery.taken(), Verdict::unknown);
  delivery.put(content("A"));
  check_registers(delivery.taken(), "A");
}

TEST_CASE("A lost answer is sent again with the newest content under the same Bundle-ID") {
  Delivery delivery;
  delivery.put(content("A"));
  delivery.record(delivery.taken(), Verdict::unknown);
  CHECK(delivery.state() == "unknown");
  delivery.put(content("B"));
  CHECK(delivery.state() == "unknown");
  check_registers(delivery.taken(), "B");
}

TEST_CASE("The times of a snapshot stay, its entry URLs are new at every sending") {
  using fhir_mapper::Node;
  const Node body(Node::Array{Node(fhir_mapper::SnapshotTime()), Node(fhir_mapper::EntryUrl{0})});
  Delivery delivery;
  delivery.put(content(fhir_mapper::SnapshotTemplate::of(body).text()));
  const Claim first = delivery.taken();
  delivery.record(first, Verdict::later);
  const Claim second = delivery.taken();
  const std::string times = "[\"2026-04-01T09:00:01.000+09:00\",\"urn:uuid:";
  CHECK_THAT(first.body, Catch::StartsWith(times));
  CHECK_THAT(second.body, Catch::StartsWith(times));
  CHECK(first.body != second.body);
  CHECK(second.attempts == 1);
}

// --- holding ---

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

// --- results ---

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

// --- deletes ---

TEST_CASE("A unit that became empty is deleted at the destination") {
  Delivery delivery;
  delivery.deliver(content("A"));
  delivery.put(nothing_left());
  const Claim claim = delivery.taken();
  CHECK(claim.step == Claim::Step::delete_unit);
  CHECK(claim.bundle_id == "1319999999^2026^C01");
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
  CHECK(delivery.column("id") == "none");
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

// --- insured identifier ---

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

// --- attempts, answers, restarts ---

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

// --- Bundle-IDs, several units and destinations ---

TEST_CASE("A Bundle-ID is given once, also over the turn of the year") {
  const auto state = empty_state();
  const auto unit = condition_unit();
  put(*state, built(unit, content("A"), "1319999999^2026^C01"), at(0));
  // A unit that was planned before the first was committed comes with an id of its own.
  put(*state, built(unit, content("B"), "1319999999^2027^C01"), at(1));
  CHECK(value_of(state->database, "SELECT bundle_id FROM unit") == "1319999999^2026^C01");
  CHECK(state->outbox.claim(kPlatform, at(2))->bundle_id == "1319999999^2026^C01");
}

TEST_CASE("A unit that was empty from the start is given no Bundle-ID yet") {
  const auto state = empty_state();
  put(*state, built(condition_unit(), nothing_left(), "1319999999^2026^C01"), at(0));
  CHECK(value_of(state->database, "SELECT bundle_id IS NULL FROM unit") == "1");
  put(*state, built(condition_unit(), content("A"), "1319999999^2027^C01"), at(1));
  CHECK(value_of(state->database, "SELECT bundle_id FROM unit") == "1319999999^2027^C01");
}

TEST_CASE("Rows of several units are claimed in the order in which they fell due, each destination its own") {
  const auto state = empty_state();
  gateway::BuiltUnit first = built(condition_unit("0001"), content("A"), "1319999999^2026^C01");
  first.snapshots["region"] = content("A for the region");
  put(*state, first, at(0));
  put(*state, built(condition_unit("0002"), content("B"), "1319999999^2026^C02"), at(1));
  CHECK(state->outbox.claim("region", at(5))->body == "A for the region");
  CHECK_FALSE(state->outbox.claim("region", at(5)));
  CHECK(state->outbox.claim(kPlatform, at(5))->body == "A");
  CHECK(state->outbox.claim(kPlatform, at(5))->body == "B");
}

TEST_CASE("Counts are by state, with the time of the oldest pending snapshot") {
  const auto state = empty_state();
  put(*state, built(condition_unit("0001"), content("A"), "1319999999^2026^C01"), at(7));
  put(*state, built(condition_unit("0002"), content("B"), "1319999999^2026^C02"), at(9));
  put(*state, built(condition_unit("0003"), held(), "1319999999^2026^C03"), at(1));
  const auto counts = state->outbox.counts(kPlatform);
  CHECK(counts.of(OutboxState::pending) == 2);
  CHECK(counts.of(OutboxState::held) == 1);
  CHECK(counts.of(OutboxState::delivered) == 0);
  CHECK(counts.unfinished() == 2);
  CHECK(counts.oldest_pending == at(7));
}
