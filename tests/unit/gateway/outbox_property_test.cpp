// The promise of the outbox, under random interleavings of snapshots, answers of every kind, requests that
// are carried out late, crashes, orders of persons and clocks that are set: whatever happens on the way, the
// destination ends with the newest snapshot of every unit.

#include "gateway/outbox_orders.h"
#include "tests/unit/gateway/platform_model.h"
#include "tests/unit/gateway/state_support.h"

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// KAKEHASHI_LONG: a million steps.
const unsigned kSeeds = std::getenv("KAKEHASHI_LONG") != nullptr ? 4'000 : 200;
constexpr int kSteps = 250;
constexpr Milliseconds kWindow{60'000};

/// What a unit should be, as the one who puts snapshots and gives orders knows it.
struct Truth {
  Snapshot newest = nothing_left();
  bool put = false;
  bool held = false;       // by a rule
  bool refused = false;    // the newest, for its content
  bool dropped = false;    // the newest, by a person
  bool kept_back = false;  // by a person
  bool taken_back = false;
  bool refused_taking_back = false;
};

struct Sending {
  Claim claim;
  Snapshot snapshot;  // the newest when it was claimed
};

/// A sending whose result was promised: the platform carries it out some time before it tells.
struct Promise {
  Sending sending;
  bool done = false;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed), state_(empty_state()) {
    for (int i = 0; i < kUnits; ++i) {
      const auto unit = condition_unit("000123" + std::to_string(i));
      state_->units.mark_due(unit, wall());
      truths_[unit.key()];
    }
  }

  void step() {
    pass(Milliseconds(below(4'000)));
    const int dice = below(40);
    if (dice < 10) return put_something(any_unit());
    if (dice < 22) return claim();
    if (dice < 31) return answer_one();
    if (dice < 34) return carry_out_a_promise();
    if (dice < 36) return order(any_unit());
    if (dice < 37) return set_clock();
    if (dice < 38) return restart();
  }

  void drain() {
    faults_ = false;
    restart();
    for (auto& [unit, truth] : truths_) settle(unit, truth);
    int rounds = 0;
    do {
      REQUIRE(++rounds < 1'000);
      pass(std::chrono::hours(1));
      claim();
      answer_one();
    } while (!sendings_.empty() || state_->outbox.next_attempt(kPlatform));
  }

  void check_that_the_newest_stands() {
    for (const auto& [unit, truth] : truths_) {
      const auto standing = platform_.standing(bundle_of(unit_of(unit)));
      CAPTURE(unit);
      REQUIRE(standing.has_value() == (truth.newest.kind == Snapshot::Kind::content));
      if (standing) REQUIRE(*standing == truth.newest.body_template);
    }
    CHECK(state_->outbox.counts(kPlatform).unfinished() == 0);
  }

 private:
  static constexpr int kUnits = 3;

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  const std::string& any_unit() { return std::next(truths_.begin(), below(kUnits))->first; }
  static fhir_mapper::ReportUnit unit_of(const std::string& key) {
    return condition_unit(key.substr(key.find('|') + 1));
  }
  Instant wall() const { return true_time_ + clock_error_; }

  void pass(Milliseconds time) {
    true_time_ += time;
    platform_.pass_to(true_time_);
  }

  void set_clock() {
    const Milliseconds by(below(7'200'000) - 3'600'000);
    clock_error_ += by;
    state_->outbox.clock_was_set(kPlatform, by, wall());
  }

  // --- snapshots

  void put_newest(const std::string& unit, const Snapshot& snapshot) {
    Truth& truth = truths_[unit];
    const bool same = truth.put && truth.newest.content_hash == snapshot.content_hash;
    // A refused snapshot is sent again only when it is another one, or after a hold.
    if (!same || truth.held) truth.refused = truth.dropped = false;
    truth.newest = snapshot;
    truth.put = true;
    truth.held = false;
    put(*state_, built(unit_of(unit), snapshot), wall());
  }

  void put_content(const std::string& unit, const std::string& text, const std::string& person) {
    put_newest(unit, content(text + " of " + person, person));
  }

  void put_hold(const std::string& unit) {
    truths_[unit].held = true;
    put(*state_, built(unit_of(unit), test::held()), wall());
  }

  void put_something(const std::string& unit) {
    switch (below(6)) {
      case 0:
        return put_newest(unit, nothing_left());
      case 1:
        return put_hold(unit);
      default:
        return put_content(unit, "list " + std::to_string(below(3)), "person-" + std::to_string(below(2)));
    }
  }

  /// What waits for a person gets one: a release, a correction at the source.
  void settle(const std::string& unit, Truth& truth) {
    if (truth.kept_back) give(unit, PersonOrder::release);
    const std::string state = state_of_row(*state_, unit);
    if (state == "rejected") CHECK((truth.refused || truth.dropped));
    if (truth.held || truth.refused || truth.dropped) put_content(unit, "corrected", "person-1");
  }

  // --- orders

  std::optional<OutboxKey> row_of(const std::string& unit) {
    auto select = state_->database.prepare("SELECT destination FROM outbox WHERE unit = ?");
    const UnitId id = unit_named(*state_, unit);
    if (!select.with(id.value).step()) return std::nullopt;
    return OutboxKey{id, {select.integer(0)}};
  }

  void order(const std::string& unit) {
    constexpr std::array kOrders{PersonOrder::hold, PersonOrder::release, PersonOrder::retry,
                                 PersonOrder::drop, PersonOrder::retract};
    give(unit, kOrders[static_cast<std::size_t>(below(static_cast<int>(kOrders.size())))]);
  }

  void give(const std::string& unit, PersonOrder order) {
    const auto row = row_of(unit);
    if (!row) return;
    Truth& truth = truths_[unit];
    const OrderResult result = OutboxOrders(state_->database, state_->units).give(*row, order, wall());
    if (result != OrderResult::done) return;
    switch (order) {
      case PersonOrder::hold:
        truth.kept_back = true;
        return;
      case PersonOrder::retract:
        truth.kept_back = truth.taken_back = true;
        return;
      case PersonOrder::retry:
        truth.refused = truth.refused_taking_back = false;
        return;
      case PersonOrder::drop:
        truth.dropped = true;
        truth.held = false;
        return;
      case PersonOrder::release:
        return make_anew(unit, truth);
    }
  }

  /// As the building loop does once a release marked the unit due.
  void make_anew(const std::string& unit, Truth& truth) {
    // A delete that was refused when the unit was taken back is still what there is to do when nothing is
    // left.
    const bool same = truth.refused_taking_back && truth.newest.kind == Snapshot::Kind::empty;
    const bool ordered = truth.kept_back;
    truth.kept_back = truth.taken_back = truth.refused_taking_back = false;
    if (truth.held) return put_hold(unit);
    if (ordered) truth.refused = same;
    if (ordered) truth.dropped = false;
    put(*state_, built(unit_of(unit), truth.newest), wall());
  }

  // --- sendings

  void claim() {
    const auto claim = state_->outbox.claim(kPlatform, wall());
    if (!claim) return;
    const Truth& truth = truths_.at(claim->unit);
    CAPTURE(claim->unit, claim->body);
    for (const Sending& other : sendings_) REQUIRE(other.claim.unit != claim->unit);
    // The destination still works on the older one: anything else that is sent now may be overtaken by it.
    const bool promised = promises_.contains(claim->unit);
    REQUIRE((claim->step == Claim::Step::ask_result) == promised);
    if (!promised) {
      REQUIRE((!truth.held || truth.taken_back));
      REQUIRE((!truth.kept_back || truth.taken_back));
      REQUIRE((!truth.taken_back || claim->step == Claim::Step::delete_unit));
    }
    if (claim->step == Claim::Step::register_unit) REQUIRE(claim->body == truth.newest.body_template);
    sendings_.push_back({*claim, truth.taken_back ? nothing_left() : truth.newest});
  }

  static PlatformModel::Request request_of(const Sending& sending) {
    const bool deletes = sending.claim.step == Claim::Step::delete_unit;
    return {sending.claim.bundle_id, sending.snapshot.insured_identifier,
            deletes ? std::nullopt : std::optional(sending.claim.body)};
  }

  bool carry_out(const Sending& sending) { return platform_.carry_out(request_of(sending)); }

  void record(const Sending& sending, Verdict verdict, Answer answer = {}) {
    const Milliseconds wait(below(20'000));
    state_->outbox.record(sending.claim, verdict, answer, wall() + wait, wall());
  }

  static Answer server_error() {
    Answer answer;
    answer.status = 500;
    return answer;
  }

  void confirm_or_refuse(const Sending& question, const Sending& carried) {
    if (carry_out(carried)) return record(question, Verdict::delivered);
    // Not for its content: a request that came late is in the way.
    record(question, Verdict::rejected);
  }

  void refuse(const Sending& question, const Sending& refused) {
    Truth& truth = truths_.at(refused.claim.unit);
    const bool newest = refused.snapshot.content_hash == truth.newest.content_hash;
    record(question, Verdict::rejected);
    const std::string state = state_of_row(*state_, refused.claim.unit);
    // It may also be sent once more, when somebody else's may stand there.
    if (state == "rejected" && truth.taken_back) truth.refused_taking_back = true;
    if (state == "rejected" && newest) truth.refused = true;
  }

  void answer_one() {
    if (sendings_.empty()) return;
    const auto chosen = std::next(sendings_.begin(), below(static_cast<int>(sendings_.size())));
    const Sending sending = *chosen;
    sendings_.erase(chosen);
    if (sending.claim.step == Claim::Step::ask_result) return answer_about_result(sending);
    switch (faults_ ? below(9) : below(4)) {
      case 0:
      case 1:
      case 2:
        return confirm_or_refuse(sending, sending);
      case 3:
        return promise(sending);
      case 4:
        return refuse(sending, sending);
      case 5:
        return record(sending, Verdict::pause_destination);
      case 6:
        carry_out_perhaps(sending);
        return record(sending, Verdict::later, server_error());
      default:
        carry_out_perhaps(sending);
        return record(sending, Verdict::unknown);
    }
  }

  /// Now, within the window, or never.
  void carry_out_perhaps(const Sending& sending) {
    const int dice = below(3);
    if (dice == 0) carry_out(sending);
    if (dice == 1) {
      const Milliseconds late(1 + below(static_cast<int>(kWindow.count()) - 1));
      platform_.carry_out_late(request_of(sending), true_time_ + late);
    }
  }

  void promise(const Sending& sending) {
    promises_[sending.claim.unit] = {sending};
    Answer answer;
    answer.status = 202;
    answer.content_location = "/result/" + std::to_string(++results_);
    record(sending, Verdict::in_result, answer);
  }

  void carry_out_a_promise() {
    if (promises_.empty()) return;
    Promise& promise = std::next(promises_.begin(), below(static_cast<int>(promises_.size())))->second;
    if (!promise.done) promise.done = carry_out(promise.sending);
  }

  void answer_about_result(const Sending& question) {
    Promise& promise = promises_.at(question.claim.unit);
    const int dice = faults_ ? below(8) : below(4);
    if (dice == 0) return record(question, Verdict::in_result);
    if (dice == 4) return record(question, Verdict::pause_destination);
    const Promise kept = promise;
    promises_.erase(question.claim.unit);
    // 5xx: it failed. 404: nobody knows any more.
    if (dice == 5 && !kept.done) return record(question, Verdict::later);
    if (dice == 5 || dice == 6) {
      if (!kept.done) carry_out_perhaps(kept.sending);
      return record(question, Verdict::unknown);
    }
    if (dice == 7 && !kept.done) return refuse(question, kept.sending);
    if (kept.done) return record(question, Verdict::delivered);
    confirm_or_refuse(question, kept.sending);
  }

  /// What was under way at a crash was received or not; nobody hears of it.
  void restart() {
    for (const Sending& sending : sendings_) {
      if (sending.claim.step != Claim::Step::ask_result) carry_out_perhaps(sending);
    }
    CHECK(state_->outbox.recover(wall()) == static_cast<std::int64_t>(sendings_.size()));
    sendings_.clear();
  }

  std::mt19937 random_;
  std::unique_ptr<StateStore::Contents> state_;
  Instant true_time_ = at(0);
  Milliseconds clock_error_{0};
  bool faults_ = true;
  int results_ = 0;
  PlatformModel platform_;
  std::map<std::string, Truth> truths_;      // by unit
  std::vector<Sending> sendings_;            // claimed, not answered
  std::map<std::string, Promise> promises_;  // by unit
};

}  // namespace

TEST_CASE("Whatever goes wrong on the way, the destination ends with the newest snapshot of every unit") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    for (int i = 0; i < kSteps; ++i) world.step();
    world.drain();
    world.check_that_the_newest_stands();
  }
}
