#include "gateway/outbox_row.h"

#include "ssmix2/check.h"

#include <algorithm>

namespace gateway {
namespace {

std::int64_t to_milliseconds(Instant instant) {
  return instant.time_since_epoch().count();
}
Instant to_instant(std::int64_t milliseconds) {
  return Instant(Milliseconds(milliseconds));
}

std::optional<std::int64_t> value_of(const std::optional<PersonMark>& person) {
  return person ? std::optional(person->value) : std::nullopt;
}

/// What is mostly absent is NULL: one byte.
std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Operation operation_at(const Statement& select, int column) {
  return select.integer(column) == 0 ? Operation::register_unit : Operation::delete_unit;
}

/// Its hash stands in `column`, its person beside it.
StoredContent content_at(const Statement& select, int column) {
  StoredContent content;
  if (!select.is_null(column)) {
    const std::string bytes = select.text(column);
    Sha256& hash = content.hash.emplace();
    KAKEHASHI_CHECK(bytes.size() == hash.size());
    std::transform(bytes.begin(), bytes.end(), hash.begin(),
                   [](char byte) { return static_cast<unsigned char>(byte); });
  }
  if (!select.is_null(column + 1)) content.person = PersonMark{select.integer(column + 1)};
  return content;
}

void save_delivery(Database& database, const OutboxRow& row) {
  const auto next_attempt =
      row.next_attempt ? std::optional(to_milliseconds(*row.next_attempt)) : std::nullopt;
  database
      .prepare(
          "INSERT OR REPLACE INTO delivery (unit, destination, state, snapshot_time, next_attempt, attempts, "
          "accepted_hash, accepted_person, in_flight, sent_at, sent_operation, sent_hash, sent_person, "
          "result_location, reason, explanation, answer, urgency) "
          "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .with(row.key.unit.value, row.key.destination.value, number_of(row.state),
            to_milliseconds(row.snapshot_time), is_unfinished(row.state) ? next_attempt : std::nullopt,
            row.attempts, row.accepted.hash, value_of(row.accepted.person), std::int64_t{row.in_flight},
            to_milliseconds(row.sent_at), static_cast<std::int64_t>(row.sent_operation), row.sent.hash,
            value_of(row.sent.person), unless_empty(row.result_location), unless_empty(row.reason),
            unless_empty(row.explanation), unless_empty(row.answer), static_cast<std::int64_t>(row.urgency))
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

std::optional<OutboxRow> find_outbox_row(Database& database, OutboxKey key) {
  auto select = database.prepare(
      "SELECT operation, content_hash, person, transmissions, superseded, state, snapshot_time, "
      "next_attempt, attempts, accepted_hash, accepted_person, in_flight, sent_at, sent_operation, "
      "sent_hash, sent_person, result_location, reason, explanation, answer, urgency, mapping "
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
  return row;
}

OutboxRow load_outbox_row(Database& database, OutboxKey key) {
  auto row = find_outbox_row(database, key);
  KAKEHASHI_CHECK(row.has_value());
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
  if (!delivered) return save_delivery(database, row);
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
  database.prepare("INSERT OR REPLACE INTO body (unit, destination, template) VALUES (?, ?, ?)")
      .with(key.unit.value, key.destination.value, body_template)
      .run();
}

std::string load_body(Database& database, OutboxKey key) {
  auto select = database.prepare("SELECT template FROM body WHERE unit = ? AND destination = ?");
  return select.with(key.unit.value, key.destination.value).step() ? select.text(0) : std::string();
}

}  // namespace gateway
