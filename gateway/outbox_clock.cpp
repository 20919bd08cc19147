// What the outbox does about times that this machine's clock told wrongly, and about the quiet time.
#include "gateway/outbox.h"
#include "gateway/stored_instant.h"

namespace gateway {

void Outbox::stay_quiet_until(Instant when) {
  quiet_until_ = when;
  clock_set_.clear();
}

Instant Outbox::quiet_until(const std::string& destination) const {
  Instant until = quiet_until_;
  const auto set = clock_set_.find(destination);
  if (set == clock_set_.end()) return until;
  for (const auto& [told, by] : set->second) until += by;
  return until;
}

void Outbox::clock_was_set(const std::string& destination, Milliseconds by, Instant now) {
  // By its time, once: a write is tried again while the disk fails, and what it did here is not undone like
  // its statements.
  clock_set_[destination].emplace(now, by);
  const auto number = number_of_destination(destination);
  if (!number) return;
  // What was never sent is due at once; what waits after a sending waits as long as before.
  database_
      .prepare(
          "UPDATE delivery SET next_attempt = CASE WHEN sent_at = 0 THEN MIN(next_attempt, ?2) "
          "ELSE next_attempt + ?1 END, sent_at = CASE WHEN sent_at = 0 THEN 0 ELSE sent_at + ?1 END "
          "WHERE destination = ?3 AND next_attempt IS NOT NULL")
      .with(std::int64_t{by.count()}, to_milliseconds(now), number->value)
      .run();
  // A result that is awaited beside a hold, too, has waited as long as before.
  database_
      .prepare(
          "UPDATE delivery SET sent_at = sent_at + ?1 WHERE state IN (?3, ?4) AND destination = ?2 AND "
          "result_location IS NOT NULL AND next_attempt IS NULL")
      .with(std::int64_t{by.count()}, number->value, number_of(OutboxState::held),
            number_of(OutboxState::rejected))
      .run();
  database_
      .prepare(
          "UPDATE delivery SET late_until = late_until + ?1 WHERE destination = ?2 AND late_until IS NOT "
          "NULL")
      .with(std::int64_t{by.count()}, number->value)
      .run();
}

/// The clock may have been set while nothing ran: rows must not wait for one that ran ahead before, results
/// were not asked for in times to come, and what may come late gets its window once more, as long as such a
/// one can be. `destination IN` all of them: the indexes of delivery begin with
/// the destination, and without a word of it SQLite takes none.
void Outbox::forgive_clock(Instant now) {
  for (const Urgency urgency : kUrgencies) {
    database_
        .prepare(
            "UPDATE delivery SET next_attempt = ?1 WHERE destination IN (SELECT number FROM destination) AND "
            "urgency = ?2 AND next_attempt > ?1 + 3600000")
        .with(to_milliseconds(now), static_cast<std::int64_t>(urgency))
        .run();
  }
  database_
      .prepare(
          "UPDATE delivery SET late_until = ?1 + (SELECT MAX(late_window, MIN(late_until - ?1, "
          "MAX(result_patience, 3600000))) FROM destination WHERE number = delivery.destination) "
          "WHERE destination IN (SELECT number FROM destination) AND late_until IS NOT NULL")
      .with(to_milliseconds(now))
      .run();
  database_
      .prepare(
          "UPDATE delivery SET sent_at = ?1 WHERE state IN (?2, ?3, ?4) AND destination IN (SELECT number "
          "FROM destination) AND sent_at > ?1 AND result_location IS NOT NULL")
      .with(to_milliseconds(now), number_of(OutboxState::in_result), number_of(OutboxState::held),
            number_of(OutboxState::rejected))
      .run();
}

}  // namespace gateway
