#pragma once
// Documents between their sighting and their acceptance. SS-MIX2 writers open the final name and write in
// place, so a file is taken only when it looks the same at two looks `settle` apart and is structurally
// complete. I/O thread only.

#include "gateway/ledger.h"
#include "gateway/settings.h"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace gateway {

/// When to look at which document: pure bookkeeping, the clock is the caller's.
class Settler {
 public:
  using Clock = std::chrono::steady_clock;

  /// `settle` of every storage, by id.
  explicit Settler(std::map<std::string, Milliseconds> settle) : settle_(std::move(settle)) {}

  /// Seen for the first time, or seen to have changed: its time begins anew.
  void see(const Unsettled& document, Clock::time_point now);

  /// Documents whose second look is due, at most `limit`. They stay until postpone() or forget().
  std::vector<Unsettled> due(Clock::time_point now, std::size_t limit);

  /// The look found something unfinished: look again later. True when patience is at its end, so that what is
  /// there must be taken or refused; patience is 30 times `settle` from the last change.
  bool postpone(const DocumentRef& document, Clock::time_point now);

  /// Whether it still waits in the state that was looked at: a change seen meanwhile makes the look
  /// worthless.
  bool is_current(const Unsettled& document) const;
  bool knows(const DocumentRef& document) const { return waiting_.contains(document); }
  void forget(const DocumentRef& document);
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  std::optional<Clock::time_point> next_look() const;

 private:
  struct Waiting {
    FileStat stat;
    Clock::time_point since;
    Clock::time_point next_look;
    Milliseconds wait;
  };
  Milliseconds settle_of(const std::string& root) const;
  void look_at(const DocumentRef& document, Waiting& waiting, Clock::time_point when);

  std::map<std::string, Milliseconds> settle_;
  std::map<DocumentRef, Waiting> waiting_;
  std::set<std::pair<Clock::time_point, DocumentRef>> queue_;  // the same, by next_look
};

}  // namespace gateway
