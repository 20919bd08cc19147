#pragma once
// Steps 5 to 7 of a file's path: due report units are planned, built and committed to the outbox, in batches
// of one transaction. I/O thread; planning and committing on the storage thread, building on the work pool.

#include "gateway/intake_context.h"
#include "gateway/reading_counts.h"
#include "gateway/unit_builder.h"
#include "gateway/wakeup.h"

#include <functional>
#include <vector>

namespace gateway {

/// The next batch: what is due, and only while nothing is some of what `remap` asked for.
std::vector<DueUnit> next_units(Units& units, Instant now);

class UnitWork {
 public:
  /// `may_build`: not before every storage was seen whole once, because a list made of half its documents has
  /// a hole.
  UnitWork(boost::asio::any_io_executor executor, const IntakeContext& context,
           std::function<bool()> may_build, std::function<void()> on_new_rows,
           std::function<void(const DocumentRef&)> on_changed_document);

  void wake() { bell_.ring(); }
  /// Runs until stop().
  boost::asio::awaitable<void> run();
  void stop();

  const BuildingCounts& counts() const { return counts_; }

  /// Nothing is due now and nothing is being built.
  boost::asio::awaitable<bool> idle();

 private:
  struct Planned {
    DueUnit due;
    UnitPlan plan;
  };
  struct Batch {
    bool anything = false;  // also when all of it has to wait
    std::vector<Planned> planned;
  };
  boost::asio::awaitable<bool> work_off_batch();
  boost::asio::awaitable<Batch> plan();
  boost::asio::awaitable<void> commit(std::vector<Planned> planned, std::vector<BuiltUnit> built);
  void log_built(const BuiltUnit& built) const;

  const IntakeContext& context_;
  std::function<bool()> may_build_;
  std::function<void()> on_new_rows_;
  std::function<void(const DocumentRef&)> on_changed_document_;
  PlanSettings plan_settings_;
  Wakeup bell_;
  BuildingCounts counts_;
  bool working_ = false;
  bool stopping_ = false;
};

}  // namespace gateway
