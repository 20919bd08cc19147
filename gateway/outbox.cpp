#include "gateway/outbox.h"

#include "fhir_mapper/json_writer.h"
#include "gateway/digest.h"
#include "ssmix2/check.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::string_view kRegister = "register";
constexpr std::string_view kDelete = "delete";

std::int64_t to_milliseconds(Instant instant) {
  return instant.time_since_epoch().count();
}
Instant to_instant(std::int64_t milliseconds) {
  return Instant(Milliseconds(milliseconds));
}

std::string_view operation_of(const Snapshot& snapshot) {
  return snapshot.kind == Snapshot::Kind::empty ? kDelete : kRegister;
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

}  // namespace

std::int64_t OutboxCounts::of(OutboxState state) const {
  const auto count = by_state.find(state);
  return count == by_state.end() ? 0 : count->second;
}

std::int64_t OutboxCounts::unfinished() const {
  return of(OutboxState::pending) + of(OutboxState::in_result) + of(OutboxState::unknown);
}

void Outbox::put(const BuiltUnit& built, Instant now) {
  // Its year is that of the first snapshot; a unit that was held before may have been seen in an earlier one.
  const bool first_snapshot =
      std::any_of(built.snapshots.begin(), built.snapshots.end(),
                  [](const auto& entry) { return entry.second.kind == Snapshot::Kind::content; });
  if (first_snapshot) {
    database_.prepare("UPDATE unit SET bundle_id = ? WHERE key = ? AND bundle_id IS NULL")
        .with(std::string_view(built.bundle_id), std::string_view(built.unit.key()))
        .run();
  }
  for (const auto& [destination, snapshot] : built.snapshots) put_one(destination, built, snapshot, now);
}

void Outbox::put_one(const std::string& destination, const BuiltUnit& built, const Snapshot& snapshot,
                     Instant now) {
  const auto row = find(destination, built.unit.key());
  if (!row) {
    if (snapshot.kind != Snapshot::Kind::empty) insert(destination, built, snapshot, now);
    return;
  }
  if (snapshot.kind == Snapshot::Kind::held) return hold(*row, snapshot.reason, now);
  if (snapshot.kind == Snapshot::Kind::empty && row->transmissions == 0) {
    database_.prepare("DELETE FROM outbox WHERE id = ?").with(row->id).run();
    return;
  }
  const bool same = row->content_hash == snapshot.content_hash && row->operation == operation_of(snapshot);
  // A held row comes back to life by the same content, too; everything else unchanged needs nothing.
  if (same && row->state != OutboxState::held) return;
  const bool has_it = snapshot.kind == Snapshot::Kind::content && row->accepted_hash == snapshot.content_hash;
  // What was held while its result was awaited goes on waiting: the destination may still carry it out.
  const bool waits_on = row->state == OutboxState::held && row->result_awaited;
  const OutboxState state = waits_on ? OutboxState::in_result : row->state;
  replace(*row, snapshot, now);
  set_state(row->id, after(state, has_it ? OutboxEvent::already_there : OutboxEvent::newer_snapshot), now);
}

void Outbox::insert(const std::string& destination, const BuiltUnit& built, const Snapshot& snapshot,
                    Instant now) {
  const bool held = snapshot.kind == Snapshot::Kind::held;
  database_
      .prepare(
          "INSERT INTO outbox (destination, unit, bundle_id, operation, state, content_hash, template, "
          "snapshot_time, insured_identifier, next_attempt, reason, explanation, first_time, last_time) "
          "VALUES (?1,?2,COALESCE((SELECT bundle_id FROM unit WHERE key = "
          "?2),''),'register',?3,?4,?5,?6,?7,?6,?8,?9,?6,?6)")
      .with(std::string_view(destination), std::string_view(built.unit.key()),
            name_of(held ? OutboxState::held : OutboxState::pending), std::string_view(snapshot.content_hash),
            std::string_view(snapshot.body_template), to_milliseconds(now),
            std::string_view(snapshot.insured_identifier),
            held ? kind_of(snapshot.reason.code).id : std::string_view(),
            std::string_view(held ? to_text(snapshot.reason).str() : ""))
      .run();
}

void Outbox::replace(const Row& row, const Snapshot& snapshot, Instant now) {
  const bool undelivered = !row.content_hash.empty() && row.content_hash != row.accepted_hash &&
                           row.content_hash != snapshot.content_hash;
  database_
      .prepare(
          "UPDATE outbox SET operation = ?, content_hash = ?, template = ?, snapshot_time = ?4, "
          "bundle_id = COALESCE((SELECT unit.bundle_id FROM unit WHERE unit.key = outbox.unit), ''), "
          "insured_identifier = ?, superseded = superseded + ?, attempts = 0, "
          "next_attempt = CASE WHEN state IN ('pending', 'in-result', 'unknown') THEN next_attempt ELSE ?4 "
          "END, "
          "reason = '', explanation = '', answer = '' WHERE id = ?")
      .bind(1, operation_of(snapshot))
      .bind(2, std::string_view(snapshot.content_hash))
      .bind(3, std::string_view(snapshot.body_template))
      .bind(4, to_milliseconds(now))
      .bind(5, std::string_view(snapshot.insured_identifier))
      .bind(6, std::int64_t{undelivered})
      .bind(7, row.id)
      .run();
}

void Outbox::hold(const Row& row, const ssmix2::Failure& reason, Instant now) {
  database_.prepare("UPDATE outbox SET reason = ?, explanation = ? WHERE id = ?")
      .with(kind_of(reason.code).id, to_text(reason).view(), row.id)
      .run();
  set_state(row.id, after(row.state, OutboxEvent::hold), now);
}

bool Outbox::was_sent(const std::string& unit) {
  auto select = database_.prepare(
      "SELECT 1 FROM outbox WHERE unit = ? AND operation = 'register' AND transmissions > 0");
  return select.with(std::string_view(unit)).step();
}

std::optional<Claim> Outbox::claim(const std::string& destination, Instant now) {
  Transaction transaction(database_);
  auto select = database_.prepare(
      "SELECT id, unit, bundle_id, operation, state, template, snapshot_time, content_hash, transmissions, "
      "result_location, attempts, accepted_identifier, insured_identifier, sent_operation, sent_at FROM "
      "outbox "
      "WHERE destination = ? AND state IN ('pending', 'in-result', 'unknown') AND in_flight = 0 AND "
      "next_attempt <= ? "
      "ORDER BY next_attempt LIMIT 1");
  if (!select.with(std::string_view(destination), to_milliseconds(now)).step()) return std::nullopt;
  Claim claim;
  claim.row = select.integer(0);
  claim.unit = select.text(1);
  claim.bundle_id = select.text(2);
  claim.result_location = select.text(9);
  claim.attempts = static_cast<int>(select.integer(10));
  const std::string accepted_identifier = select.text(11);
  if (outbox_state_named(select.text(4)) == OutboxState::in_result) {
    claim.step = Claim::Step::ask_result;
  } else if (select.text(3) == kDelete) {
    claim.step = Claim::Step::delete_unit;
  } else if (!accepted_identifier.empty() && accepted_identifier != select.text(12)) {
    // The platform keys a Bundle by the person too: under another insured number it must go before it comes
    // back.
    claim.step = Claim::Step::delete_unit;
  } else {
    const std::string hash = select.text(7);
    const std::int64_t transmission = select.integer(8) + 1;
    claim.body = fhir_mapper::SnapshotTemplate::stored(select.text(5))
                     .render(to_fhir_instant(to_instant(select.integer(6)), zone_),
                             [&](std::size_t index) { return entry_url(hash, transmission, index); });
  }
  const bool asks_result = claim.step == Claim::Step::ask_result;
  if (asks_result) claim.waited = now - to_instant(select.integer(14));
  const bool deletes = asks_result ? select.text(13) == kDelete : claim.step == Claim::Step::delete_unit;
  claim.operation = deletes ? Operation::delete_unit : Operation::register_unit;
  // From now on nobody knows what stands there, until the answer is recorded.
  database_
      .prepare(
          "UPDATE outbox SET in_flight = 1, "
          "transmissions = transmissions + ?1, "
          "sent_at = CASE WHEN ?1 THEN ?4 ELSE sent_at END, "
          "sent_operation = CASE WHEN ?1 THEN ?2 ELSE sent_operation END, "
          "sent_hash = CASE WHEN ?1 THEN content_hash ELSE sent_hash END, "
          "accepted_hash = CASE WHEN ?1 THEN '' ELSE accepted_hash END, "
          "result_location = CASE WHEN ?1 THEN '' ELSE result_location END, "
          "sent_identifier = CASE WHEN ?1 THEN insured_identifier ELSE sent_identifier END WHERE id = ?3")
      .with(std::int64_t{!asks_result}, deletes ? kDelete : kRegister, claim.row, to_milliseconds(now))
      .run();
  transaction.commit();
  return claim;
}

void Outbox::record(const Claim& claim, Verdict verdict, const Answer& answer, Instant next_attempt,
                    Instant now) {
  Transaction transaction(database_);
  const Row row = load(claim.row);
  // A delete that makes way for a register confirms nothing yet; refused, it refuses the register too.
  const bool newest = row.sent_hash == row.content_hash &&
                      (verdict == Verdict::rejected || row.sent_operation == row.operation);
  const OutboxState state =
      after(row.state, event_of(verdict, newest, claim.step == Claim::Step::ask_result));
  if (verdict == Verdict::delivered) {
    const bool deleted = row.sent_operation == kDelete;
    database_
        .prepare("UPDATE outbox SET accepted_hash = ?, accepted_identifier = ?, accepted_at = ? WHERE id = ?")
        .with(std::string_view(deleted ? "" : row.sent_hash),
              std::string_view(deleted ? "" : row.sent_identifier), to_milliseconds(now), claim.row)
        .run();
  }
  if (verdict == Verdict::later || verdict == Verdict::unknown) {
    database_
        .prepare(
            "UPDATE outbox SET accepted_identifier = sent_identifier WHERE id = ? AND sent_operation = "
            "'register'")
        .with(claim.row)
        .run();
  }
  // A pause is the destination's fault: it uses up none of the row's attempts.
  const bool counts =
      verdict == Verdict::later || verdict == Verdict::unknown || verdict == Verdict::in_result;
  const bool again_at_once =
      state == OutboxState::pending && (verdict == Verdict::delivered || verdict == Verdict::rejected);
  const bool result_open = verdict == Verdict::in_result || verdict == Verdict::pause_destination;
  const bool explain =
      verdict != Verdict::delivered && verdict != Verdict::in_result && state != OutboxState::held;
  database_
      .prepare(
          "UPDATE outbox SET in_flight = 0, attempts = CASE WHEN ?1 THEN attempts + 1 ELSE attempts END, "
          "next_attempt = ?2, "
          "result_location = CASE WHEN NOT ?8 THEN '' WHEN ?3 <> '' THEN ?3 ELSE result_location END, "
          "reason = CASE WHEN ?4 THEN 'delivery' WHEN state = 'held' THEN reason ELSE '' END, "
          "explanation = CASE WHEN ?4 THEN ?5 WHEN state = 'held' THEN explanation ELSE '' END, "
          "answer = ?6 WHERE id = ?7")
      .with(std::int64_t{counts}, to_milliseconds(again_at_once ? now : next_attempt),
            std::string_view(verdict == Verdict::in_result ? answer.content_location : ""),
            std::int64_t{explain}, answer.detail.view(),
            std::string_view(verdict == Verdict::rejected ? answer.body : ""), claim.row,
            std::int64_t{result_open})
      .run();
  set_state(claim.row, state, now);
  transaction.commit();
}

std::optional<Instant> Outbox::next_attempt(const std::string& destination) {
  auto select = database_.prepare(
      "SELECT MIN(next_attempt) FROM outbox WHERE destination = ? AND in_flight = 0 AND "
      "state IN ('pending', 'in-result', 'unknown')");
  select.with(std::string_view(destination));
  if (!select.step() || select.is_null(0)) return std::nullopt;
  return to_instant(select.integer(0));
}

std::int64_t Outbox::recover(Instant now) {
  Transaction transaction(database_);
  std::vector<std::pair<std::int64_t, OutboxState>> rows;
  {
    auto select = database_.prepare("SELECT id, state FROM outbox WHERE in_flight = 1");
    while (select.step()) rows.emplace_back(select.integer(0), outbox_state_named(select.text(1)));
  }
  for (const auto& [id, state] : rows) {
    // A question about a result may be asked again; every other request may have been stored.
    const auto event = state == OutboxState::in_result ? OutboxEvent::postponed : OutboxEvent::answer_lost;
    set_state(id, after(state, event), now);
  }
  database_.execute(
      "UPDATE outbox SET accepted_identifier = sent_identifier "
      "WHERE in_flight = 1 AND sent_operation = 'register' AND result_location = ''");
  database_.execute("UPDATE outbox SET in_flight = 0");
  // Whether a destination can be reached is found out anew.
  database_.execute("UPDATE destination SET paused_since = NULL, explanation = ''");
  // A clock that ran ahead before the stop must not make rows wait for it.
  database_.prepare("UPDATE outbox SET next_attempt = ?1 WHERE next_attempt > ?1 + 3600000")
      .with(to_milliseconds(now))
      .run();
  transaction.commit();
  return static_cast<std::int64_t>(rows.size());
}

OutboxCounts Outbox::counts(const std::string& destination) {
  OutboxCounts counts;
  auto select = database_.prepare(
      "SELECT state, COUNT(*), MIN(snapshot_time) FROM outbox WHERE destination = ? GROUP BY state");
  select.with(std::string_view(destination));
  while (select.step()) {
    const OutboxState state = outbox_state_named(select.text(0));
    counts.by_state[state] = select.integer(1);
    if (state == OutboxState::pending) counts.oldest_pending = to_instant(select.integer(2));
  }
  return counts;
}

void Outbox::set_paused(const std::string& destination, std::optional<Instant> since,
                        const SafeText& explanation) {
  auto statement = database_.prepare(
      "INSERT INTO destination (id, paused_since, explanation) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (id) DO UPDATE SET paused_since = ?2, explanation = ?3");
  statement.bind(1, std::string_view(destination)).bind(3, explanation.view());
  if (since) {
    statement.bind(2, to_milliseconds(*since));
  } else {
    statement.bind(2, std::nullopt);
  }
  statement.run();
}

std::optional<Outbox::Row> Outbox::find(const std::string& destination, const std::string& unit) {
  auto select = database_.prepare("SELECT id FROM outbox WHERE destination = ? AND unit = ?");
  if (!select.with(std::string_view(destination), std::string_view(unit)).step()) return std::nullopt;
  return load(select.integer(0));
}

Outbox::Row Outbox::load(std::int64_t id) {
  auto select = database_.prepare(
      "SELECT operation, state, content_hash, transmissions, sent_operation, sent_hash, sent_identifier, "
      "accepted_hash, result_location FROM outbox WHERE id = ?");
  const bool found = select.with(id).step();
  KAKEHASHI_CHECK(found);
  return {id,
          select.text(0),
          outbox_state_named(select.text(1)),
          select.text(2),
          select.integer(3),
          select.text(4),
          select.text(5),
          select.text(6),
          select.text(7),
          !select.text(8).empty()};
}

void Outbox::set_state(std::int64_t id, OutboxState state, Instant now) {
  database_.prepare("UPDATE outbox SET state = ?, last_time = ? WHERE id = ?")
      .with(name_of(state), to_milliseconds(now), id)
      .run();
}

}  // namespace gateway
