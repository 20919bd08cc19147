#pragma once
// One row of the outbox: what a destination should have of a report unit, and how far that is. Kept in two
// tables: `outbox` for ever, `delivery` only until it is delivered. Storage thread only.

#include "gateway/destination.h"
#include "gateway/digest.h"
#include "gateway/instant.h"
#include "gateway/mapping_version.h"
#include "gateway/outbox_state.h"
#include "gateway/sqlite.h"
#include "gateway/units.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// A destination's row: its id is a text of the settings.
struct DestinationNumber {
  std::int64_t value = 0;
  friend auto operator<=>(DestinationNumber, DestinationNumber) = default;
};

struct OutboxKey {
  UnitId unit;
  DestinationNumber destination;
};

/// Stands for an insured identifier where only sameness counts: 64 bits of its hash.
struct PersonMark {
  std::int64_t value = 0;
  /// Nothing for an empty identifier.
  static std::optional<PersonMark> of(std::string_view insured_identifier);
  /// One of several: not the same as any of them.
  static constexpr PersonMark somebody() { return {0}; }
  friend auto operator<=>(PersonMark, PersonMark) = default;
};

/// What may stand at a destination.
struct StoredContent {
  std::optional<Sha256> hash;        // nothing: none that is known
  std::optional<PersonMark> person;  // nothing: nobody's
  friend bool operator==(const StoredContent&, const StoredContent&) = default;
};

/// An operation and, of a register, its content.
struct SentContent {
  Operation operation = Operation::register_unit;
  std::optional<Sha256> hash;
  friend bool operator==(const SentContent&, const SentContent&) = default;
};

/// Requests without a final answer: the destination may carry one out although we gave it up, as long as
/// `until` lies ahead. After that nothing of them can overtake what it accepted.
struct LateRequests {
  Instant until;
  /// What they would leave there; nothing: several, which differ.
  std::optional<SentContent> all;
  std::optional<PersonMark> person;  // whose they would leave there; nothing: nobody's, all are deletes
  friend bool operator==(const LateRequests&, const LateRequests&) = default;
};

/// What a person ordered. Never renumbered: the numbers are in databases.
enum class PersonHold {
  none,
  hold,     // send nothing
  retract,  // delete what is there, then send nothing
  dropped,  // this snapshot is given up
};

struct OutboxRow {
  OutboxKey key;

  // What it should have: the newest snapshot, which is also what it has once that is delivered.
  Operation operation = Operation::register_unit;
  StoredContent newest;  // without a hash: to be deleted, or held before its first snapshot
  std::int64_t transmissions = 0;
  std::int64_t superseded = 0;  // snapshots that were replaced before they were delivered
  MappingVersionId mapping;     // of the newest snapshot

  // How far that is; delivered: nothing below counts.
  OutboxState state = OutboxState::pending;
  Instant snapshot_time;
  std::optional<Instant> next_attempt;  // nothing: none by itself
  std::int64_t attempts = 0;
  Urgency urgency = Urgency::change;
  /// What the destination told us it has, so without a hash while a sending is unanswered; the person is of
  /// what it has or may have.
  StoredContent accepted;
  // The last sending, written before the first byte leaves.
  bool in_flight = false;
  Instant sent_at;
  Operation sent_operation = Operation::register_unit;
  StoredContent sent;
  std::string result_location;  // not empty: a result is awaited, also while the row is held
  std::optional<LateRequests> late;
  PersonHold by_person = PersonHold::none;
  std::string reason;
  std::string explanation;
  std::string rules;  // ids of the profile's rules that it breaks, as the explanation counts them, by spaces
  // Of the reason: when it came up first and last. Without a reason they do not count.
  Instant first_time;
  Instant last_time;
  std::string answer;  // OperationOutcome of a rejection; may hold patient data
};

/// Why a row stands or waits.
struct RowReason {
  std::string id;
  std::string explanation;
  std::string rules;
};
/// The times of a reason that comes again go on.
void set_reason(OutboxRow& row, RowReason reason, Instant now);
void clear_reason(OutboxRow& row);
RowReason reason_of(PersonHold order);

/// The reason of a row that an answer stopped or put off.
constexpr std::string_view kByDestination = "delivery";

/// Whether what we know ourselves, or a person, stopped the row, and not an answer: no answer makes it go on.
bool is_stopped(const OutboxRow& row);

/// What version 5 of the schema adds to 4.
void add_late_requests_and_orders(Database& database);
/// What version 7 adds to 6.
void add_result_patience(Database& database);

std::optional<OutboxRow> find_outbox_row(Database& database, OutboxKey key);
/// Of a row that must be there.
OutboxRow load_outbox_row(Database& database, OutboxKey key);
/// Writes a row that is there.
void save_outbox_row(Database& database, const OutboxRow& row, Instant now);
void insert_outbox_row(Database& database, const OutboxRow& row, Instant now);
void erase_outbox_row(Database& database, OutboxKey key);
/// The newest snapshot came out the same under another version: nothing else of the row changes.
void save_mapping(Database& database, OutboxKey key, MappingVersionId mapping);

/// The body of the newest snapshot, a table of its own: bodies are large and seldom read. Not of a row that
/// is delivered or stopped.
void save_body(Database& database, OutboxKey key, std::string_view body_template);
std::string load_body(Database& database, OutboxKey key);

}  // namespace gateway
