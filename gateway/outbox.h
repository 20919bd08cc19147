#pragma once
// What each destination should have and what it has: one row a (destination, report unit). Storage thread
// only.

#include "gateway/disposition.h"
#include "gateway/outbox_row.h"
#include "gateway/timeliness.h"
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
  OutboxKey row;
  Step step = Step::register_unit;
  Operation operation = Operation::register_unit;  // to make, or whose result to ask for
  std::string unit;                                // ReportUnit::key(), for labels
  std::string bundle_id;
  std::string body;             // register_unit
  std::string result_location;  // ask_result
  Milliseconds waited{0};       // ask_result: since the operation was sent
  int attempts = 0;             // before this one
};

/// What became of a claim.
struct Recorded {
  Verdict verdict = Verdict::unknown;  // that counted; `later` for a refusal that a sending of our own mends
  std::optional<Changes::Accepted> accepted;  // the change of documents that ends with it
};

/// How long a request may still be carried out after it was given up: settings of the destination.
struct LateWindows {
  Milliseconds usual;
  Milliseconds of_promise;  // at most, of one that was answered by the promise of a result
};

struct OutboxCounts {
  std::map<OutboxState, std::int64_t> by_state;
  std::optional<Instant> oldest_pending;

  std::int64_t of(OutboxState state) const;
  std::int64_t unfinished() const;  // pending, in-result, unknown
};

/// Of a destination that nothing was put for yet: zeros. Reads the rows that are not delivered, however many
/// are.
OutboxCounts count_outbox(Database& database, const std::string& destination);

class Outbox {
 public:
  Outbox(Database& database, Units& units, TimeZone zone) : database_(database), units_(units), zone_(zone) {}

  /// Takes the snapshots of a built unit; the caller opens the transaction. Of unchanged content only the
  /// version of the rules is noted.
  void put(UnitId unit, const BuiltUnit& built, Instant now, Urgency urgency = Urgency::change);

  /// Whether some destination may have the unit: emptying it would delete there.
  bool was_sent(UnitId unit);

  /// Of the most urgent rows the one that is due the longest, or in every fourth claim the shortest, marked
  /// as being sent. At most one claim a unit at a time. Nothing may leave before the commit.
  std::optional<Claim> claim(const std::string& destination, Instant now);

  /// What became of a claim; `next_attempt` counts for everything that is not final.
  Recorded record(const Claim& claim, Verdict verdict, const Answer& answer, Instant next_attempt,
                  Instant now);

  std::optional<Instant> next_attempt(const std::string& destination);

  /// After a start: a claim that was never recorded is a lost answer.
  std::int64_t recover(Instant now);

  /// This machine's clock was set, forward by `by` or back; it shows `now` since. The caller opens the
  /// transaction.
  void clock_was_set(const std::string& destination, Milliseconds by, Instant now);

  OutboxCounts counts(const std::string& destination) { return count_outbox(database_, destination); }

  void set_late_windows(const std::string& destination, const LateWindows& windows);

  /// Until then nothing is claimed: requests of which this state knows nothing may still be carried out. A
  /// clock that is set meanwhile neither ends nor lengthens that, before the next reload or start.
  void stay_quiet_until(Instant when);

  void set_paused(const std::string& destination, std::optional<Instant> since, const SafeText& explanation);

 private:
  /// What goes with a snapshot into the outbox.
  struct Making {
    MappingVersionId mapping;
    Urgency urgency = Urgency::change;
    bool known_before = false;  // to an earlier database, which may have sent it
    Instant now;
  };
  std::optional<DestinationNumber> number_of_destination(const std::string& destination);
  DestinationNumber destination_row(const std::string& destination);
  std::optional<OutboxRow> next_row(DestinationNumber destination, Instant now);
  std::optional<UnitId> next_unit(DestinationNumber destination, Instant now);
  void forgive_clock(Instant now);
  LateWindows late_windows(DestinationNumber destination);
  void note_outcome(const OutboxRow& row, Verdict verdict, const Answer& answer, Instant now);
  void put_one(OutboxKey key, const Snapshot& snapshot, const Making& making);
  void insert(OutboxKey key, const Snapshot& snapshot, const Making& making);
  std::string render(const OutboxRow& row);
  Instant quiet_until(const std::string& destination) const;

  Database& database_;
  Units& units_;
  TimeZone zone_;
  std::uint64_t claims_ = 0;
  Instant quiet_until_;
  /// Since then, by the destination for which it was told, and when.
  std::map<std::string, std::map<Instant, Milliseconds>> clock_set_;
};

}  // namespace gateway
