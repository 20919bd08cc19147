#pragma once
// What happened to a row of the outbox, for the person who asks why: the newest entries of each, bounded in
// number. No patient data but what an explanation of ours says. Storage thread only.

#include "gateway/outbox_row.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// Never renumbered: the numbers are in databases.
enum class HistoryEvent {
  superseded,   // a newer snapshot replaced it before it was delivered
  stopped,      // held or rejected by ourselves
  delivered,    // the destination accepted it
  promised,     // 202
  postponed,    // it will be sent again: 408, 429, 5xx
  answer_lost,  // nobody knows whether it was stored
  refused,      // by the destination, for its content
  held_by_person,
  released,
  retried,
  dropped,
  retracted,
};

/// "superseded", "stopped" … as `queue show` prints them.
std::string_view name_of(HistoryEvent event);

/// Tells snapshots of one unit apart; nearly every unit has such an entry, and a whole hash would double it.
using HashStart = std::array<unsigned char, 8>;
std::optional<HashStart> start_of(const std::optional<Sha256>& hash);

struct HistoryEntry {
  Instant time;
  HistoryEvent event = HistoryEvent::superseded;
  Operation operation = Operation::register_unit;
  std::optional<HashStart> hash;  // of the snapshot it concerns
  int status = 0;                 // HTTP; 0: there was no answer, or none was asked for
  std::string reason;             // stopped, refused: id of the reason
};

void add_outbox_history(Database& database);

/// The oldest entry goes when there are more than kHistoryKept.
void note_history(Database& database, OutboxKey row, const HistoryEntry& entry);

/// Oldest first.
std::vector<HistoryEntry> history_of(Database& database, OutboxKey row);

constexpr std::int64_t kHistoryKept = 20;

}  // namespace gateway
