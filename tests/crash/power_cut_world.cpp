#include "tests/crash/power_cut_world.h"

#include "tests/unit/gateway/state_support.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace crash {
namespace {

using gateway::Claim;
using gateway::DatabaseError;
using gateway::Milliseconds;
using gateway::Verdict;
using gateway::test::kPlatform;

constexpr const char* kFile = "/state/kakehashi.db";
constexpr Milliseconds kLateWindow{60'000};

}  // namespace

Findings& Findings::operator+=(const Findings& other) {
  lost += other.lost;
  doubled += other.doubled;
  overtaken += other.overtaken;
  forgotten += other.forgotten;
  damaged += other.damaged;
  cuts += other.cuts;
  requests += other.requests;
  lost_sectors += other.lost_sectors;
  return *this;
}

PowerCutWorld::PowerCutWorld(std::uint32_t seed, Options options)
    : options_(std::move(options)), random_(seed), disk_(seed, options_.disk), now_(gateway::test::at(0)) {
  for (std::size_t i = 0; i < units_.size(); ++i) units_[i].patient = "000123" + std::to_string(i);
}

Findings PowerCutWorld::run(int steps) {
  try {
    disk_.cut_power_after(below(200));
    start();
    for (int i = 0; i < steps; ++i) step();
    finish();
    judge();
  } catch (const DatabaseError&) {
    ++findings_.damaged;  // not by a cut alone: those are dealt with
  }
  findings_.lost_sectors = disk_.lost_sectors();
  state_.reset();
  return findings_;
}

void PowerCutWorld::step() {
  now_ += Milliseconds(below(4'000));
  Unit& unit = units_[below(units_.size())];
  switch (below(12)) {
    case 0:
    case 1:
      return change_storage(unit);
    case 2:
    case 3:
    case 4:
      return read_storage(unit);
    case 5:
    case 6:
    case 7:
      return claim();
    case 8:
    case 9:
      return answer_one();
    case 10:
      return carry_out_a_late_one();
    default:
      return attempt([this] { state_->database.checkpoint(); });
  }
}

void PowerCutWorld::change_storage(Unit& unit) {
  const std::string person = "person-" + std::to_string(below(2));
  const std::string text = "list " + std::to_string(below(4)) + " of " + person;
  unit.versions.push_back({static_cast<int>(unit.versions.size()), below(6) == 0, text, person});
}

void PowerCutWorld::read_storage(Unit& unit) {
  const Version& newest = unit.versions.back();
  if (unit.read == newest.number) return;
  const auto snapshot =
      newest.empty ? gateway::test::nothing_left() : gateway::test::content(newest.text, newest.person);
  // The year of the first one counts for ever.
  const int year = 2026 + newest.number;
  const auto built = gateway::test::built(gateway::test::condition_unit(unit.patient), snapshot, year);
  attempt([&] {
    gateway::Transaction transaction(state_->database);
    state_->outbox.put(state_->units.mark_due(built.unit, now_), built, now_);
    gateway::remember(state_->database, "read " + unit.patient, std::to_string(newest.number));
    transaction.commit();
    unit.read = newest.number;
  });
}

void PowerCutWorld::claim() {
  claiming_ = true;
  attempt([this] {
    const auto claim = state_->outbox.claim(kPlatform, now_);
    if (!claim) return;
    const auto is_its = [&](const Unit& unit) {
      return gateway::test::condition_unit(unit.patient).key() == claim->unit;
    };
    const auto unit = std::find_if(units_.begin(), units_.end(), is_its);
    unit->under_way = true;
    if (unit->bundle_id.empty()) unit->bundle_id = claim->bundle_id;
    findings_.doubled += unit->bundle_id != claim->bundle_id;
    const Version& version = unit->versions[static_cast<std::size_t>(unit->read)];
    const bool registers = claim->step == Claim::Step::register_unit;
    findings_.overtaken += version.number < unit->confirmed || (registers && claim->body != version.text);
    ++findings_.requests;
    requests_.push_back({*claim, static_cast<std::size_t>(unit - units_.begin()), version});
  });
  claiming_ = false;
}

/// False: refused, as a Bundle-ID that stands there under another insured identifier.
bool PowerCutWorld::carry_out(const Request& request) {
  if (request.claim.operation == gateway::Operation::delete_unit) {
    standing_.erase(request.claim.bundle_id);
    return true;
  }
  const auto standing = standing_.find(request.claim.bundle_id);
  if (standing != standing_.end() && standing->second.person != request.version.person) return false;
  standing_[request.claim.bundle_id] = request.version;
  return true;
}

/// Nobody hears of it any more: it is carried out now, later or never.
void PowerCutWorld::give_up(Request request) {
  request.until = now_ + kLateWindow;
  if (below(2) == 0) {
    carry_out(request);
  } else {
    late_.push_back(std::move(request));
  }
}

void PowerCutWorld::carry_out_a_late_one() {
  std::erase_if(late_, [this](const Request& late) { return late.until <= now_; });
  if (late_.empty()) return;
  const auto chosen = std::next(late_.begin(), static_cast<std::ptrdiff_t>(below(late_.size())));
  if (below(3) != 0) carry_out(*chosen);
  late_.erase(chosen);
}

void PowerCutWorld::answer_one() {
  if (requests_.empty()) return;
  const auto chosen = std::next(requests_.begin(), static_cast<std::ptrdiff_t>(below(requests_.size())));
  const Request request = *chosen;
  requests_.erase(chosen);
  if (request.claim.step == Claim::Step::ask_result) return answer_about_result(request);
  switch (faults_ ? below(8) : 0) {
    case 4:
      promises_[request.unit] = request;
      return record(request, Verdict::in_result, 202);
    case 5:
      return record(request, Verdict::later, 503);
    case 6:
      give_up(request);
      return record(request, Verdict::later, 500);
    case 7:
      give_up(request);
      return record(request, Verdict::unknown, 0);
    default:
      if (!carry_out(request)) return record(request, Verdict::rejected, 422);
      return record(request, Verdict::delivered, 200);
  }
}

void PowerCutWorld::answer_about_result(const Request& question) {
  const auto found = promises_.find(question.unit);
  if (found == promises_.end()) return record(question, Verdict::unknown, 404);
  if (faults_ && below(3) == 0) return record(question, Verdict::in_result, 202);
  Request kept = found->second;
  kept.claim.step = Claim::Step::ask_result;
  promises_.erase(found);
  if (faults_ && below(4) == 0) {
    give_up(kept);
    return record(question, Verdict::unknown, 404);
  }
  const bool done = carry_out(kept);
  record(kept, done ? Verdict::delivered : Verdict::rejected, done ? 200 : 422);
}

void PowerCutWorld::record(const Request& request, Verdict verdict, int status) {
  gateway::Answer answer;
  answer.status = status;
  if (verdict == Verdict::in_result) answer.content_location = "/result/1";
  Unit& unit = units_[request.unit];
  unit.uncertain = true;
  attempt([&] {
    state_->outbox.record(request.claim, verdict, answer, now_ + Milliseconds(below(20'000)), now_);
    unit.under_way = false;
    if (verdict == Verdict::delivered) unit.confirmed = std::max(unit.confirmed, request.version.number);
  });
  unit.uncertain = false;
}

/// The work commits at its end, so that what follows on a commit belongs there too.
template <typename Work>
void PowerCutWorld::attempt(Work work) {
  try {
    work();
  } catch (const DatabaseError&) {
    if (!disk_.is_cut()) throw;
    start();
  }
}

/// After the program's start, however often the power goes away in the middle of it.
void PowerCutWorld::start() {
  for (;;) {
    state_.reset();
    if (disk_.is_cut()) {
      ++findings_.cuts;
      disk_.restore_power();
      if (faults_) disk_.cut_power_after(below(below(2) == 0 ? 40 : 400));
    }
    try {
      open();
      compare_with_commits();
      return recover();
    } catch (const DatabaseError&) {
      if (!disk_.is_cut()) throw;
    }
  }
}

void PowerCutWorld::open() {
  state_ = std::make_unique<gateway::StateStore::Contents>(kFile, *gateway::TimeZone::named("Asia/Tokyo"));
  state_->database.execute("PRAGMA synchronous=" + options_.synchronous);
  state_->database.execute("PRAGMA wal_autocheckpoint=20");  // often, because little is written
  gateway::prepare_schema(state_->database);
  gateway::remember(state_->database, "institution-number", gateway::test::kInstitution);
  auto check = state_->database.prepare("PRAGMA integrity_check");
  if (!check.step() || check.text(0) != "ok") throw DatabaseError(0, "damaged");
}

/// Of a row that is not delivered, by SQL because after a cut anything may be missing.
bool PowerCutWorld::holds(const Unit& unit, const std::string& condition) {
  auto select = state_->database.prepare(
      "SELECT 1 FROM delivery JOIN unit ON unit.id = unit JOIN patient ON patient.id = patient "
      "WHERE number = ? AND " +
      condition);
  return select.with(unit.patient).step();
}

void PowerCutWorld::compare_with_commits() {
  for (Unit& unit : units_) {
    const auto text = gateway::recalled(state_->database, "read " + unit.patient).value_or("0");
    int read = 0;
    std::from_chars(text.data(), text.data() + text.size(), read);
    findings_.forgotten += read < unit.read;
    // What was in the middle of its commit may be there.
    unit.read = read;
    if (holds(unit, "in_flight = 1") == unit.under_way || unit.uncertain) continue;
    const bool was_being_claimed = claiming_ && !unit.under_way;
    findings_.forgotten += !was_being_claimed;
  }
}

void PowerCutWorld::recover() {
  // If the power goes away in here, nobody knows whether it was done.
  for (Unit& unit : units_) unit.uncertain = true;
  state_->outbox.recover(now_);
  for (Unit& unit : units_) unit.under_way = unit.uncertain = false;
  for (const Request& request : std::exchange(requests_, {})) {
    if (request.claim.step != Claim::Step::ask_result) give_up(request);
  }
  // A promise that was not written down is a lost answer.
  std::erase_if(promises_, [this](const auto& promise) {
    const auto& [unit, request] = promise;
    if (holds(units_[unit], "result_location IS NOT NULL")) return false;
    give_up(request);
    return true;
  });
}

void PowerCutWorld::finish() {
  faults_ = false;
  if (disk_.is_cut()) start();
  disk_.keep_power();
  for (int round = 0; round < 500 && !is_finished(); ++round) {
    now_ += Milliseconds(5'000);
    carry_out_a_late_one();
    for (Unit& unit : units_) read_storage(unit);
    claim();
    answer_one();
  }
}

bool PowerCutWorld::is_finished() {
  const auto is_read = [](const Unit& unit) { return unit.read == unit.versions.back().number; };
  return late_.empty() && requests_.empty() && std::all_of(units_.begin(), units_.end(), is_read) &&
         !state_->outbox.next_attempt(kPlatform);
}

void PowerCutWorld::judge() {
  for (const Unit& unit : units_) {
    const Version& newest = unit.versions.back();
    const auto standing = standing_.find(unit.bundle_id);
    const bool stands = standing != standing_.end();
    const bool right = stands != newest.empty && (!stands || standing->second.text == newest.text);
    if (right) continue;
    (unit.confirmed == newest.number ? findings_.overtaken : findings_.lost) += 1;
  }
}

}  // namespace crash
