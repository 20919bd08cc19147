#pragma once
// The folders of the storages as they were listed last, kept in the database: what a sweep compares with, and
// which folders a tier of the sweep looks at. Storage thread only.

#include "gateway/instant.h"
#include "gateway/sqlite.h"
#include "gateway/storage_tree.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct KnownFolder {
  enum class State {
    there = 0,
    missing = 1,     // its parent no longer names it; the end of the sweep decides what that means
    gone = 2,        // and it was decided: its documents vanished
    unreadable = 3,  // it is there and cannot be listed
  };
  FolderId id;
  std::string name;
  std::int64_t mtime_ns = 0;
  State state = State::there;
};

/// Which of a storage's patients and folders are looked at: the rule of the tiers in one place.
struct FolderTier {
  /// Patients with something new since then; nothing: all.
  std::optional<Instant> patients_since = {};
  /// Of their folders the undated ones, those that changed since then, and those of these dates; nothing:
  /// all.
  std::optional<Instant> folders_since = {};
  std::vector<std::string> dates = {};
  bool patient_folder_only = false;  // new dates of a patient show there
};

class KnownFolders {
 public:
  explicit KnownFolders(Database& database) : database_(database) {}

  /// The root's row is made when it is not there.
  FolderToLookAt root(const std::string& storage);
  FolderToLookAt add(const FolderToLookAt& parent, const std::string& name);
  /// A patient's folder gets its patient once, when it is added.
  void bind_patient(const FolderToLookAt& folder, const std::string& storage, std::int64_t patient);

  std::vector<KnownFolder> children(FolderId folder);
  KnownFolder::State state_of(FolderId folder);
  /// Nothing was known of what lies in it, as of now: a FolderToLookAt may have waited while a hint was
  /// quicker.
  bool is_new(FolderId folder);
  void set_state(FolderId folder, KnownFolder::State state);
  /// `mtime_ns` 0: list it again, whatever its time is.
  void set_listed(FolderId folder, std::int64_t mtime_ns);
  void touch(FolderId patient_folder, Instant when);
  /// It is listed again by the next sweep that comes by, whatever its time is.
  void forget_time(FolderId folder);
  FolderId parent_of(FolderId folder);
  /// Nothing was ever known of what lies in it: it is as if it had not been seen.
  void forget(FolderId folder);
  /// Every folder of the storage is listed again: what is wanted of them has changed.
  void forget_times(const std::string& storage);

  /// The folder, or the deepest known one above it.
  FolderToLookAt nearest(const std::string& storage, std::string_view path);
  FolderToLookAt find(FolderId folder);
  std::string storage_of(FolderId folder);

  /// Root and both levels of digits.
  std::vector<FolderToLookAt> upper(const std::string& storage, std::optional<Instant> since);

  /// Patients behind `after`, in the order in which they were found, with the folders of the tier below them;
  /// at least one patient, and no more when `enough` folders are there.
  struct Batch {
    std::vector<FolderToLookAt> folders;
    std::size_t patients = 0;
    FolderId last;  // 0: there was none
  };
  Batch patients(const std::string& storage, FolderId after, const FolderTier& tier, std::size_t enough);
  std::int64_t count_patients(const std::string& storage);

 private:
  struct Climbed {
    std::string path;
    int level;
    FolderId patient;
    std::string storage;
  };
  Climbed climb(FolderId folder);
  void add_folders_of(const FolderToLookAt& patient, const FolderTier& tier,
                      std::vector<FolderToLookAt>& folders);

  Database& database_;
};

}  // namespace gateway
