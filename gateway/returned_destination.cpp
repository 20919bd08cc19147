#include "gateway/returned_destination.h"

#include "gateway/outbox_row.h"
#include "gateway/stored_instant.h"
#include "gateway/unit_builder.h"

#include <vector>

namespace gateway {
namespace {

// By its index of states: rows that are delivered are not there. 0 is PersonHold::none.
constexpr std::string_view kHoldUnfinished = R"sql(
UPDATE delivery SET state = ?1, next_attempt = NULL, reason = 'returned', explanation =
    'the destination was out of the settings; the unit is made again from the storage', answer = NULL,
    rules = NULL, first_time = ?2, last_time = ?2
WHERE state IN (?3, ?4, ?5) AND destination = (SELECT number FROM destination WHERE id = ?6) AND by_person = 0
    AND (SELECT kind FROM unit WHERE id = delivery.unit) = ?7
)sql";
// By the same index.
constexpr std::string_view kNeverSent = R"sql(
SELECT delivery.unit, delivery.destination FROM delivery JOIN outbox USING (unit, destination)
WHERE state = ?1 AND destination = (SELECT number FROM destination WHERE id = ?2) AND by_person = 0
    AND transmissions = 0 AND (SELECT kind FROM unit WHERE id = delivery.unit) = ?3
)sql";
constexpr std::string_view kDropBodiesOfHeld = R"sql(
DELETE FROM body WHERE (unit, destination) IN (SELECT unit, destination FROM delivery
    WHERE state = ?1 AND destination = (SELECT number FROM destination WHERE id = ?2))
)sql";

/// Nothing more is made of it: it would be sent as it was, and never corrected. What was sent once goes on.
void forget_never_sent(Database& database, const DestinationSettings& destination, std::int64_t kind) {
  std::vector<OutboxKey> never_sent;
  {
    auto select = database.prepare(kNeverSent);
    select.with(number_of(OutboxState::pending), std::string_view(destination.id), kind);
    while (select.step()) never_sent.push_back({{select.integer(0)}, {select.integer(1)}});
  }
  for (const OutboxKey key : never_sent) erase_outbox_row(database, key);
}

}  // namespace

void hold_until_made_again(Database& database, const DestinationSettings& destination, Instant now) {
  const auto held = number_of(OutboxState::held);
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    const auto number = static_cast<std::int64_t>(kind.kind);
    if (!takes(destination, kind.kind)) {
      forget_never_sent(database, destination, number);
      continue;
    }
    database.prepare(kHoldUnfinished)
        .with(held, to_milliseconds(now), number_of(OutboxState::pending), number_of(OutboxState::in_result),
              number_of(OutboxState::unknown), std::string_view(destination.id), number)
        .run();
  }
  database.prepare(kDropBodiesOfHeld).with(held, std::string_view(destination.id)).run();
}

}  // namespace gateway
