#pragma once
// Folders of one storage are read and compared with the ledger, and so are the new ones that come to light in
// them. One look at a time: an older reading compared after a newer one would bring back what is gone. I/O
// thread; directories are read on the work pool.

#include "gateway/intake_context.h"
#include "gateway/storage_tree.h"
#include "gateway/sweep_counts.h"
#include "gateway/tree_watch.h"
#include "gateway/wakeup.h"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace gateway {

/// How folders are looked at.
struct LookWay {
  bool trust_times = true;  // where the file system can be trusted
  LookRules::Stat stat_files = LookRules::Stat::when_changed;
  enum class Watch { none, new_ones, all };
  Watch watch = Watch::new_ones;
  int deepest_level = kKindLevel;  // new folders below are left for later
  /// A folder that changed later than that is listed again the next time, with the sizes of its files.
  Milliseconds young{0};
};

struct Looked {
  std::size_t folders = 0;
  std::size_t new_documents = 0;
  std::size_t missing = 0;
  std::optional<FolderListing::Outcome> root;  // when it was among them and changed
};

class FolderLook {
 public:
  /// `on_seen` takes what must be settled (maybe nothing: renames and deletes settle nothing, but make units
  /// due). All references outlive the look.
  using OnSeen = std::function<void(const std::vector<Unsettled>&)>;
  FolderLook(boost::asio::any_io_executor executor, const StorageSettings& storage,
             const IntakeContext& context, SweepCounts& counts, OnSeen on_seen);

  boost::asio::awaitable<Looked> look(std::vector<FolderToLookAt> folders, LookWay way);
  void stop();

  /// What is known of the file system: found out at the first sweep, because a dead mount does not answer.
  void use(bool trust_times, Milliseconds time_margin);
  void use(TreeWatch* watch) { watch_ = watch; }

 private:
  struct Read {
    std::vector<FolderListing> listings;
    std::vector<std::pair<int, std::string>> watches;
  };
  boost::asio::awaitable<std::vector<FolderListing>> read(std::vector<FolderToLookAt> folders, LookWay way);
  boost::asio::awaitable<Read> read_once(std::vector<FolderToLookAt> folders, LookWay way);
  boost::asio::awaitable<Observed> compare(std::vector<FolderListing> listings);
  boost::asio::awaitable<void> keep_rate(std::size_t folders);
  boost::asio::awaitable<void> take_turn();
  void pass_turn();
  void report(const Observed& observed);

  const StorageSettings& storage_;
  const IntakeContext& context_;
  SweepCounts& counts_;
  OnSeen on_seen_;
  TreeWatch* watch_ = nullptr;
  bool trust_times_ = false;
  Milliseconds time_margin_{2'000};
  std::chrono::steady_clock::time_point free_again_{};  // by the rate limit
  Wakeup turn_;
  unsigned long next_ticket_ = 0;
  unsigned long serving_ = 0;
  bool stopping_ = false;
};

}  // namespace gateway
