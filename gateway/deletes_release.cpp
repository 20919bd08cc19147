#include "gateway/deletes_release.h"

#include "gateway/outbox_state.h"

#include <vector>

namespace gateway {

ReleasedDeletes release_deletes(Database& database, Ledger& ledger, Units& units, const std::string& storage,
                                Instant now) {
  ReleasedDeletes released;
  ledger.tally().set(storage, kDeletesReleased, now.time_since_epoch().count());
  // Judged storage by storage when they are planned: those of another are held again.
  std::vector<UnitId> held;
  {
    auto select = database.prepare("SELECT DISTINCT unit FROM delivery WHERE state = ? AND reason = ?");
    select.with(number_of(OutboxState::held), kind_of(ssmix2::FailureCode::gate_mass_delete).id);
    while (select.step()) held.push_back({select.integer(0)});
  }
  for (const UnitId unit : held) units.mark_due(unit, now);
  released.units = static_cast<std::int64_t>(held.size());
  const Ledger::Losses losses = ledger.losses(storage);
  // A storage without any document is away: nobody can tell what of it will be missing when it comes back.
  released.missing = losses.documents < losses.live ? losses.documents : 0;
  ledger.tally().set(storage, kMissingReleased, released.missing);
  return released;
}

Instant deletes_released_until(Database& database, const std::string& storage) {
  return Instant(Milliseconds(Tally(database).get(storage, kDeletesReleased)));
}

std::int64_t missing_released(Database& database, const std::string& storage) {
  return Tally(database).get(storage, kMissingReleased);
}

void end_missing_release(Database& database, const std::string& storage) {
  if (missing_released(database, storage) > 0) Tally(database).set(storage, kMissingReleased, 0);
}

}  // namespace gateway
