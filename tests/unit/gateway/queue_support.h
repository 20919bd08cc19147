#pragma once
// An outbox with rows in several states, for what `kakehashi queue` does with them.

#include "gateway/queue_order.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <memory>
#include <string>
#include <vector>

namespace gateway::test {

/// One that delivers to the platform alone: what it has is delivered there at once, or refused.
class Queue {
 public:
  void put(const fhir_mapper::ReportUnit& unit, const Snapshot& snapshot, std::int64_t when) {
    gateway::test::put(*state_, built(unit, snapshot), at(when));
  }
  void put(const std::string& patient, const Snapshot& snapshot, std::int64_t when) {
    put(condition_unit(patient), snapshot, when);
  }
  void deliver(std::int64_t when, Verdict verdict = Verdict::delivered) {
    Answer answer;
    if (verdict == Verdict::rejected) answer.body = "the outcome";
    while (const auto claim = state_->outbox.claim(kPlatform, at(when)))
      state_->outbox.record(*claim, verdict, answer, at(when + 3'600), at(when));
  }
  void deliver(const std::string& patient, const Snapshot& snapshot, std::int64_t when) {
    put(patient, snapshot, when);
    deliver(when);
  }

  QueueAnswer order(const QueueRequest& request, std::int64_t when = 1'000) {
    return carry_out(*state_, request, {4711, "kakeru"}, settings, at(when));
  }
  std::string state(const std::string& patient) {
    return state_of_row(*state_, condition_unit(patient).key());
  }
  StateStore::Contents& contents() { return *state_; }
  Database& database() { return state_->database; }

  Settings settings = loaded(kLeast);

 private:
  std::unique_ptr<StateStore::Contents> state_ = empty_state();
};

}  // namespace gateway::test
