#include "gateway/outbox.h"

#include "fhir_mapper/json_writer.h"
#include "gateway/pack_warnings.h"
#include "gateway/schema.h"
#include "ssmix2/check.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::string_view kByDestination = "delivery";  // the reason of a row that an answer stopped
constexpr Urgency kUrgencies[] = {Urgency::change, Urgency::remap};  // in the order of sending

std::int64_t to_milliseconds(Instant instant) {
  return instant.time_since_epoch().count();
}
Instant to_instant(std::int64_t milliseconds) {
  return Instant(Milliseconds(milliseconds));
}

Operation operation_of(const Snapshot& snapshot) {
  return snapshot.kind == Snapshot::Kind::empty ? Operation::delete_unit : Operation::register_unit;
}

StoredContent content_of(const Snapshot& snapshot) {
  return {snapshot.content_hash, PersonMark::of(snapshot.insured_identifier)};
}

OutboxEvent event_of(Verdict verdict, bool newest, bool asked_result) {
  switch (verdict) {
    case Verdict::delivered:
      return newest ? OutboxEvent::confirmed : OutboxEvent::confirmed_older;
    case Verdict::in_result:
      return OutboxEvent::result_promised;
    case Verdict::later:
      return asked_result ? OutboxEvent::failed_there : OutboxEvent::postponed;
    case Verdict::pause_destination:
      return OutboxEvent::postponed;
    case Verdict::unknown:
      return OutboxEvent::answer_lost;
    case Verdict::rejected:
      return newest ? OutboxEvent::refused : OutboxEvent::refused_older;
  }
  return OutboxEvent::answer_lost;
}

/// A snapshot of a change that is still to be sent does not become less urgent by a newer one.
Urgency urgency_of(const OutboxRow& row, Urgency newer) {
  return is_unfinished(row.state) ? std::min(row.urgency, newer) : newer;
}

MappingVersionId mapping_of(const Snapshot& snapshot, MappingVersionId current) {
  return snapshot.content_hash ? current : kNoMappingVersion;
}

void replace(OutboxRow& row, const Snapshot& snapshot, Instant now) {
  const StoredContent content = content_of(snapshot);
  const bool undelivered = row.newest.hash && row.newest.hash != row.accepted.hash;
  if (undelivered && row.newest.hash != content.hash) ++row.superseded;
  // What was asked to come later does not come sooner.
  if (!is_unfinished(row.state)) row.next_attempt = now;
  row.operation = operation_of(snapshot);
  row.newest = content;
  row.snapshot_time = now;
  row.attempts = 0;
  row.reason.clear();
  row.explanation.clear();
  row.answer.clear();
}

/// The row stops, and says why.
void stop(OutboxRow& row, OutboxEvent event, const ssmix2::Failure& reason) {
  row.state = after(row.state, event);
  row.reason = kind_of(reason.code).id;
  row.explanation = to_text(reason).str();
}

/// Whether what we know ourselves stopped the row, and not an answer: no answer makes it go on.
bool is_stopped(const OutboxRow& row) {
  return row.state == OutboxState::held ||
         (row.state == OutboxState::rejected && row.reason != kByDestination);
}

/// A sending of which nobody knows what became of it: its person may be there now.
void note_possibly_stored(OutboxRow& row) {
  if (row.sent_operation == Operation::register_unit) row.accepted.person = row.sent.person;
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
void note_answer(OutboxRow& row, Verdict verdict, const Answer& answer, bool stopped) {
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
  row.reason = explain ? kByDestination : "";
  row.explanation = explain ? answer.detail.str() : std::string();
}

}  // namespace

std::int64_t OutboxCounts::of(OutboxState state) const {
  const auto count = by_state.find(state);
  return count == by_state.end() ? 0 : count->second;
}

std::int64_t OutboxCounts::unfinished() const {
  return of(OutboxState::pending) + of(OutboxState::in_result) + of(OutboxState::unknown);
}

OutboxCounts count_outbox(Database& database, const std::string& destination) {
  OutboxCounts counts;
  auto rows = database.prepare("SELECT number, units FROM destination WHERE id = ?");
  if (!rows.with(destination).step()) return counts;
  std::int64_t delivered = rows.integer(1);
  auto states = database.prepare(
      "SELECT state, COUNT(*), MIN(snapshot_time) FROM delivery WHERE destination = ? GROUP BY state");
  states.with(rows.integer(0));
  while (states.step()) {
    const OutboxState state = outbox_state_of(states.integer(0));
    counts.by_state[state] = states.integer(1);
    delivered -= states.integer(1);
    if (state == OutboxState::pending) counts.oldest_pending = to_instant(states.integer(2));
  }
  counts.by_state[OutboxState::delivered] = delivered;
  return counts;
}

void Outbox::put(UnitId unit, const BuiltUnit& built, Instant now, Urgency urgency) {
  // Its year is that of the first snapshot; a unit that was held before may have been seen in an earlier one.
  const bool first_snapshot =
      std::any_of(built.snapshots.begin(), built.snapshots.end(),
                  [](const auto& entry) { return entry.second.kind == Snapshot::Kind::content; });
  if (first_snapshot) units_.give_year(unit, built.year);
  for (const auto& [destination, snapshot] : built.snapshots) {
    const OutboxKey key{unit, destination_row(destination)};
    put_one(key, snapshot, {rules_in_use(database_, destination), urgency, now});
    // What is stopped leaves what was let go before, with what that was warned of.
    if (!snapshot.is_stopped()) put_pack_warnings(database_, key, snapshot.warned_rules);
  }
}

void Outbox::put_one(OutboxKey key, const Snapshot& snapshot, const Making& making) {
  const Instant now = making.now;
  auto row = find_outbox_row(database_, key);
  if (!row) {
    if (snapshot.kind != Snapshot::Kind::empty) insert(key, snapshot, making);
    return;
  }
  if (snapshot.kind == Snapshot::Kind::held) {
    stop(*row, OutboxEvent::hold, snapshot.reason);
    return save_outbox_row(database_, *row, now);
  }
  if (snapshot.kind == Snapshot::Kind::empty && row->transmissions == 0) {
    return erase_outbox_row(database_, key);
  }
  const bool same = row->newest.hash == snapshot.content_hash && row->operation == operation_of(snapshot);
  // What we stopped ourselves comes back to life by the same content, too (other rules may let it go now);
  // everything else unchanged needs nothing.
  if (same && !is_stopped(*row) && snapshot.kind != Snapshot::Kind::rejected) {
    return save_mapping(database_, key, mapping_of(snapshot, making.mapping));
  }
  const bool has_it = snapshot.kind == Snapshot::Kind::content && row->accepted.hash == snapshot.content_hash;
  // What was stopped while its result was awaited goes on waiting: the destination may still carry it out.
  const bool waits_on = is_stopped(*row) && !row->result_location.empty();
  row->urgency = urgency_of(*row, making.urgency);
  row->mapping = mapping_of(snapshot, making.mapping);
  replace(*row, snapshot, now);
  if (snapshot.kind == Snapshot::Kind::rejected) {
    stop(*row, OutboxEvent::unfit, snapshot.reason);
  } else {
    row->state = after(waits_on ? OutboxState::in_result : row->state,
                       has_it ? OutboxEvent::already_there : OutboxEvent::newer_snapshot);
  }
  save_body(database_, key, snapshot.body_template);
  save_outbox_row(database_, *row, now);
}

void Outbox::insert(OutboxKey key, const Snapshot& snapshot, const Making& making) {
  const Instant now = making.now;
  OutboxRow row;
  row.key = key;
  row.mapping = mapping_of(snapshot, making.mapping);
  row.urgency = making.urgency;
  row.newest = content_of(snapshot);
  row.snapshot_time = now;
  row.next_attempt = now;
  if (snapshot.kind == Snapshot::Kind::held) stop(row, OutboxEvent::hold, snapshot.reason);
  if (snapshot.kind == Snapshot::Kind::rejected) stop(row, OutboxEvent::unfit, snapshot.reason);
  insert_outbox_row(database_, row, now);
  save_body(database_, key, snapshot.body_template);
}

bool Outbox::was_sent(UnitId unit) {
  auto select =
      database_.prepare("SELECT 1 FROM outbox WHERE unit = ? AND operation = ? AND transmissions > 0");
  return select.with(unit.value, static_cast<std::int64_t>(Operation::register_unit)).step();
}

std::optional<Claim> Outbox::claim(const std::string& destination, Instant now) {
  const auto number = number_of_destination(destination);
  if (!number) return std::nullopt;
  Transaction transaction(database_);
  Claim claim;
  const auto next = next_unit(*number, now);
  if (!next) return std::nullopt;
  claim.row = {*next, *number};
  OutboxRow row = load_outbox_row(database_, claim.row);
  const auto unit = units_.find(claim.row.unit);
  KAKEHASHI_CHECK(unit && unit->year);
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

std::optional<UnitId> Outbox::next_unit(DestinationNumber destination, Instant now) {
  for (const Urgency urgency : kUrgencies) {
    auto select = database_.prepare(
        "SELECT unit FROM delivery WHERE destination = ? AND urgency = ? AND in_flight = 0 AND "
        "next_attempt <= ? ORDER BY next_attempt LIMIT 1");
    select.with(destination.value, static_cast<std::int64_t>(urgency), to_milliseconds(now));
    if (select.step()) return UnitId{select.integer(0)};
  }
  return std::nullopt;
}

std::string Outbox::render(const OutboxRow& row) {
  const std::string hash = hex(row.newest.hash.value());
  return fhir_mapper::SnapshotTemplate::stored(load_body(database_, row.key))
      .render(to_fhir_instant(row.snapshot_time, zone_),
              [&](std::size_t index) { return entry_url(hash, row.transmissions, index); });
}

void Outbox::record(const Claim& claim, Verdict verdict, const Answer& answer, Instant next_attempt,
                    Instant now) {
  Transaction transaction(database_);
  OutboxRow row = load_outbox_row(database_, claim.row);
  // A delete that makes way for a register confirms nothing yet; refused, it refuses the register too.
  const bool newest = row.sent.hash == row.newest.hash &&
                      (verdict == Verdict::rejected || row.sent_operation == row.operation);
  const bool stopped = is_stopped(row);
  row.state = after(row.state, event_of(verdict, newest, claim.step == Claim::Step::ask_result));
  row.in_flight = false;
  if (verdict == Verdict::delivered) {
    const bool deleted = row.sent_operation == Operation::delete_unit;
    row.accepted = deleted ? StoredContent() : row.sent;
  }
  if (verdict == Verdict::later || verdict == Verdict::unknown) note_possibly_stored(row);
  note_answer(row, verdict, answer, stopped);
  const bool again_at_once =
      row.state == OutboxState::pending && (verdict == Verdict::delivered || verdict == Verdict::rejected);
  row.next_attempt = again_at_once ? now : next_attempt;
  save_outbox_row(database_, row, now);
  transaction.commit();
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
  return first;
}

std::int64_t Outbox::recover(Instant now) {
  Transaction transaction(database_);
  std::vector<OutboxKey> lost;
  {
    auto select = database_.prepare("SELECT unit, destination FROM delivery WHERE in_flight = 1");
    while (select.step()) lost.push_back({{select.integer(0)}, {select.integer(1)}});
  }
  for (const OutboxKey key : lost) {
    OutboxRow row = load_outbox_row(database_, key);
    // A question about a result may be asked again; every other request may have been stored.
    const bool asked = row.state == OutboxState::in_result;
    row.state = after(row.state, asked ? OutboxEvent::postponed : OutboxEvent::answer_lost);
    if (row.result_location.empty()) note_possibly_stored(row);
    row.in_flight = false;
    save_outbox_row(database_, row, now);
  }
  // Whether a destination can be reached is found out anew.
  database_.execute("UPDATE destination SET paused_since = NULL, explanation = NULL");
  // A clock that ran ahead before the stop must not make rows wait for it.
  database_.prepare("UPDATE delivery SET next_attempt = ?1 WHERE next_attempt > ?1 + 3600000")
      .with(to_milliseconds(now))
      .run();
  transaction.commit();
  return static_cast<std::int64_t>(lost.size());
}

void Outbox::set_paused(const std::string& destination, std::optional<Instant> since,
                        const SafeText& explanation) {
  const auto paused_since = since ? std::optional(to_milliseconds(*since)) : std::nullopt;
  const auto why = since ? std::optional(explanation.str()) : std::nullopt;
  database_.prepare("UPDATE destination SET paused_since = ?, explanation = ? WHERE number = ?")
      .with(paused_since, why, destination_row(destination).value)
      .run();
}

std::optional<DestinationNumber> Outbox::number_of_destination(const std::string& destination) {
  auto select = database_.prepare("SELECT number FROM destination WHERE id = ?");
  if (!select.with(destination).step()) return std::nullopt;
  return DestinationNumber{select.integer(0)};
}

DestinationNumber Outbox::destination_row(const std::string& destination) {
  if (const auto number = number_of_destination(destination)) return *number;
  database_.prepare("INSERT INTO destination (id) VALUES (?)").with(destination).run();
  return {database_.last_row_id()};
}

}  // namespace gateway
