#include "gateway/outbox_row.h"

#include "gateway/stored_instant.h"
#include "gateway/timeliness.h"
#include "ssmix2/check.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr const char* kLateRequestsAndOrders = R"sql(
-- How long after its connection a request that was given up may still be carried out there.
ALTER TABLE destination ADD COLUMN late_window INTEGER NOT NULL DEFAULT 60000;
ALTER TABLE delivery ADD COLUMN late_until INTEGER;     -- requests that were given up may be carried out until then
ALTER TABLE delivery ADD COLUMN late_operation INTEGER; -- what they would leave there; NULL: several that differ
ALTER TABLE delivery ADD COLUMN late_hash BLOB;
ALTER TABLE delivery ADD COLUMN late_person INTEGER;    -- whose; NULL: all are deletes
ALTER TABLE delivery ADD COLUMN by_person INTEGER NOT NULL DEFAULT 0;  -- PersonHold
ALTER TABLE delivery ADD COLUMN rules TEXT;             -- of the profile, that the newest snapshot breaks
ALTER TABLE delivery ADD COLUMN first_time INTEGER;     -- when the reason came up
ALTER TABLE delivery ADD COLUMN last_time INTEGER;      -- and when last
CREATE INDEX delivery_state ON delivery (state, destination, snapshot_time);
CREATE INDEX delivery_in_flight ON delivery (destination) WHERE in_flight = 1;
CREATE INDEX delivery_late ON delivery (destination) WHERE late_until IS NOT NULL;
)sql";

std::optional<std::int64_t> value_of(const std::optional<PersonMark>& person) {
  return person ? std::optional(person->value) : std::nullopt;
}

/// What is mostly absent is NULL: one byte.
std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::int64_t> unless_epoch(Instant instant) {
  const std::int64_t milliseconds = to_milliseconds(instant);
  return milliseconds == 0 ? std::nullopt : std::optional(milliseconds);
}

/// Something to send or to ask, or late requests to forget.
bool has_a_next_step(const OutboxRow& row) {
  return is_unfinished(row.state) || row.state == OutboxState::delivered;
}

Operation operation_at(const Statement& select, int column) {
  return select.integer(column) == 0 ? Operation::register_unit : Operation::delete_unit;
}

/// Its hash stands in `column`, its person beside it.
StoredContent content_at(const Statement& select, int column) {
  StoredContent content;
  if (!select.is_null(column)) content.hash = sha256_of_bytes(select.text(column));
  if (!select.is_null(column + 1)) content.person = PersonMark{select.integer(column + 1)};
  return content;
}

std::optional<LateRequests> late_at(const Statement& select, int column) {
  if (select.is_null(column)) return std::nullopt;
  LateRequests late;
  late.until = to_instant(select.integer(column));
  if (!select.is_null(column + 1)) {
    late.all = SentContent{operation_at(select, column + 1), std::nullopt};
    if (!select.is_null(column + 2)) late.all->hash = sha256_of_bytes(select.text(column + 2));
  }
  if (!select.is_null(column + 3)) late.person = PersonMark{select.integer(column + 3)};
  return late;
}

void save_delivery(Database& database, const OutboxRow& row) {
  const auto next_attempt =
      row.next_attempt ? std::optional(to_milliseconds(*row.next_attempt)) : std::nullopt;
  const auto& late = row.late;
  const auto late_all = late ? late->all : std::nullopt;
  database
      .prepare(
          "INSERT OR REPLACE INTO delivery (unit, destination, state, snapshot_time, next_attempt, attempts, "
          "accepted_hash, accepted_person, in_flight, sent_at, sent_operation, sent_hash, sent_person, "
          "result_location, reason, explanation, answer, urgency, late_until, late_operation, late_hash, "
          "late_person, by_person, rules, first_time, last_time) "
          "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .with(row.key.unit.value, row.key.destination.value, number_of(row.state),
            to_milliseconds(row.snapshot_time), has_a_next_step(row) ? next_attempt : std::nullopt,
            row.attempts, row.accepted.hash, value_of(row.accepted.person), std::int64_t{row.in_flight},
            to_milliseconds(row.sent_at), static_cast<std::int64_t>(row.sent_operation), row.sent.hash,
            value_of(row.sent.person), unless_empty(row.result_location), unless_empty(row.reason),
            unless_empty(row.explanation), unless_empty(row.answer), static_cast<std::int64_t>(row.urgency),
            late ? std::optional(to_milliseconds(late->until)) : std::nullopt,
            late_all ? std::optional(static_cast<std::int64_t>(late_all->operation)) : std::nullopt,
            late_all ? late_all->hash : std::nullopt, late ? value_of(late->person) : std::nullopt,
            static_cast<std::int64_t>(row.by_person), unless_empty(row.rules), unless_epoch(row.first_time),
            unless_epoch(row.last_time))
      .run();
}

/// Not while the destination refuses it: then only a person lets it be sent once more.
void note_whether_body_waits(Database& database, const OutboxRow& row) {
  const bool waits = row.state != OutboxState::rejected;
  database.prepare("UPDATE body SET waits = ?1 WHERE unit = ?2 AND destination = ?3 AND waits <> ?1")
      .with(std::int64_t{waits}, row.key.unit.value, row.key.destination.value)
      .run();
}

}  // namespace

std::optional<PersonMark> PersonMark::of(std::string_view insured_identifier) {
  if (insured_identifier.empty()) return std::nullopt;
  const Sha256 digest = sha256(insured_identifier);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i) bits = bits << 8 | digest[i];
  return PersonMark{static_cast<std::int64_t>(bits)};
}

void set_reason(OutboxRow& row, RowReason reason, Instant now) {
  if (row.reason != reason.id) row.first_time = now;
  row.last_time = now;
  row.reason = std::move(reason.id);
  row.explanation = std::move(reason.explanation);
  row.rules = std::move(reason.rules);
}

void clear_reason(OutboxRow& row) {
  row.reason.clear();
  row.explanation.clear();
  row.rules.clear();
  row.first_time = row.last_time = Instant();
}

RowReason reason_of(PersonHold order) {
  switch (order) {
    case PersonHold::none:
      break;
    case PersonHold::hold:
      return {"person:hold", "held by a person: kakehashi queue release lets it go on", {}};
    case PersonHold::retract:
      return {"person:retract", "taken back by a person: kakehashi queue release sends it again", {}};
    case PersonHold::dropped:
      return {"person:drop", "given up by a person: the unit's next change is sent as usual", {}};
  }
  KAKEHASHI_CHECK(false);  // nobody ordered anything
  return {};
}

bool is_stopped(const OutboxRow& row) {
  return row.state == OutboxState::held ||
         (row.state == OutboxState::rejected && row.reason != kByDestination);
}

void add_late_requests_and_orders(Database& database) {
  database.execute(kLateRequestsAndOrders);
}

void add_result_patience(Database& database) {
  database.execute("ALTER TABLE destination ADD COLUMN result_patience INTEGER NOT NULL DEFAULT 3600000");
}

std::optional<OutboxRow> find_outbox_row(Database& database, OutboxKey key) {
  auto select = database.prepare(
      "SELECT operation, content_hash, person, transmissions, superseded, state, snapshot_time, "
      "next_attempt, attempts, accepted_hash, accepted_person, in_flight, sent_at, sent_operation, "
      "sent_hash, sent_person, result_location, reason, explanation, answer, urgency, mapping, "
      "late_until, late_operation, late_hash, late_person, by_person, rules, first_time, last_time "
      "FROM outbox LEFT JOIN delivery USING (unit, destination) WHERE unit = ? AND destination = ?");
  if (!select.with(key.unit.value, key.destination.value).step()) return std::nullopt;
  OutboxRow row;
  row.key = key;
  row.operation = operation_at(select, 0);
  row.newest = content_at(select, 1);
  row.transmissions = select.integer(3);
  row.superseded = select.integer(4);
  row.mapping = {select.integer(21)};
  if (select.is_null(5)) {
    row.state = OutboxState::delivered;
    row.accepted = row.newest;
    return row;
  }
  row.state = outbox_state_of(select.integer(5));
  row.snapshot_time = to_instant(select.integer(6));
  if (!select.is_null(7)) row.next_attempt = to_instant(select.integer(7));
  row.attempts = select.integer(8);
  row.accepted = content_at(select, 9);
  row.in_flight = select.integer(11) != 0;
  row.sent_at = to_instant(select.integer(12));
  row.sent_operation = operation_at(select, 13);
  row.sent = content_at(select, 14);
  row.result_location = select.text(16);
  row.reason = select.text(17);
  row.explanation = select.text(18);
  row.answer = select.text(19);
  row.urgency = static_cast<Urgency>(select.integer(20));
  row.late = late_at(select, 22);
  row.by_person = static_cast<PersonHold>(select.integer(26));
  row.rules = select.text(27);
  row.first_time = to_instant(select.integer(28));
  row.last_time = to_instant(select.integer(29));
  return row;
}

OutboxRow load_outbox_row(Database& database, OutboxKey key) {
  auto row = find_outbox_row(database, key);
  demand_undamaged(row.has_value(), "a row is there and is not");
  return std::move(*row);
}

void save_outbox_row(Database& database, const OutboxRow& row, Instant now) {
  const bool delivered = row.state == OutboxState::delivered;
  KAKEHASHI_CHECK(!delivered || row.accepted.hash == row.newest.hash);
  const StoredContent& content = delivered ? row.accepted : row.newest;
  database
      .prepare(
          "UPDATE outbox SET operation = ?, content_hash = ?, person = ?, transmissions = ?, superseded = ?, "
          "changed = ?, mapping = ? WHERE unit = ? AND destination = ?")
      .with(static_cast<std::int64_t>(row.operation), content.hash, value_of(content.person),
            row.transmissions, row.superseded, to_milliseconds(now), row.mapping.value, row.key.unit.value,
            row.key.destination.value)
      .run();
  // Only what may be sent as it is needs its body: what was stopped is made anew before it goes on.
  if (delivered || is_stopped(row)) {
    save_body(database, row.key, {});
  } else {
    note_whether_body_waits(database, row);
  }
  if (delivered) Changes(database).forget(row.key);
  if (!delivered || row.late) return save_delivery(database, row);
  database.prepare("DELETE FROM delivery WHERE unit = ? AND destination = ?")
      .with(row.key.unit.value, row.key.destination.value)
      .run();
}

void insert_outbox_row(Database& database, const OutboxRow& row, Instant now) {
  database
      .prepare(
          "INSERT INTO outbox (unit, destination, operation, content_hash, person, transmissions, "
          "superseded, changed, mapping) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .with(row.key.unit.value, row.key.destination.value, static_cast<std::int64_t>(row.operation),
            row.newest.hash, value_of(row.newest.person), row.transmissions, row.superseded,
            to_milliseconds(now), row.mapping.value)
      .run();
  save_delivery(database, row);
}

void erase_outbox_row(Database& database, OutboxKey key) {
  Changes(database).forget(key);
  database.prepare("DELETE FROM outbox WHERE unit = ? AND destination = ?")
      .with(key.unit.value, key.destination.value)
      .run();
}

void save_mapping(Database& database, OutboxKey key, MappingVersionId mapping) {
  database.prepare("UPDATE outbox SET mapping = ?1 WHERE unit = ?2 AND destination = ?3 AND mapping <> ?1")
      .with(mapping.value, key.unit.value, key.destination.value)
      .run();
}

void save_body(Database& database, OutboxKey key, std::string_view body_template) {
  if (body_template.empty()) {
    database.prepare("DELETE FROM body WHERE unit = ? AND destination = ?")
        .with(key.unit.value, key.destination.value)
        .run();
    return;
  }
  // Not REPLACE: it would delete without its trigger.
  database
      .prepare(
          "INSERT INTO body (unit, destination, template) VALUES (?, ?, ?) "
          "ON CONFLICT DO UPDATE SET template = excluded.template")
      .with(key.unit.value, key.destination.value, body_template)
      .run();
}

std::string load_body(Database& database, OutboxKey key) {
  auto select = database.prepare("SELECT template FROM body WHERE unit = ? AND destination = ?");
  return select.with(key.unit.value, key.destination.value).step() ? select.text(0) : std::string();
}

}  // namespace gateway
