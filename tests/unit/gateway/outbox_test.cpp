#include "gateway/outbox.h"

#include "fhir_mapper/json_writer.h"
#include "tests/unit/gateway/outbox_run.h"
#include "tests/unit/json_tree.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

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
  // What had no final answer may still come; outbox_late_test.cpp tells how that ends.
  const bool may_come = verdict == Verdict::unknown;
  CHECK(delivery.state() == (may_come ? "unknown" : "delivered"));
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
  const auto body = fhir_mapper::test::tree_of(R"({"time":"<time>","url":"<url 0>"})");
  Delivery delivery;
  delivery.put(content(fhir_mapper::SnapshotTemplate::of(body.root()).text()));
  const Claim first = delivery.taken();
  delivery.record(first, Verdict::later);
  const Claim second = delivery.taken();
  const std::string times = R"({"time":"2026-04-01T09:00:01.000+09:00","url":"urn:uuid:)";
  CHECK_THAT(first.body, Catch::StartsWith(times));
  CHECK_THAT(second.body, Catch::StartsWith(times));
  CHECK(first.body != second.body);
  CHECK(second.attempts == 1);
}

TEST_CASE("A Bundle-ID is given once, also over the turn of the year") {
  const auto state = empty_state();
  const auto unit = condition_unit();
  put(*state, built(unit, content("A"), 2026), at(0));
  // A unit that was planned before the first was committed comes with an id of its own.
  put(*state, built(unit, content("B"), 2027), at(1));
  CHECK(value_of(state->database, "SELECT year FROM unit") == "2026");
  CHECK(state->outbox.claim(kPlatform, at(2))->bundle_id == bundle_of(unit, 2026));
}

TEST_CASE("A Bundle-ID is of the year of the first snapshot, not of an empty or held unit before it") {
  const auto before = GENERATE(Snapshot::Kind::empty, Snapshot::Kind::held);
  const auto state = empty_state();
  const auto first = before == Snapshot::Kind::empty ? nothing_left() : held();
  put(*state, built(condition_unit(), first, 2026), at(0));
  CHECK(value_of(state->database, "SELECT year IS NULL FROM unit") == "1");
  put(*state, built(condition_unit(), content("A"), 2027), at(1));
  CHECK(value_of(state->database, "SELECT year FROM unit") == "2027");
  CHECK(state->outbox.claim(kPlatform, at(2))->bundle_id == bundle_of(condition_unit(), 2027));
}

TEST_CASE("Rows of several units are claimed in the order in which they fell due, each destination its own") {
  const auto state = empty_state();
  gateway::BuiltUnit first = built(condition_unit("0001"), content("A"));
  first.snapshots["region"] = content("A for the region");
  put(*state, first, at(0));
  put(*state, built(condition_unit("0002"), content("B")), at(1));
  CHECK(state->outbox.claim("region", at(5))->body == "A for the region");
  CHECK_FALSE(state->outbox.claim("region", at(5)));
  CHECK(state->outbox.claim(kPlatform, at(5))->body == "A");
  CHECK(state->outbox.claim(kPlatform, at(5))->body == "B");
}

TEST_CASE("Counts are by state, with the time of the oldest pending snapshot") {
  const auto state = empty_state();
  put(*state, built(condition_unit("0001"), content("A")), at(7));
  put(*state, built(condition_unit("0002"), content("B")), at(9));
  put(*state, built(condition_unit("0003"), held()), at(1));
  const auto counts = state->outbox.counts(kPlatform);
  CHECK(counts.of(OutboxState::pending) == 2);
  CHECK(counts.of(OutboxState::held) == 1);
  CHECK(counts.of(OutboxState::delivered) == 0);
  CHECK(counts.unfinished() == 2);
  CHECK(counts.oldest_pending == at(7));
}

TEST_CASE("What is made again for a person is sent after everything else, and a change makes it urgent") {
  const auto state = empty_state();
  const auto put_as = [&state](const std::string& patient, const std::string& text, Urgency urgency,
                               std::int64_t when) {
    Transaction transaction(state->database);
    const auto unit = condition_unit(patient);
    state->outbox.put(state->units.mark_due(unit, at(when)), built(unit, content(text)), at(when), urgency);
    transaction.commit();
  };
  const auto next = [&state] { return state->outbox.claim(kPlatform, at(100))->body; };
  put_as("0001", "again 1", Urgency::remap, 1);
  put_as("0002", "again 2", Urgency::remap, 2);
  put_as("0003", "change", Urgency::change, 3);
  put_as("0004", "early change", Urgency::change, 4);
  put_as("0004", "made again meanwhile", Urgency::remap, 5);
  put_as("0002", "changed meanwhile", Urgency::change, 6);
  CHECK(state->outbox.next_attempt(kPlatform) == at(1));
  // As due as they were before: what became urgent keeps its place.
  CHECK(next() == "changed meanwhile");
  CHECK(next() == "change");
  CHECK(next() == "made again meanwhile");
  CHECK(next() == "again 1");
  CHECK_FALSE(state->outbox.claim(kPlatform, at(100)));
}
