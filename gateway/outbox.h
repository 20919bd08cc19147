#pragma once
// What each destination should have and what it has: one row a (destination, report unit). Storage thread
// only.

#include "gateway/destination.h"
#include "gateway/disposition.h"
#include "gateway/outbox_state.h"
#include "gateway/sqlite.h"
#include "gateway/unit_builder.h"

#include <map>
#include <optional>
#include <string>

namespace gateway {

/// One request to make. Written down as sent before it leaves, so that a crash in between counts as a lost
/// answer.
struct Claim {
  enum class Step {
    register_unit,
    delete_unit,
    ask_result,
  };
  std::int64_t row = 0;
  Step step = Step::register_unit;
  Operation operation = Operation::register_unit;  // to make, or whose result to ask for
  std::string unit;
  std::string bundle_id;
  std::string body;             // register_unit
  std::string result_location;  // ask_result
  Milliseconds waited{0};       // ask_result: since the operation was sent
  int attempts = 0;             // before this one
};

struct OutboxCounts {
  std::map<OutboxState, std::int64_t> by_state;
  std::optional<Instant> oldest_pending;

  std::int64_t of(OutboxState state) const;
  std::int64_t unfinished() const;  // pending, in-result, unknown
};

class Outbox {
 public:
  Outbox(Database& database, TimeZone zone) : database_(database), zone_(zone) {}

  /// Takes the snapshots of a built unit; the caller opens the transaction. Unchanged content does nothing.
  void put(const BuiltUnit& built, Instant now);

  /// Whether some destination may have the unit: emptying it would delete there.
  bool was_sent(const std::string& unit);

  /// The row that is due the longest, marked as being sent and committed. At most one claim a unit at a time.
  std::optional<Claim> claim(const std::string& destination, Instant now);

  /// What became of a claim; `next_attempt` counts for everything that is not final. Commits.
  void record(const Claim& claim, Verdict verdict, const Answer& answer, Instant next_attempt, Instant now);

  std::optional<Instant> next_attempt(const std::string& destination);

  /// After a start: a claim that was never recorded is a lost answer.
  std::int64_t recover(Instant now);

  OutboxCounts counts(const std::string& destination);

  void set_paused(const std::string& destination, std::optional<Instant> since, const SafeText& explanation);

 private:
  struct Row {
    std::int64_t id = 0;
    std::string operation;
    OutboxState state = OutboxState::pending;
    std::string content_hash;
    std::int64_t transmissions = 0;
    std::string sent_operation;
    std::string sent_hash;
    std::string sent_identifier;
    std::string accepted_hash;
    bool result_awaited = false;
  };

  std::optional<Row> find(const std::string& destination, const std::string& unit);
  Row load(std::int64_t id);
  void put_one(const std::string& destination, const BuiltUnit& built, const Snapshot& snapshot, Instant now);
  void insert(const std::string& destination, const BuiltUnit& built, const Snapshot& snapshot, Instant now);
  void replace(const Row& row, const Snapshot& snapshot, Instant now);
  void hold(const Row& row, const ssmix2::Failure& reason, Instant now);
  void set_state(std::int64_t id, OutboxState state, Instant now);

  Database& database_;
  TimeZone zone_;
};

}  // namespace gateway
