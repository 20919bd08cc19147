#pragma once
// Requests that we gave up and that a destination may yet carry out: a server stores what it has read though
// the connection is gone, seconds later. While one is out that would leave something else there than what
// was accepted since, nobody knows what stands. Pure; of one row.

#include "gateway/instant.h"
#include "gateway/outbox_row.h"

namespace gateway {

/// The last sending of the row was given up at `now`. `window`: how long such a request may still be carried
/// out.
void note_given_up(OutboxRow& row, Instant now, Milliseconds window);

/// Nothing that was given up can be carried out any more: it was, or it never will be. Before a sending, not
/// after it: what could come late when it left counts for its answer.
void forget_expired(OutboxRow& row, Instant now);

/// The last sending was accepted, but a request that was still out would undo it.
bool is_in_doubt(const OutboxRow& row);

/// A late request may have put, or may yet put, another person's there than the last sending.
bool is_perhaps_another_person(const OutboxRow& row);

/// What may stand there when the late ones have been carried out: whose it may be.
std::optional<PersonMark> person_in_doubt(const OutboxRow& row);

}  // namespace gateway
