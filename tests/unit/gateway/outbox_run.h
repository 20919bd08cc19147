#pragma once
// An outbox with one unit and a clock of its own: what a test of a row's life needs.

#include "gateway/outbox.h"
#include "gateway/outbox_orders.h"
#include "tests/unit/gateway/state_support.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

namespace gateway::test {

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

  Recorded record(const Claim& claim, Verdict verdict, const Answer& answer = {}) {
    return state_->outbox.record(claim, verdict, answer, now(), now());
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

  OrderResult order(PersonOrder order) {
    return OutboxOrders(state_->database, state_->units).give(row(), order, tick());
  }
  std::vector<HistoryEntry> history() { return history_of(state_->database, row()); }

  /// The unit was made, and is not looked at again by itself.
  void settle() {
    for (const DueUnit& due : state_->units.due_units(at(1'000'000'000), 10))
      state_->units.settle_due(due, std::nullopt);
  }
  bool is_due() { return state_->units.next_due().has_value(); }

  std::string column(const std::string& name) {
    return value_of(state_->database,
                    "SELECT " + name + " FROM outbox LEFT JOIN delivery USING (unit, destination)");
  }
  std::string paused_since() {
    return value_of(state_->database, "SELECT paused_since FROM destination WHERE paused_since IS NOT NULL");
  }
  std::string state() { return state_of_row(*state_); }
  Instant now() const { return at(second_); }
  Instant tick() { return at(++second_); }
  void pass(std::int64_t seconds) { second_ += seconds; }
  Outbox& outbox() { return state_->outbox; }
  Units& units() { return state_->units; }
  Database& database() { return state_->database; }
  StateStore::Contents& contents() { return *state_; }

 private:
  OutboxKey row() {
    auto select = state_->database.prepare("SELECT unit, destination FROM outbox");
    REQUIRE(select.step());
    return {{select.integer(0)}, {select.integer(1)}};
  }

  std::unique_ptr<StateStore::Contents> state_ = empty_state();
  std::int64_t second_ = 0;
};

inline void check_registers(const Claim& claim, const std::string& body) {
  CHECK(claim.step == Claim::Step::register_unit);
  CHECK(claim.body == body);
  CHECK(claim.bundle_id == bundle_of(condition_unit()));
}

}  // namespace gateway::test
