#pragma once
// States of an outbox row and the one table of its transitions.

#include <cstdint>
#include <string_view>

namespace gateway {

/// Never renumbered: the numbers are in databases.
enum class OutboxState { pending, in_result, unknown, held, rejected, delivered };

enum class OutboxEvent {
  newer_snapshot,      // the unit's content changed, or it became empty
  hold,                // the unit must not be sent
  unfit,               // its content breaks the destination's profile: refused by ourselves
  already_there,       // the destination has exactly this content: nothing to send
  confirmed,           // the destination accepted the newest
  confirmed_in_doubt,  // it accepted the newest, but may yet carry out an older request that we gave up
  confirmed_older,     // it accepted what was sent, but that is no longer what it should have
  result_promised,     // 202
  postponed,           // 408, 429, 5xx, or the destination is paused
  failed_there,        // the promised result is that the operation failed, and may be tried again
  answer_lost,         // it may have been stored
  refused,             // the newest was refused for its content
  refused_older,       // what was refused is no longer the newest
  retried,             // a person wants what was refused to be sent once more
};

/// Total: every event has a place in every state.
OutboxState after(OutboxState state, OutboxEvent event);

/// Whether there is something to send or to ask: pending, in-result, unknown.
bool is_unfinished(OutboxState state);

/// "pending", "in-result" … as in `status`.
std::string_view name_of(OutboxState state);

/// In the database a state is a small number: its place in the enum.
std::int64_t number_of(OutboxState state);
OutboxState outbox_state_of(std::int64_t number);

}  // namespace gateway
