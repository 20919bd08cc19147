#pragma once
// A disk in memory under SQLite, whose power can be cut: of what was written to a file since it was last
// synced, every sector of 512 bytes is then as it was or as some write since left it, as a seed says. Names
// of files that were made or deleted since the folder was last synced are there or not.
//
// For one thread and one connection at a time: locks are always granted.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace crash {

class UnsyncedDisk {
 public:
  /// What a sync does: what it must, or as some disks do: nothing, and says that it did.
  enum class Sync { honest, lies };

  /// Every database that is opened from now on lies here.
  explicit UnsyncedDisk(std::uint32_t seed, Sync sync = Sync::honest);
  ~UnsyncedDisk();
  UnsyncedDisk(const UnsyncedDisk&) = delete;
  UnsyncedDisk& operator=(const UnsyncedDisk&) = delete;

  /// After so many more changes nothing reaches the disk and every call fails, until the power is back.
  void cut_power_after(std::int64_t changes);
  void keep_power() { changes_left_.reset(); }
  bool is_cut() const { return cut_; }
  /// Nothing may be open any more.
  void restore_power();

  /// Sectors whose last writes were lost so far.
  std::int64_t lost_sectors() const { return lost_sectors_; }

 private:
  struct Calls;  // what SQLite calls

  /// Bytes written at a place, or with none the new size.
  struct Change {
    std::int64_t place = 0;
    std::optional<std::string> bytes;
  };
  struct Content {
    std::string now;
    std::string synced;
    std::vector<Change> unsynced;
  };
  using Names = std::map<std::string, std::shared_ptr<Content>>;

  /// One more change; false when the power is away. At the cut itself the change is made and never heard of.
  bool change();
  void change(Content& content, Change change);
  void sync(Content& content, bool with_folder);
  void erase(const std::string& name, bool sync_folder);
  void lose_unsynced(Content& content);
  std::uint32_t below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(random_);
  }

  std::unique_ptr<sqlite3_vfs> vfs_;
  std::mt19937 random_;
  Sync sync_;
  Names names_;
  Names synced_names_;
  std::map<std::string, std::vector<std::unique_ptr<char[]>>>
      shared_memory_;  // of the write-ahead log's index
  std::optional<std::int64_t> changes_left_;
  bool cut_ = false;
  int open_files_ = 0;
  std::int64_t lost_sectors_ = 0;
};

}  // namespace crash
