#include "gateway/outbox.h"

#include "gateway/outbox_history.h"
#include "gateway/pack_warnings.h"
#include "gateway/schema.h"
#include "gateway/stored_instant.h"
#include "gateway/timeliness.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr OutboxState kUndelivered[] = {OutboxState::pending, OutboxState::in_result, OutboxState::unknown,
                                        OutboxState::held, OutboxState::rejected};

Operation operation_of(const Snapshot& snapshot) {
  return snapshot.kind == Snapshot::Kind::empty ? Operation::delete_unit : Operation::register_unit;
}

StoredContent content_of(const Snapshot& snapshot) {
  return {snapshot.content_hash, PersonMark::of(snapshot.insured_identifier)};
}

/// A snapshot of a change that is still to be sent does not become less urgent by a newer one.
Urgency urgency_of(const OutboxRow& row, Urgency newer) {
  return is_unfinished(row.state) ? std::min(row.urgency, newer) : newer;
}

MappingVersionId mapping_of(const Snapshot& snapshot, MappingVersionId current) {
  return snapshot.content_hash ? current : kNoMappingVersion;
}

/// A snapshot that nobody delivered, and that `content` takes the place of.
bool supersedes(const OutboxRow& row, const StoredContent& content) {
  const bool undelivered = row.newest.hash && row.newest.hash != row.accepted.hash;
  return undelivered && row.newest.hash != content.hash;
}

void replace(OutboxRow& row, const Snapshot& snapshot, Instant now) {
  const StoredContent content = content_of(snapshot);
  if (supersedes(row, content)) ++row.superseded;
  // What was asked to come later does not come sooner.
  if (!is_unfinished(row.state)) row.next_attempt = now;
  row.operation = operation_of(snapshot);
  row.newest = content;
  row.snapshot_time = now;
  row.attempts = 0;
  row.by_person = PersonHold::none;
  row.answer.clear();
  clear_reason(row);
}

/// The row stops, and says why.
void stop(OutboxRow& row, OutboxEvent event, const Snapshot& snapshot, Instant now) {
  row.state = after(row.state, event);
  std::string rules;
  for (const std::string& rule : snapshot.broken_rules) rules.append(rules.empty() ? "" : " ").append(rule);
  set_reason(
      row, {std::string(kind_of(snapshot.reason.code).id), to_text(snapshot.reason).str(), std::move(rules)},
      now);
}

/// What is held or rejected is worth a line only when it was not so before.
void note_stop(Database& database, const OutboxRow& row, const std::string& reason_before, Instant now) {
  if (row.reason == reason_before) return;
  note_history(database, row.key,
               {now, HistoryEvent::stopped, row.operation, start_of(row.newest.hash), 0, row.reason});
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
  for (const OutboxState state : kUndelivered) {
    auto count = database.prepare(
        "SELECT COUNT(*), MIN(snapshot_time) FROM delivery WHERE state = ? AND destination = ?");
    count.with(number_of(state), rows.integer(0)).step();
    if (count.integer(0) == 0) continue;
    counts.by_state[state] = count.integer(0);
    delivered -= count.integer(0);
    if (state == OutboxState::pending) counts.oldest_pending = to_instant(count.integer(1));
  }
  counts.by_state[OutboxState::delivered] = delivered;
  return counts;
}

void Outbox::put(UnitId unit, const BuiltUnit& built, Instant now, Urgency urgency) {
  // Its year is that of the first snapshot; a unit that was held before may have been seen in an earlier one.
  const bool first_snapshot =
      std::any_of(built.snapshots.begin(), built.snapshots.end(),
                  [](const auto& entry) { return entry.second.kind == Snapshot::Kind::content; });
  const bool known_before = units_.was_known_before(unit);
  if (first_snapshot || known_before) units_.give_year(unit, built.year);
  for (const auto& [destination, snapshot] : built.snapshots) {
    const OutboxKey key{unit, destination_row(destination)};
    put_one(key, snapshot, {rules_in_use(database_, destination), urgency, known_before, now});
    // What is stopped leaves what was let go before, with what that was warned of.
    if (!snapshot.is_stopped()) put_pack_warnings(database_, key, snapshot.warned_rules);
    Changes(database_).hand_over(key);
  }
}

void Outbox::put_one(OutboxKey key, const Snapshot& snapshot, const Making& making) {
  const Instant now = making.now;
  auto row = find_outbox_row(database_, key);
  if (!row) {
    if (snapshot.kind != Snapshot::Kind::empty || making.known_before) insert(key, snapshot, making);
    return;
  }
  // Until a person releases it nothing changes what a person ordered; then the unit is made anew.
  if (row->by_person == PersonHold::hold || row->by_person == PersonHold::retract) return;
  const std::string reason_before = row->reason;
  if (snapshot.kind == Snapshot::Kind::held) {
    row->by_person =
        PersonHold::none;  // a dropped snapshot that comes back from a hold is one like any other
    stop(*row, OutboxEvent::hold, snapshot, now);
    note_stop(database_, *row, reason_before, now);
    return save_outbox_row(database_, *row, now);
  }
  if (snapshot.kind == Snapshot::Kind::empty && row->transmissions == 0) {
    return erase_outbox_row(database_, key);
  }
  const bool same = row->newest.hash == snapshot.content_hash && row->operation == operation_of(snapshot);
  if (same && row->by_person == PersonHold::dropped) return;
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
  if (supersedes(*row, content_of(snapshot))) {
    note_history(database_, key,
                 {now, HistoryEvent::superseded, row->operation, start_of(row->newest.hash), 0, {}});
  }
  replace(*row, snapshot, now);
  if (snapshot.kind == Snapshot::Kind::rejected) {
    stop(*row, OutboxEvent::unfit, snapshot, now);
    note_stop(database_, *row, reason_before, now);
  } else {
    row->state = after(waits_on ? OutboxState::in_result : row->state,
                       has_it ? OutboxEvent::already_there : OutboxEvent::newer_snapshot);
  }
  if (!snapshot.is_stopped()) save_body(database_, key, snapshot.body_template);
  save_outbox_row(database_, *row, now);
}

void Outbox::insert(OutboxKey key, const Snapshot& snapshot, const Making& making) {
  const Instant now = making.now;
  OutboxRow row;
  row.key = key;
  row.mapping = mapping_of(snapshot, making.mapping);
  row.urgency = making.urgency;
  row.operation = operation_of(snapshot);
  row.newest = content_of(snapshot);
  row.transmissions = making.known_before ? 1 : 0;
  row.snapshot_time = now;
  row.next_attempt = now;
  if (snapshot.kind == Snapshot::Kind::held) stop(row, OutboxEvent::hold, snapshot, now);
  if (snapshot.kind == Snapshot::Kind::rejected) stop(row, OutboxEvent::unfit, snapshot, now);
  insert_outbox_row(database_, row, now);
  note_stop(database_, row, {}, now);
  if (!snapshot.is_stopped()) save_body(database_, key, snapshot.body_template);
}

bool Outbox::was_sent(UnitId unit) {
  auto select =
      database_.prepare("SELECT 1 FROM outbox WHERE unit = ? AND operation = ? AND transmissions > 0");
  return select.with(unit.value, static_cast<std::int64_t>(Operation::register_unit)).step();
}

void Outbox::set_late_windows(const std::string& destination, const LateWindows& windows) {
  database_.prepare("UPDATE destination SET late_window = ?, result_patience = ? WHERE number = ?")
      .with(std::int64_t{windows.usual.count()}, std::int64_t{windows.of_promise.count()},
            destination_row(destination).value)
      .run();
}

LateWindows Outbox::late_windows(DestinationNumber destination) {
  auto select = database_.prepare("SELECT late_window, result_patience FROM destination WHERE number = ?");
  demand_undamaged(select.with(destination.value).step(), "a destination is missing");
  return {Milliseconds(select.integer(0)), Milliseconds(select.integer(1))};
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
