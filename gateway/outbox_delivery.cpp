// The outbox as the sender sees it: what is to be sent next, and what became of it.

#include "fhir_mapper/json_writer.h"
#include "gateway/late_requests.h"
#include "gateway/outbox.h"
#include "gateway/outbox_history.h"
#include "gateway/schema.h"
#include "gateway/stored_instant.h"

#include <algorithm>

namespace gateway {
namespace {

// Behind a backlog, that of the first day or after an outage, what changes now would wait for hours: every
// fourth claim takes what is due the shortest.
constexpr std::uint64_t kLatestEvery = 4;
constexpr std::string_view kLongestDue =
    "SELECT unit FROM delivery WHERE destination = ? AND urgency = ? AND in_flight = 0 AND "
    "next_attempt <= ? ORDER BY next_attempt LIMIT 1";
constexpr std::string_view kLatestDue =
    "SELECT unit FROM delivery WHERE destination = ? AND urgency = ? AND in_flight = 0 AND "
    "next_attempt <= ? ORDER BY next_attempt DESC LIMIT 1";

// Rows that are delivered and only waited for what could come late: after an outage there may be many, and
// others wait for the storage thread.
constexpr int kForgottenAtOnce = 256;

/// A sending of which nobody knows what became of it: its person may be there now.
void note_possibly_stored(OutboxRow& row) {
  if (row.sent_operation == Operation::register_unit) row.accepted.person = row.sent.person;
}

/// A status that says "not now" before anything was done. Whoever answers another 5xx, or a proxy in its
/// place, may have begun.
bool was_turned_away(const Answer& answer) {
  return answer.status == 429 || answer.status == 503;
}

/// Whether the request, which had its answer or lost it, may still be carried out: a matter of the answer,
/// not of what a site says that it means. A result that says the operation failed is the end of it.
bool may_come_late(Verdict verdict, const Answer& answer, bool asked_result) {
  if (verdict == Verdict::unknown) return true;
  if (asked_result || answer.failure || was_turned_away(answer)) return false;
  return answer.status == 408 || answer.status >= 500;
}

/// What an answer tells of the row to which it came.
struct Meaning {
  bool asked_result;
  bool newest;          // it is about what the destination should have
  bool stopped;         // the row is, whatever the answer says
  bool undone_perhaps;  // accepted, but a request that was given up may undo it
  bool comes_late;      // the request itself may still be carried out
  bool makes_way;       // refused while somebody else's may stand there: that must be deleted first
};

Meaning meaning_of(const OutboxRow& row, const Claim& claim, Verdict verdict, const Answer& answer) {
  Meaning means{};
  means.asked_result = claim.step == Claim::Step::ask_result;
  // A delete that makes way for a register confirms nothing yet; refused, it refuses the register too.
  means.newest = row.sent.hash == row.newest.hash &&
                 (verdict == Verdict::rejected || row.sent_operation == row.operation);
  means.stopped = is_stopped(row);
  // Also what is no longer the newest: should its content come back, nobody knows that it stands there.
  means.undone_perhaps = verdict == Verdict::delivered && is_in_doubt(row);
  means.comes_late =
      (answer.repeated && !means.asked_result) || may_come_late(verdict, answer, means.asked_result);
  means.makes_way = verdict == Verdict::rejected && is_perhaps_another_person(row);
  return means;
}

OutboxEvent event_of(Verdict verdict, const Meaning& means) {
  switch (verdict) {
    case Verdict::delivered:
      if (!means.newest) return OutboxEvent::confirmed_older;
      return means.undone_perhaps ? OutboxEvent::confirmed_in_doubt : OutboxEvent::confirmed;
    case Verdict::in_result:
      return OutboxEvent::result_promised;
    case Verdict::later:
      return means.asked_result ? OutboxEvent::failed_there : OutboxEvent::postponed;
    case Verdict::pause_destination:
      return OutboxEvent::postponed;
    case Verdict::unknown:
      return OutboxEvent::answer_lost;
    case Verdict::rejected:
      return means.newest ? OutboxEvent::refused : OutboxEvent::refused_older;
  }
  return OutboxEvent::answer_lost;
}

/// Whoever took that long to promise a result may need as long again to carry it out; the time in which
/// nobody asked (a hold, a gateway that stood still) is none that it took.
Milliseconds window_of(const OutboxRow& row, bool asked_result, Instant now, const LateWindows& windows) {
  if (!asked_result) return windows.usual;
  return std::max(windows.usual, std::min(Milliseconds(now - row.sent_at), windows.of_promise));
}

HistoryEvent history_event_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return HistoryEvent::delivered;
    case Verdict::in_result:
      return HistoryEvent::promised;
    case Verdict::later:
    case Verdict::pause_destination:
      return HistoryEvent::postponed;
    case Verdict::unknown:
      return HistoryEvent::answer_lost;
    case Verdict::rejected:
      return HistoryEvent::refused;
  }
  return HistoryEvent::answer_lost;
}

Claim::Step next_step(const OutboxRow& row) {
  if (row.state == OutboxState::in_result) return Claim::Step::ask_result;
  if (row.operation == Operation::delete_unit) return Claim::Step::delete_unit;
  // The platform keys a Bundle by the person too: under another insured number it must go before it comes
  // back.
  const bool other_person = row.accepted.person && row.accepted.person != row.newest.person;
  return other_person ? Claim::Step::delete_unit : Claim::Step::register_unit;
}

/// From now on nobody knows what stands there, until the answer is recorded.
void note_sending(OutboxRow& row, Operation operation, Instant now) {
  ++row.transmissions;
  row.sent_at = now;
  row.sent_operation = operation;
  row.sent = row.newest;
  row.accepted.hash.reset();
  row.result_location.clear();
}

/// `stopped`: before the answer.
void note_answer(OutboxRow& row, Verdict verdict, const Answer& answer, bool stopped, Instant now) {
  // A pause is the destination's fault: it uses up none of the row's attempts.
  const bool counts =
      verdict == Verdict::later || verdict == Verdict::unknown || verdict == Verdict::in_result;
  if (counts) ++row.attempts;
  const bool result_open = verdict == Verdict::in_result || verdict == Verdict::pause_destination;
  if (!result_open) row.result_location.clear();
  // Asked again, the destination need not repeat the place.
  if (verdict == Verdict::in_result && !answer.content_location.empty()) {
    row.result_location = answer.content_location;
  }
  row.answer = verdict == Verdict::rejected ? answer.body : std::string();
  if (stopped) return;  // its reason stands
  const bool explain = verdict != Verdict::delivered && verdict != Verdict::in_result;
  if (!explain) return clear_reason(row);
  set_reason(row, {std::string(kByDestination), answer.detail.str(), {}}, now);
}

/// What stands there now, as far as the answer tells; in doubt only whose it may be.
StoredContent accepted_by(const OutboxRow& row, bool in_doubt) {
  if (in_doubt) return {std::nullopt, person_in_doubt(row)};
  return row.sent_operation == Operation::delete_unit ? StoredContent() : row.sent;
}

/// What was to be taken back is gone: from now on the unit is held.
void end_retraction(OutboxRow& row, Instant now) {
  if (row.by_person != PersonHold::retract || row.state != OutboxState::delivered) return;
  row.state = after(row.state, OutboxEvent::hold);
  set_reason(row, reason_of(PersonHold::retract), now);
}

/// In doubt: when nothing can come late any more. Delivered: only to forget that something could.
Instant next_attempt_of(const OutboxRow& row, Verdict verdict, Instant next_attempt, Instant now) {
  if (verdict != Verdict::delivered && verdict != Verdict::rejected) return next_attempt;
  if (row.state == OutboxState::pending) return now;
  return row.late ? std::max(now, row.late->until) : next_attempt;
}

}  // namespace

std::optional<Claim> Outbox::claim(const std::string& destination, Instant now) {
  const auto number = number_of_destination(destination);
  if (!number || now < quiet_until(destination)) return std::nullopt;
  Transaction transaction(database_);
  Claim claim;
  const auto next = next_row(*number, now);
  if (!next) {
    transaction.commit();
    return std::nullopt;
  }
  OutboxRow row = *next;
  claim.row = row.key;
  const auto unit = units_.find(claim.row.unit);
  demand_undamaged(unit && unit->year, "a unit to send has no year");
  claim.unit = unit->unit.key();
  claim.bundle_id =
      bundle_id(institution_number(database_), *unit->year, info(unit->unit.kind).letter, claim.unit);
  claim.step = next_step(row);
  claim.attempts = static_cast<int>(row.attempts);
  if (claim.step == Claim::Step::ask_result) {
    claim.operation = row.sent_operation;
    claim.result_location = row.result_location;
    claim.waited = now - row.sent_at;
  } else {
    const bool deletes = claim.step == Claim::Step::delete_unit;
    claim.operation = deletes ? Operation::delete_unit : Operation::register_unit;
    note_sending(row, claim.operation, now);
    if (!deletes) claim.body = render(row);
  }
  row.in_flight = true;
  save_outbox_row(database_, row, now);
  transaction.commit();
  return claim;
}

std::optional<OutboxRow> Outbox::next_row(DestinationNumber destination, Instant now) {
  for (int forgotten = 0; forgotten < kForgottenAtOnce; ++forgotten) {
    const auto unit = next_unit(destination, now);
    if (!unit) break;
    OutboxRow row = load_outbox_row(database_, {*unit, destination});
    // A result tells of a request that was accepted long ago: what could come late then counts.
    if (row.state != OutboxState::in_result) forget_expired(row, now);
    if (row.state != OutboxState::delivered) return row;
    // It was only kept for requests that could have come late.
    if (row.late) row.next_attempt = row.late->until;
    save_outbox_row(database_, row, now);
  }
  return std::nullopt;
}

std::optional<UnitId> Outbox::next_unit(DestinationNumber destination, Instant now) {
  const bool latest = ++claims_ % kLatestEvery == 0;
  for (const Urgency urgency : kUrgencies) {
    auto select = database_.prepare(latest ? kLatestDue : kLongestDue);
    select.with(destination.value, static_cast<std::int64_t>(urgency), to_milliseconds(now));
    if (select.step()) return UnitId{select.integer(0)};
  }
  return std::nullopt;
}

std::string Outbox::render(const OutboxRow& row) {
  demand_undamaged(row.newest.hash.has_value(), "a unit to send has no content");
  const std::string hash = hex(*row.newest.hash);
  return fhir_mapper::SnapshotTemplate::stored(load_body(database_, row.key))
      .render(to_fhir_instant(row.snapshot_time, zone_),
              [&](std::size_t index) { return entry_url(hash, row.transmissions, index); });
}

Recorded Outbox::record(const Claim& claim, Verdict verdict, const Answer& answer, Instant next_attempt,
                        Instant now) {
  Transaction transaction(database_);
  OutboxRow row = load_outbox_row(database_, claim.row);
  const Meaning means = meaning_of(row, claim, verdict, answer);
  // It is no refusal of the unit: it is deleted there and sent again by itself.
  const Verdict counts = means.makes_way ? Verdict::later : verdict;
  row.state = after(row.state, means.makes_way ? OutboxEvent::failed_there : event_of(verdict, means));
  row.in_flight = false;
  if (verdict == Verdict::delivered) row.accepted = accepted_by(row, means.newest && means.undone_perhaps);
  if (means.undone_perhaps) row.accepted.hash.reset();
  if (means.comes_late || verdict == Verdict::later) note_possibly_stored(row);
  if (means.comes_late) {
    note_given_up(row, now, window_of(row, means.asked_result, now, late_windows(row.key.destination)));
  }
  if (means.makes_way) row.accepted.person = PersonMark::somebody();
  note_answer(row, counts, answer, means.stopped, now);
  end_retraction(row, now);
  row.next_attempt =
      means.makes_way ? std::max(now, row.late->until) : next_attempt_of(row, verdict, next_attempt, now);
  Recorded recorded{counts, std::nullopt};
  if (row.state == OutboxState::delivered) recorded.accepted = Changes(database_).accept(row.key, now, zone_);
  save_outbox_row(database_, row, now);
  note_outcome(row, counts, answer, now);
  transaction.commit();
  return recorded;
}

/// A pause of the destination is its own, and asking again for a result is no news.
void Outbox::note_outcome(const OutboxRow& row, Verdict verdict, const Answer& answer, Instant now) {
  if (verdict == Verdict::pause_destination) return;
  const auto event = history_event_of(verdict);
  if (event == HistoryEvent::promised && row.attempts > 1) return;
  const bool deletes = row.sent_operation == Operation::delete_unit;
  note_history(
      database_, row.key,
      {now, event, row.sent_operation, deletes ? std::nullopt : start_of(row.sent.hash), answer.status,
       verdict == Verdict::delivered || verdict == Verdict::in_result ? std::string() : row.reason});
}

std::optional<Instant> Outbox::next_attempt(const std::string& destination) {
  const auto number = number_of_destination(destination);
  if (!number) return std::nullopt;
  std::optional<Instant> first;
  for (const Urgency urgency : kUrgencies) {
    auto select = database_.prepare(
        "SELECT next_attempt FROM delivery WHERE destination = ? AND urgency = ? AND in_flight = 0 AND "
        "next_attempt IS NOT NULL ORDER BY next_attempt LIMIT 1");
    if (!select.with(number->value, static_cast<std::int64_t>(urgency)).step()) continue;
    const Instant next = to_instant(select.integer(0));
    first = first ? std::min(*first, next) : next;
  }
  return first ? std::optional(std::max(*first, quiet_until(destination))) : first;
}

std::int64_t Outbox::recover(Instant now) {
  Transaction transaction(database_);
  std::vector<OutboxKey> lost;
  {
    // By its index, as in forgive_clock().
    auto select = database_.prepare(
        "SELECT unit, destination FROM delivery WHERE destination IN (SELECT number FROM destination) AND "
        "in_flight = 1");
    while (select.step()) lost.push_back({{select.integer(0)}, {select.integer(1)}});
  }
  for (const OutboxKey key : lost) {
    OutboxRow row = load_outbox_row(database_, key);
    // A question about a result may be asked again; every other request may have been stored.
    const bool asked = row.state == OutboxState::in_result;
    row.state = after(row.state, asked ? OutboxEvent::postponed : OutboxEvent::answer_lost);
    if (row.result_location.empty()) {
      note_possibly_stored(row);
      note_given_up(row, now, late_windows(key.destination).usual);
    }
    row.in_flight = false;
    save_outbox_row(database_, row, now);
  }
  // Whether a destination can be reached is found out anew.
  database_.execute("UPDATE destination SET paused_since = NULL, explanation = NULL");
  forgive_clock(now);
  transaction.commit();
  return static_cast<std::int64_t>(lost.size());
}

}  // namespace gateway
