#pragma once
// Step 1 of a file's path: one storage, swept again and again, with inotify's hints in between. What it sees
// is compared with the ledger; what is new or changed goes on to be settled. I/O thread; directories are read
// on the work pool.

#include "gateway/intake_context.h"
#include "gateway/storage_tree.h"
#include "gateway/tree_watch.h"
#include "gateway/wakeup.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gateway {

class Sightings {
 public:
  /// `on_seen` takes what must be settled (maybe nothing: renames and deletes settle nothing, but make units
  /// due).
  using OnSeen = std::function<void(const std::vector<Unsettled>&)>;
  Sightings(boost::asio::any_io_executor executor, const StorageSettings& storage,
            const IntakeContext& context, OnSeen on_seen);

  // Both run until stop().
  boost::asio::awaitable<void> run_sweeps();
  boost::asio::awaitable<void> run_hints();
  void stop();

  /// The storage was seen whole at least once since the start.
  bool swept() const { return swept_; }

 private:
  /// What one sweep came by.
  struct Seen {
    std::set<std::string> folders;
    std::vector<std::string> unreadable;
  };
  boost::asio::awaitable<void> sweep();
  boost::asio::awaitable<bool> sweep_below(std::string folder, int level, std::shared_ptr<Seen> seen);
  boost::asio::awaitable<void> look_at(std::string folder, bool subtree);
  boost::asio::awaitable<SubtreeListing> list(std::string folder, int levels);
  boost::asio::awaitable<void> observe(std::vector<FolderListing> folders);
  boost::asio::awaitable<bool> observe_lost_folders(std::shared_ptr<const Seen> seen);
  boost::asio::awaitable<void> wait_for_turn();
  void note_swept();
  void note_outage(const SafeText& reason);
  void note_unreadable(std::size_t folders) const;
  SafeText storage_id() const { return SafeText::vouched(storage_.id); }

  const StorageSettings& storage_;
  const IntakeContext& context_;
  OnSeen on_seen_;
  std::optional<TreeWatch> watch_;
  Wakeup sweep_now_;
  Wakeup turn_free_;
  bool turn_taken_ = false;  // somebody reads folders and compares them
  bool swept_ = false;
  bool outage_ = false;
  bool stopping_ = false;
};

}  // namespace gateway
