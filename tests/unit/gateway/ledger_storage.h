#pragma once
// A ledger in memory, and storages that exist in a test's words only: folders with the names of files, swept
// when the test says so.

#include "tests/unit/gateway/state_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gateway::test {

constexpr FileStat kSameStat{100, 1};

// What fill() writes, beside kProblemName.
inline const std::string kPatientFolder = "000/123/0001234";
inline const std::string kLabName = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
inline const std::string kLabUnit = "Observation|0001234|20260401|000000000000001";
inline const std::string kOtherPatientName = "0009999_-_PPR-01_999999999999999_20260402093000123_01_1";

/// The name with another 処理フラグ.
std::string with_flag(std::string name, char flag);

class LedgerStorage {
 public:
  // --- the storage ---

  /// A file where its name says, or in a folder that contradicts it; "" makes the folder alone.
  void write(const std::string& name, const FileStat& stat = kSameStat, const std::string& root = "main");
  void write_in(const std::string& folder, const std::string& name, const FileStat& stat = kSameStat,
                const std::string& root = "main");
  void remove(const std::string& name, const std::string& root = "main");
  void remove_folder(const std::string& folder, const std::string& root = "main");
  void rename(const std::string& from, const std::string& to, const std::string& root = "main");
  bool holds(const std::string& name, const std::string& root = "main") const;
  /// Its permissions are taken away, and given back.
  void shut(const std::string& folder) { shut_.insert(folder); }
  void open(const std::string& folder) { shut_.erase(folder); }
  /// No longer entered, as when settings change.
  void leave_out(const std::string& folder) { left_out_.insert(folder); }
  /// A patient with a problem list and a laboratory report, and another patient, all accepted.
  void fill();
  void change_time(std::int64_t mtime_ns) { mtime_ns_ = mtime_ns; }

  // --- looking at it ---

  /// Everything that is known, and what comes to light.
  Observed sweep(const std::string& root = "main");
  /// One folder, whatever was known of those above it.
  Observed look(const std::string& folder, const std::string& root = "main");
  /// The folder holds these names, and is looked at.
  Observed see_in(const std::string& folder, const std::vector<std::string>& names,
                  const FileStat& stat = kSameStat, const std::string& root = "main");
  std::size_t confirm(const std::string& root = "main");

  /// Accepts it as it is.
  void accept(const std::string& name, const FileStat& stat = kSameStat, const std::string& identity = "",
              const std::string& root = "main");
  /// Accepts whatever is live and settles.
  void accept_all();
  bool refuse(const std::string& name, const ssmix2::Failure& failure);

  // --- what is known of it ---

  DocumentRef ref(const std::string& name, const std::string& root = "main");
  DocumentRef ref_in(const std::string& folder, const std::string& name, const std::string& root = "main");
  FolderId folder_id(const std::string& folder, const std::string& root = "main");
  /// "accepted" ...; "none" when there is no such row.
  std::string state_of(const std::string& name, const std::string& root = "main");
  std::string state_of(const DocumentRef& document);
  std::string state_of_folder(const std::string& folder, const std::string& root = "main");
  std::string refusal_of(const std::string& name);
  bool was_live(const std::string& name);
  std::int64_t live_documents(const std::string& root = "main");
  std::int64_t documents(const std::string& root = "main");
  /// Documents whose content is to be looked at, by name.
  std::vector<std::string> unsettled();
  /// Keys of the due units, which are then done with.
  std::vector<std::string> due();

  StateStore::Contents& state() { return *state_; }
  Ledger& ledger() { return state_->ledger; }
  Units& units() { return state_->units; }
  Instant now() const { return now_; }
  void pass(Instant::duration time) { now_ += time; }
  Instant tick() { return now_ += std::chrono::seconds(1); }

 private:
  using Files = std::map<std::string, FileStat>;
  using Tree = std::map<std::string, Files>;  // by folder; every folder above one is in it, too

  FolderListing listing_of(const FolderToLookAt& folder, const Tree& tree) const;
  Observed observe(const std::string& root, const FolderToLookAt& folder);

  std::unique_ptr<StateStore::Contents> state_ = empty_state();
  std::map<std::string, Tree> trees_;  // by storage
  std::set<std::string> shut_;
  std::set<std::string> left_out_;
  std::int64_t mtime_ns_ = 1;
  Instant now_ = at(0);
};

}  // namespace gateway::test
