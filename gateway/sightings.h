#pragma once
// Step 1 of a file's path: one storage, swept again and again in tiers, with hints in between. What is seen
// is compared with the ledger; what is new or changed goes on to be settled. I/O thread.
//
//   hot   every sweep-interval: what was touched within a week
//   warm  every warm-interval: every patient's folder, and all folders of patients seen within 90 days
//   cold  once in cold-interval, in slices: everything is listed whatever its times say, with sizes
//   all   at the start: everything, by its times where they can be trusted
// Hints (inotify, the transaction storage, a second look at what was accepted lately) only say where to look.

#include "gateway/folder_look.h"
#include "gateway/intake_context.h"
#include "gateway/storage_gates.h"
#include "gateway/sweep_counts.h"
#include "gateway/transaction_tail.h"
#include "gateway/tree_watch.h"
#include "gateway/wakeup.h"

#include <optional>
#include <string>
#include <vector>

namespace gateway {

class Sightings {
 public:
  Sightings(boost::asio::any_io_executor executor, const StorageSettings& storage,
            const IntakeContext& context, FolderLook::OnSeen on_seen);

  // All run until stop().
  boost::asio::awaitable<void> run_sweeps();
  boost::asio::awaitable<void> run_watch();
  boost::asio::awaitable<void> run_transactions();
  void stop();

  /// Sizes and times once more of what was accepted in these folders.
  boost::asio::awaitable<void> look_again(std::vector<FolderToLookAt> folders);

  const std::string& storage_name() const { return storage_.id; }
  const StorageSettings& storage() const { return storage_; }
  const SweepCounts& counts() const { return counts_; }

  /// The storage was seen whole at least once since the start.
  bool swept() const { return swept_; }
  /// It was seen whole once, now or before the last start, in today's scope: no list has a hole.
  bool known() const { return known_; }

 private:
  boost::asio::awaitable<void> prepare();
  boost::asio::awaitable<void> sweep_all();
  boost::asio::awaitable<bool> sweep_hot();
  boost::asio::awaitable<void> sweep_warm();
  boost::asio::awaitable<void> sweep_cold_slice();
  boost::asio::awaitable<bool> look_at_upper(std::optional<Instant> since, LookWay way);
  boost::asio::awaitable<void> look_at_patients(FolderTier tier, LookWay way);
  boost::asio::awaitable<void> note_load(std::int64_t patients_listed);
  boost::asio::awaitable<void> sweep_hot_when_due();
  boost::asio::awaitable<void> look_at_paths(std::vector<std::string> paths, LookWay way);
  boost::asio::awaitable<void> count_transactions(std::string name, const TransactionBatch& batch);
  boost::asio::awaitable<bool> note_away(std::optional<FolderListing::Outcome> root);
  boost::asio::awaitable<bool> judge();
  boost::asio::awaitable<void> note_swept();
  SafeText storage_id() const { return SafeText::vouched(storage_.id); }

  using Clock = std::chrono::steady_clock;

  const StorageSettings& storage_;
  const IntakeContext& context_;
  FolderLook::OnSeen on_seen_;
  SweepCounts counts_;
  FolderLook look_;
  StorageGates gates_;
  std::optional<TreeWatch> watch_;
  Wakeup wake_;
  bool prepared_ = false;
  bool known_about_ = false;  // the log said what it is like
  bool swept_ = false;
  bool known_ = false;
  bool stopping_ = false;
  Clock::time_point next_hot_{};
  Clock::time_point next_warm_{};
  Clock::time_point last_cold_ = Clock::now();
};

}  // namespace gateway
