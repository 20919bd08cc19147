// The promise of the outbox, under random interleavings: whatever is lost, refused or cut off on the way, the
// destination ends with the newest snapshot of every unit, and never goes back behind one that it confirmed.

#include "tests/unit/gateway/state_support.h"

#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>

namespace {

using gateway::Claim;
using gateway::Instant;
using gateway::Milliseconds;
using gateway::Snapshot;
using gateway::Verdict;
using namespace gateway::test;

/// One request as the destination gets it.
struct Request {
  Claim claim;
  Snapshot snapshot;  // the newest when it was claimed
  int version = 0;    // of that snapshot
};

/// What a unit should be, as the one who puts snapshots knows it.
struct Truth {
  Snapshot newest = nothing_left();
  int version = 0;
  int confirmed = 0;  // version of the newest request that the outbox knows to be stored
  bool held = false;
  bool refused = false;  // the newest snapshot, by an answer
  bool put = false;
};

struct Standing {
  std::string body;
  std::string person;
};

/// A request whose result was promised: the platform carries it out some time before it tells.
struct Promise {
  Request request;
  bool done = false;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed), state_(empty_state()) {
    for (int i = 0; i < kUnits; ++i) {
      const auto unit = condition_unit("000123" + std::to_string(i));
      state_->units.mark_due(unit, now_);
      truths_[unit.key()];
    }
  }

  void step() {
    now_ += Milliseconds(below(4'000));
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
        return put_something(any_unit());
      case 3:
      case 4:
      case 5:
        return claim();
      case 6:
      case 7:
        return answer_one();
      case 8:
        return carry_out_a_promise();
      default:
        if (below(8) == 0) restart();
    }
  }

  void drain() {
    faults_ = false;
    restart();
    for (auto& [unit, truth] : truths_) {
      CHECK(in_state(unit, "held") == truth.held);
      if (in_state(unit, "rejected")) CHECK(truth.refused);
      // What waits for a person gets one: a correction at the source.
      if (truth.held || truth.refused) put_content(unit, "corrected", "person-1");
    }
    int rounds = 0;
    do {
      REQUIRE(++rounds < 1'000);
      now_ += std::chrono::hours(1);
      claim();
      answer_one();
    } while (!requests_.empty() || state_->outbox.next_attempt(kPlatform));
  }

  void check_that_the_newest_stands() {
    for (const auto& [unit, truth] : truths_) {
      const auto standing = standing_.find(bundle_of(unit_of(unit)));
      const bool stands = standing != standing_.end();
      CAPTURE(unit, truth.version);
      REQUIRE(stands == (truth.newest.kind == Snapshot::Kind::content));
      if (stands) REQUIRE(standing->second.body == truth.newest.body_template);
    }
    const auto counts = state_->outbox.counts(kPlatform);
    CHECK(counts.unfinished() == 0);
  }

 private:
  static constexpr int kUnits = 3;

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  const std::string& any_unit() { return std::next(truths_.begin(), below(kUnits))->first; }
  static fhir_mapper::ReportUnit unit_of(const std::string& key) {
    return condition_unit(key.substr(key.find('|') + 1));
  }

  bool in_state(const std::string& unit, const std::string& state) {
    return state_of_row(*state_, unit) == state;
  }

  void put_snapshot(const std::string& unit, const Snapshot& snapshot) {
    put(*state_, built(unit_of(unit), snapshot), now_);
  }

  void put_newest(const std::string& unit, const Snapshot& snapshot) {
    Truth& truth = truths_[unit];
    const bool same = truth.put && truth.newest.content_hash == snapshot.content_hash;
    // A refused snapshot is sent again only when it is another one, or after a hold.
    if (!same || truth.held) truth.refused = false;
    truth.newest = snapshot;
    truth.put = true;
    truth.held = false;
    ++truth.version;
    put_snapshot(unit, snapshot);
  }

  void put_content(const std::string& unit, const std::string& text, const std::string& person) {
    put_newest(unit, content(text + " of " + person, person));
  }

  void put_something(const std::string& unit) {
    switch (below(6)) {
      case 0:
        return put_newest(unit, nothing_left());
      case 1:
        truths_[unit].held = true;
        truths_[unit].refused = false;
        return put_snapshot(unit, held());
      default:
        return put_content(unit, "list " + std::to_string(below(3)), "person-" + std::to_string(below(2)));
    }
  }

  void claim() {
    const auto claim = state_->outbox.claim(kPlatform, now_);
    if (!claim) return;
    const Truth& truth = truths_.at(claim->unit);
    CAPTURE(claim->unit, claim->body);
    REQUIRE(!truth.held);
    for (const Request& other : requests_) REQUIRE(other.claim.unit != claim->unit);
    // The destination still works on the older one: anything else that is sent now may be overtaken by it.
    REQUIRE((claim->step == Claim::Step::ask_result) == promises_.contains(claim->unit));
    if (claim->step == Claim::Step::register_unit) REQUIRE(claim->body == truth.newest.body_template);
    requests_.push_back({*claim, truth.newest, truth.version});
  }

  void carry_out(const Request& request) {
    const Truth& truth = truths_.at(request.claim.unit);
    CAPTURE(request.claim.unit, request.claim.body, request.version, truth.confirmed);
    REQUIRE(request.version >= truth.confirmed);
    if (request.claim.step == Claim::Step::delete_unit) {
      standing_.erase(request.claim.bundle_id);
      return;
    }
    const auto standing = standing_.find(request.claim.bundle_id);
    // A Bundle-ID that is known under another insured identifier would be refused.
    REQUIRE((standing == standing_.end() || standing->second.person == request.snapshot.insured_identifier));
    standing_[request.claim.bundle_id] = {request.claim.body, request.snapshot.insured_identifier};
  }

  void record(const Request& request, Verdict verdict, const gateway::Answer& answer = {}) {
    state_->outbox.record(request.claim, verdict, answer, now_ + Milliseconds(below(20'000)), now_);
  }

  void confirm(const Request& request, const Request& carried_out) {
    Truth& truth = truths_.at(request.claim.unit);
    truth.confirmed = std::max(truth.confirmed, carried_out.version);
    record(request, Verdict::delivered);
  }

  void refuse(const Request& request, const Request& refused) {
    Truth& truth = truths_.at(request.claim.unit);
    const bool newest = refused.snapshot.content_hash == truth.newest.content_hash;
    if (newest && !truth.held) truth.refused = true;
    record(request, Verdict::rejected);
  }

  void answer_one() {
    if (requests_.empty()) return;
    const auto chosen = std::next(requests_.begin(), below(static_cast<int>(requests_.size())));
    const Request request = *chosen;
    requests_.erase(chosen);
    if (request.claim.step == Claim::Step::ask_result) return answer_about_result(request);
    switch (faults_ ? below(9) : below(4)) {
      case 0:
      case 1:
      case 2:
        carry_out(request);
        return confirm(request, request);
      case 3:
        return promise(request);
      case 4:
        return refuse(request, request);
      case 5:
        return record(request, Verdict::pause_destination);
      case 6:
        carry_out_perhaps(request);
        return record(request, Verdict::later);
      default:
        carry_out_perhaps(request);
        return record(request, Verdict::unknown);
    }
  }

  void carry_out_perhaps(const Request& request) {
    if (below(2) == 0) carry_out(request);
  }

  void promise(const Request& request) {
    promises_[request.claim.unit] = {request};
    gateway::Answer answer;
    answer.status = 202;
    answer.content_location = "/result/" + std::to_string(++results_);
    record(request, Verdict::in_result, answer);
  }

  void carry_out_a_promise() {
    if (promises_.empty()) return;
    Promise& promise = std::next(promises_.begin(), below(static_cast<int>(promises_.size())))->second;
    if (!promise.done) carry_out(promise.request);
    promise.done = true;
  }

  void answer_about_result(const Request& question) {
    Promise& promise = promises_.at(question.claim.unit);
    const int dice = faults_ ? below(8) : below(4);
    if (dice == 0) return record(question, Verdict::in_result);
    if (dice == 4) return record(question, Verdict::pause_destination);
    const Promise kept = promise;
    promises_.erase(question.claim.unit);
    // 5xx: it failed, or so it says. 404: nobody knows any more.
    if (dice == 5 || dice == 6) {
      if (!kept.done) carry_out_perhaps(kept.request);
      return record(question, dice == 5 ? Verdict::later : Verdict::unknown);
    }
    if (dice == 7 && !kept.done) return refuse(question, kept.request);
    if (!kept.done) carry_out(kept.request);
    confirm(question, kept.request);
  }

  /// What was under way at a crash was received or not; nobody hears of it.
  void restart() {
    for (const Request& request : requests_) {
      if (request.claim.step != Claim::Step::ask_result) carry_out_perhaps(request);
    }
    CHECK(state_->outbox.recover(now_) == static_cast<std::int64_t>(requests_.size()));
    requests_.clear();
  }

  std::mt19937 random_;
  std::unique_ptr<gateway::StateStore::Contents> state_;
  Instant now_ = at(0);
  bool faults_ = true;
  int results_ = 0;
  std::map<std::string, Truth> truths_;       // by unit
  std::vector<Request> requests_;             // claimed, not answered
  std::map<std::string, Promise> promises_;   // by unit
  std::map<std::string, Standing> standing_;  // by Bundle-ID
};

}  // namespace

TEST_CASE("Whatever goes wrong on the way, the destination ends with the newest snapshot of every unit") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    World world(seed);
    for (int i = 0; i < 200; ++i) world.step();
    world.drain();
    world.check_that_the_newest_stands();
  }
}
