#include "gateway/outdated_units.h"

#include "gateway/outbox_orders.h"
#include "tests/unit/gateway/outbox_run.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// One unit; every way to ask what of it is shown there.
class Watched : public Delivery {
 public:
  Shown shown() {
    const OutboxRow row = load_outbox_row(database(), key());
    const Shown shown = shown_of(row);
    const bool stopped = row.state == OutboxState::held || row.state == OutboxState::rejected;
    CHECK(count_outdated(database(), key().destination).units ==
          (stopped && shown != Shown::nothing ? 1 : 0));
    return shown;
  }
  OutdatedUnits counted() { return count_outdated(database(), key().destination); }
  void order(PersonOrder order) { OutboxOrders(database(), units()).give(key(), order, tick()); }

 private:
  OutboxKey key() { return {unit_named(contents(), condition_unit().key()), {1}}; }
};

const std::string kNobody;  // no insured identifier: the destination keeps no mark of whom it has

}  // namespace

TEST_CASE("What is held before it was ever sent is shown nowhere") {
  Watched unit;
  unit.put(held());
  CHECK(unit.shown() == Shown::nothing);
  unit.put(unfit("A"));
  CHECK(unit.shown() == Shown::nothing);
  CHECK_FALSE(unit.counted().oldest);
}

TEST_CASE("A unit that is held or rejected after it was delivered is outdated there, since then") {
  Watched unit;
  unit.deliver(content("A"));
  CHECK(unit.shown() == Shown::accepted);
  unit.pass(100);
  if (GENERATE(true, false)) {
    unit.put(held());
  } else {
    unit.put(unfit("B"));
  }
  CHECK(unit.shown() == Shown::accepted);
  CHECK(unit.counted().oldest == unit.now());
}

TEST_CASE("A unit that is deleted there is not outdated when it is held") {
  Watched unit;
  unit.deliver(content("A"));
  SECTION("it became empty") {
    unit.deliver(nothing_left());
    CHECK(unit.shown() == Shown::nothing);
    unit.put(held());
  }
  SECTION("it was taken back") {
    unit.order(PersonOrder::retract);
    CHECK(unit.shown() == Shown::accepted);
    unit.record(unit.taken(), Verdict::delivered);
    CHECK(unit.state() == "held");
  }
  CHECK(unit.shown() == Shown::nothing);
}

TEST_CASE("What a destination refused is not there, but what it accepted before is") {
  const std::string person = GENERATE(std::string("person-1"), kNobody);
  Watched unit;
  SECTION("the first") {
    unit.put(content("A", person));
    unit.record(unit.taken(), Verdict::rejected);
    CHECK(unit.shown() == Shown::nothing);
  }
  SECTION("the first, again") {
    unit.put(content("A", person));
    unit.record(unit.taken(), Verdict::rejected);
    unit.order(PersonOrder::retry);
    unit.record(unit.taken(), Verdict::rejected);
    CHECK(unit.shown() == (person == kNobody ? Shown::possibly : Shown::nothing));
  }
  SECTION("a later one") {
    unit.deliver(content("A", person));
    unit.put(content("B", person));
    unit.record(unit.taken(), Verdict::rejected);
    CHECK(unit.shown() == Shown::possibly);
  }
}

TEST_CASE("What was sent and has no answer is possibly there") {
  const std::string person = GENERATE(std::string("person-1"), kNobody);
  Watched unit;
  unit.put(content("A", person));
  const Claim claim = unit.taken();
  SECTION("it is under way") {
    unit.put(held());
  }
  SECTION("its answer was lost") {
    unit.record(claim, Verdict::unknown);
    unit.put(held());
  }
  SECTION("its result is awaited") {
    unit.promise(claim);
    unit.put(held());
  }
  CHECK(unit.shown() == Shown::possibly);
}
