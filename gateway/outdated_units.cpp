#include "gateway/outdated_units.h"

namespace gateway {
namespace {

// The same as shown_of() says of a row that is held or rejected.
constexpr const char* kCount =
    "SELECT COUNT(*), MIN(COALESCE(first_time, snapshot_time)) FROM delivery WHERE destination = ?1 "
    "AND state IN (?2, ?3) AND (accepted_hash IS NOT NULL OR accepted_person IS NOT NULL "
    "OR in_flight <> 0 OR result_location IS NOT NULL OR late_until IS NOT NULL "
    "OR (sent_at > 0 AND sent_operation = 0 AND NOT (state = ?3 AND reason = ?4 AND "
    "(sent_person IS NOT NULL OR (SELECT transmissions FROM outbox WHERE outbox.unit = delivery.unit "
    "AND outbox.destination = delivery.destination) = 1))))";

/// The last thing we know of it is that the destination refused it.
bool is_refused_there(const OutboxRow& row) {
  return row.state == OutboxState::rejected && row.reason == kByDestination;
}

}  // namespace

Shown shown_of(const OutboxRow& row) {
  if (row.accepted.hash) return Shown::accepted;
  if (row.state == OutboxState::delivered) return row.late ? Shown::possibly : Shown::nothing;
  const bool open = row.in_flight || !row.result_location.empty() || row.late;
  if (row.accepted.person || open) return Shown::possibly;
  // Without a sending since it was delivered: what was accepted then was a delete.
  const bool registered = row.sent_at > Instant() && row.sent_operation == Operation::register_unit;
  if (!registered) return Shown::nothing;
  // Whoever has an insured identifier leaves his mark with what is accepted. Of others only the first sending
  // is known to have found nothing there.
  const bool was_the_first = row.sent.person || row.transmissions == 1;
  return is_refused_there(row) && was_the_first ? Shown::nothing : Shown::possibly;
}

OutdatedUnits count_outdated(Database& database, DestinationNumber destination) {
  auto select = database.prepare(kCount);
  select.with(destination.value, number_of(OutboxState::held), number_of(OutboxState::rejected),
              kByDestination);
  OutdatedUnits outdated;
  if (!select.step()) return outdated;
  outdated.units = select.integer(0);
  if (!select.is_null(1)) outdated.oldest = Instant(Milliseconds(select.integer(1)));
  return outdated;
}

}  // namespace gateway
