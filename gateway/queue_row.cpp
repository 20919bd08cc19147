#include "gateway/queue_row.h"

#include "gateway/queue_selection.h"
#include "gateway/schema.h"

#include <algorithm>

namespace gateway {
namespace {

/// What was ordered, also while it is still on its way; empty: nothing.
std::string_view name_of(PersonHold order) {
  switch (order) {
    case PersonHold::none:
      return {};
    case PersonHold::hold:
      return "hold";
    case PersonHold::retract:
      return "retract";
    case PersonHold::dropped:
      return "drop";
  }
  return {};
}

void write_time(JsonWriter& writer, std::string_view name, const std::optional<Instant>& time,
                const TimeZone& zone) {
  write_or_null(writer, name, time ? to_fhir_instant(*time, zone) : std::string());
}

}  // namespace

QueueRows::QueueRows(Database& database)
    : database_(database), institution_(institution_number(database)), salt_(label_salt(database)) {
  auto select = database.prepare("SELECT number, id FROM destination");
  while (select.step()) destinations_.emplace(DestinationNumber{select.integer(0)}, select.text(1));
}

std::optional<QueueRow> QueueRows::find(OutboxKey key) {
  auto row = find_outbox_row(database_, key);
  const auto known = row ? Units(database_).find(key.unit) : std::nullopt;
  const auto destination = destinations_.find(key.destination);
  if (!known || destination == destinations_.end()) return std::nullopt;
  QueueRow found;
  found.row = std::move(*row);
  found.destination = destination->second;
  const auto& kind = info(known->unit.kind);
  found.type = kind.resource_type;
  found.label = label(salt_, known->unit.key()).str();
  if (known->year) found.bundle_id = bundle_id(institution_, *known->year, kind.letter, known->unit.key());
  auto since = database_.prepare(std::string("SELECT ") + kSinceColumn +
                                 " FROM outbox LEFT JOIN delivery USING (unit, destination) "
                                 "WHERE outbox.unit = ? AND outbox.destination = ?");
  if (since.with(key.unit.value, key.destination.value).step())
    found.since = Instant(Milliseconds(since.integer(0)));
  return found;
}

void write_queue_row(JsonWriter& writer, const QueueRow& found, const TimeZone& zone, Instant now) {
  const OutboxRow& row = found.row;
  const bool has_reason = !row.reason.empty();
  write_or_null(writer, "bundle_id", found.bundle_id);
  write(writer, "unit", found.label);
  write(writer, "destination", found.destination);
  write(writer, "type", found.type);
  write(writer, "state", name_of(row.state));
  write(writer, "operation", row.operation == Operation::delete_unit ? "delete" : "register");
  write_or_null(writer, "by_person", name_of(row.by_person));
  write_or_null(writer, "reason", row.reason);
  write_words(writer, "rules", row.rules);
  write_time(writer, "first_time", has_reason ? std::optional(row.first_time) : std::nullopt, zone);
  write_time(writer, "last_time", has_reason ? std::optional(row.last_time) : std::nullopt, zone);
  write(writer, "attempts", row.attempts);
  write(writer, "age_seconds",
        std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(now - found.since).count()));
  const bool goes_on = is_unfinished(row.state);
  write_time(writer, "next_attempt", goes_on ? row.next_attempt : std::nullopt, zone);
}

}  // namespace gateway
