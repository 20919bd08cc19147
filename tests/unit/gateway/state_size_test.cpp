// How large the state becomes. At a million documents nearly every one is a report unit of its own, and all
// but a few are delivered: what such a unit takes decides the size of the database.

#include "tests/unit/gateway/state_support.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <map>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// At full length a hundred thousand; pages are as full with fewer.
const std::int64_t kUnits = std::getenv("KAKEHASHI_LONG") != nullptr ? 100'000 : 10'000;
constexpr int kOrdersPerPatient = 20;
constexpr double kPageBytes = 4096;
constexpr int kUnitsAtOnce = 64;  // as the building loop commits them

/// Order numbers and dates as long as storages really have them.
fhir_mapper::ReportUnit order(std::int64_t index) {
  const std::int64_t patient = index / kOrdersPerPatient;
  char number[24];
  std::snprintf(number, sizeof number, "%010lld", static_cast<long long>(patient));
  char order_no[24];
  std::snprintf(order_no, sizeof order_no, "%015lld", static_cast<long long>(7 * index));
  char date[24];
  std::snprintf(date, sizeof date, "202604%02lld", static_cast<long long>(1 + index % kOrdersPerPatient));
  return {fhir_mapper::UnitKind::observation, ssmix2::PatientId(number), date, order_no};
}

/// Puts and delivers in batches, as intake and sender do; the clock goes on.
class Filling {
 public:
  Filling() = default;

  void fill() {
    for (std::int64_t first = 0; first < kUnits; first += kUnitsAtOnce) {
      const std::int64_t end = std::min(first + kUnitsAtOnce, kUnits);
      put_batch(first, end);
      for (std::int64_t i = first; i < end; ++i) deliver_one();
    }
  }

  StateStore::Contents& state() { return *state_; }

  /// Bytes a unit, by table or index.
  std::map<std::string, double> sizes() {
    auto select = state_->database.prepare("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name");
    std::map<std::string, double> sizes;
    while (select.step())
      sizes[select.text(0)] = static_cast<double>(select.integer(1)) / static_cast<double>(kUnits);
    return sizes;
  }

  /// Processor time: how busy the machine is does not count.
  void report_times() const {
    for (const auto& [step, clocks] : clocks_) {
      const double seconds = static_cast<double>(clocks) / CLOCKS_PER_SEC;
      std::cout << "  " << step << ": " << 1e6 * seconds / static_cast<double>(kUnits) << " us a unit\n";
    }
  }

 private:
  void put_batch(std::int64_t first, std::int64_t end) {
    const auto start = std::clock();
    Transaction transaction(state_->database);
    for (std::int64_t i = first; i < end; ++i) {
      const BuiltUnit unit = built(order(i), content("body " + std::to_string(i), "06139999:12:34:05"));
      state_->outbox.put(state_->units.mark_due(unit.unit, now_), unit, now_);
    }
    for (const DueUnit& due : state_->units.due_units(now_, kUnitsAtOnce)) {
      state_->units.settle_due(due, std::nullopt);
    }
    transaction.commit();
    clocks_["put"] += std::clock() - start;
  }

  void deliver_one() {
    now_ += Milliseconds(7);
    const auto start = std::clock();
    const auto claim = state_->outbox.claim(kPlatform, now_);
    const auto claimed = std::clock();
    REQUIRE(claim);
    state_->outbox.record(*claim, Verdict::delivered, {}, now_, now_);
    clocks_["claim"] += claimed - start;
    clocks_["record"] += std::clock() - claimed;
  }

  std::unique_ptr<StateStore::Contents> state_ = empty_state();
  Instant now_ = at(0);
  std::map<std::string, std::clock_t> clocks_;
};

}  // namespace

TEST_CASE("A delivered unit takes at most 205 bytes beside its body") {
  Filling filling;
  // The rules have changed a few times: SQLite stores 0 and 1 in no byte.
  filling.state().database.execute("INSERT INTO destination (id, mapping) VALUES ('platform', 9)");
  filling.fill();
  double bytes = 0;
  for (const auto& [name, size] : filling.sizes()) {
    // An empty table has one page, however many units there are.
    if (name != "body" && size * static_cast<double>(kUnits) > kPageBytes) bytes += size;
    if (size >= 0.5) std::cout << "  " << name << ": " << size << " bytes a unit\n";
  }
  std::cout << "  without bodies: " << bytes << " bytes a unit\n";
  filling.report_times();
  CHECK(bytes <= 205);
}

TEST_CASE("What is delivered is counted from one row, not by looking at each") {
  const auto state = empty_state();
  put(*state, built(condition_unit("0001"), content("A")), at(0));
  put(*state, built(condition_unit("0002"), content("B")), at(0));
  state->outbox.record(*state->outbox.claim(kPlatform, at(1)), Verdict::delivered, {}, at(1), at(1));
  put(*state, built(condition_unit("0003"), content("C")), at(2));
  put(*state, built(condition_unit("0003"), nothing_left()), at(3));  // leaves no row
  CHECK(state->outbox.counts(kPlatform).of(OutboxState::delivered) == 1);
  CHECK(state->outbox.counts(kPlatform).of(OutboxState::pending) == 1);
  CHECK(state->outbox.counts("region").of(OutboxState::delivered) == 0);
  state->database.execute("UPDATE destination SET units = 1000001");
  CHECK(state->outbox.counts(kPlatform).of(OutboxState::delivered) == 1'000'000);
}
