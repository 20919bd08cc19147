#include "gateway/late_requests.h"

#include <algorithm>

namespace gateway {
namespace {

SentContent last_sent(const OutboxRow& row) {
  const bool registers = row.sent_operation == Operation::register_unit;
  return {row.sent_operation, registers ? row.sent.hash : std::nullopt};
}

std::optional<PersonMark> person_sent(const OutboxRow& row) {
  return row.sent_operation == Operation::register_unit ? row.sent.person : std::nullopt;
}

/// Whose both are; of two who differ nobody can tell.
std::optional<PersonMark> either(std::optional<PersonMark> one, std::optional<PersonMark> other) {
  if (!one || !other) return one ? one : other;
  return one == other ? one : PersonMark::somebody();
}

}  // namespace

void note_given_up(OutboxRow& row, Instant now, Milliseconds window) {
  forget_expired(row, now);
  const SentContent sent = last_sent(row);
  if (!row.late) {
    row.late = {now + window, sent, person_sent(row)};
    return;
  }
  row.late->until = std::max(row.late->until, now + window);
  if (row.late->all != sent) row.late->all.reset();
  row.late->person = either(row.late->person, person_sent(row));
}

void forget_expired(OutboxRow& row, Instant now) {
  if (!row.late || row.late->until > now) return;
  row.accepted.person = either(row.accepted.person, row.late->person);  // it may have come
  row.late.reset();
}

bool is_in_doubt(const OutboxRow& row) {
  return row.late && row.late->all != last_sent(row);
}

bool is_perhaps_another_person(const OutboxRow& row) {
  return row.late && row.late->person && row.late->person != person_sent(row);
}

std::optional<PersonMark> person_in_doubt(const OutboxRow& row) {
  return either(person_sent(row), row.late ? row.late->person : std::nullopt);
}

}  // namespace gateway
