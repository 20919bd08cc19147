#include "gateway/outbox_orders.h"

#include "gateway/timeliness.h"
#include "ssmix2/check.h"

#include <array>
#include <cstddef>

namespace gateway {
namespace {

constexpr std::array<std::string_view, 5> kNames{"hold", "release", "retry", "drop", "retract"};

void stop_for_person(OutboxRow& row, PersonHold order, OutboxEvent event, Instant now) {
  row.by_person = order;
  row.state = after(row.state, event);
  set_reason(row, reason_of(order), now);
}

/// Nobody can say what stands there, or there is nothing because a delete made way for what waits.
bool is_halfway(const OutboxRow& row) {
  const bool made_way = row.transmissions > 0 && row.sent_operation == Operation::delete_unit &&
                        row.operation == Operation::register_unit && row.sent.hash == row.newest.hash;
  return row.in_flight || !row.result_location.empty() || row.late || made_way;
}

/// Held before its first snapshot, or since a restore that believes none: what comes next is compared with
/// nothing, and would be sent.
bool is_unmade(const OutboxRow& row) {
  return row.state == OutboxState::held && !row.newest.hash;
}

}  // namespace

std::string_view name_of(PersonOrder order) {
  return kNames[static_cast<std::size_t>(order)];
}

OrderResult OutboxOrders::give(OutboxKey key, PersonOrder order, Instant now) {
  OutboxRow row = load_outbox_row(database_, key);
  switch (order) {
    case PersonOrder::hold:
      return hold(std::move(row), now);
    case PersonOrder::release:
      return release(std::move(row), now);
    case PersonOrder::retry:
      return retry(std::move(row), now);
    case PersonOrder::drop:
      return drop(std::move(row), now);
    case PersonOrder::retract:
      return retract(std::move(row), now);
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return OrderResult::not_possible;
}

OrderResult OutboxOrders::hold(OutboxRow row, Instant now) {
  // What is taken back ends held anyway.
  if (row.by_person == PersonHold::hold || row.by_person == PersonHold::retract)
    return OrderResult::nothing_to_do;
  stop_for_person(row, PersonHold::hold, OutboxEvent::hold, now);
  save(row, HistoryEvent::held_by_person, now);
  return OrderResult::done;
}

OrderResult OutboxOrders::release(OutboxRow row, Instant now) {
  const bool by_person = row.by_person == PersonHold::hold || row.by_person == PersonHold::retract;
  if (!by_person && row.state != OutboxState::held) return OrderResult::nothing_to_do;
  // Nothing is sent by the order itself: what the storage says by now is made anew, and checked again. Until
  // then a delete that was to take it back waits, too: it may not be needed any more.
  if (is_unfinished(row.state)) row.state = after(row.state, OutboxEvent::hold);
  if (by_person) row.by_person = PersonHold::none;
  save(row, HistoryEvent::released, now);
  units_.mark_due(row.key.unit, now);
  return OrderResult::done;
}

OrderResult OutboxOrders::retry(OutboxRow row, Instant now) {
  if (row.state == OutboxState::delivered) return OrderResult::nothing_to_do;
  if (row.state == OutboxState::held || row.by_person == PersonHold::dropped)
    return OrderResult::not_possible;
  if (row.state == OutboxState::rejected && is_stopped(row)) {
    units_.mark_due(row.key.unit, now);  // it breaks the profile: only made anew it can come out another way
  } else {
    if (row.state == OutboxState::rejected) clear_reason(row);
    row.state = after(row.state, OutboxEvent::retried);
    row.next_attempt = now;
    row.attempts = 0;
  }
  save(row, HistoryEvent::retried, now);
  return OrderResult::done;
}

OrderResult OutboxOrders::drop(OutboxRow row, Instant now) {
  if (row.by_person == PersonHold::dropped) return OrderResult::nothing_to_do;
  const bool waits = row.state == OutboxState::pending || row.state == OutboxState::held ||
                     row.state == OutboxState::rejected;
  if (!waits || is_unmade(row) || is_halfway(row) || row.by_person != PersonHold::none)
    return OrderResult::not_possible;
  stop_for_person(row, PersonHold::dropped, OutboxEvent::unfit, now);
  Changes(database_).forget(row.key);
  save(row, HistoryEvent::dropped, now);
  return OrderResult::done;
}

OrderResult OutboxOrders::retract(OutboxRow row, Instant now) {
  if (row.by_person == PersonHold::retract) return OrderResult::nothing_to_do;
  if (row.transmissions == 0) return hold(std::move(row), now);  // nothing is there
  const bool deleted = row.operation == Operation::delete_unit && row.state == OutboxState::delivered;
  if (deleted) return hold(std::move(row), now);
  row.by_person = PersonHold::retract;
  row.operation = Operation::delete_unit;
  row.newest = {};
  row.state =
      after(row.result_location.empty() ? row.state : OutboxState::in_result, OutboxEvent::newer_snapshot);
  row.next_attempt = now;
  row.attempts = 0;
  row.urgency = Urgency::change;
  set_reason(row, reason_of(PersonHold::retract), now);
  save_body(database_, row.key, {});
  Changes(database_).forget(row.key);  // no accepting ends it any more
  save(row, HistoryEvent::retracted, now);
  return OrderResult::done;
}

void OutboxOrders::save(const OutboxRow& row, HistoryEvent event, Instant now) {
  save_outbox_row(database_, row, now);
  note_history(database_, row.key, {now, event, row.operation, start_of(row.newest.hash), 0, row.reason});
}

}  // namespace gateway
