#include "tests/crash/unsynced_vfs.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>
#include <utility>

#include <sqlite3.h>

namespace crash {
namespace {

constexpr std::int64_t kSector = 512;

void apply(std::string& bytes, std::int64_t place, std::string_view written) {
  const auto begin = static_cast<std::size_t>(place);
  if (bytes.size() < begin + written.size()) bytes.resize(begin + written.size());
  bytes.replace(begin, written.size(), written);
}

}  // namespace

/// SQLite's interface: functions with C's names for things, each of which finds its disk.
struct UnsyncedDisk::Calls {
  struct File : sqlite3_file {
    UnsyncedDisk* disk;
    std::shared_ptr<Content> content;
    std::string name;
    bool syncs_folder;  // with its next sync
  };

  static UnsyncedDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<UnsyncedDisk*>(vfs->pAppData); }
  static File& file_of(sqlite3_file* file) { return *static_cast<File*>(file); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    UnsyncedDisk& disk = disk_of(vfs);
    file->pMethods = nullptr;
    if (disk.cut_) return SQLITE_CANTOPEN;
    std::shared_ptr<Content> content;
    bool syncs_folder = false;
    // Without a name it is a temporary file that nobody finds again.
    const auto found = name == nullptr ? disk.names_.end() : disk.names_.find(name);
    if (found != disk.names_.end()) {
      content = found->second;
    } else {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      content = std::make_shared<Content>();
      if (name != nullptr) disk.names_.emplace(name, content);
      // As SQLite does under Linux with the files that it makes beside a database.
      syncs_folder = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    }
    ++disk.open_files_;
    auto* opened = new (file) File{{&methods()}, &disk, content, name == nullptr ? "" : name, syncs_folder};
    opened->pMethods = &methods();
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }

  static int close(sqlite3_file* file) {
    --file_of(file).disk->open_files_;
    file_of(file).~File();
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 place) {
    const File& from = file_of(file);
    if (from.disk->cut_) return SQLITE_IOERR_READ;
    const std::string& content = from.content->now;
    const auto there = std::clamp<std::int64_t>(static_cast<std::int64_t>(content.size()) - place, 0, size);
    if (there > 0) std::memcpy(bytes, content.data() + place, static_cast<std::size_t>(there));
    std::memset(static_cast<char*>(bytes) + there, 0, static_cast<std::size_t>(size - there));
    return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 place) {
    const File& to = file_of(file);
    const std::string written(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    to.disk->change(*to.content, {place, written});
    return to.disk->cut_ ? SQLITE_IOERR_WRITE : SQLITE_OK;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const File& to = file_of(file);
    to.disk->change(*to.content, {size, std::nullopt});
    return to.disk->cut_ ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int /*flags*/) {
    File& of = file_of(file);
    of.disk->sync(*of.content, std::exchange(of.syncs_folder, false));
    return of.disk->cut_ ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  }

  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(file_of(file).content->now.size());
    return file_of(file).disk->cut_ ? SQLITE_IOERR_FSTAT : SQLITE_OK;
  }

  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int is_reserved(sqlite3_file*, int* reserved) {
    *reserved = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

  // As SQLite has them for Linux.
  static int sector_size(sqlite3_file*) { return 4096; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
    const File& of = file_of(file);
    if (of.disk->cut_) return SQLITE_IOERR_SHMMAP;
    auto& regions = of.disk->shared_memory_[of.name];
    *memory = nullptr;
    if (regions.size() <= static_cast<std::size_t>(region) && extend == 0) return SQLITE_OK;
    while (regions.size() <= static_cast<std::size_t>(region)) {
      regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *memory = regions[static_cast<std::size_t>(region)].get();
    return SQLITE_OK;
  }
  static int lock_map(sqlite3_file*, int, int, int) { return SQLITE_OK; }
  static void barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }
  static int unmap(sqlite3_file* file, int erase) {
    if (erase != 0) file_of(file).disk->shared_memory_.erase(file_of(file).name);
    return SQLITE_OK;
  }

  static int erase(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    UnsyncedDisk& disk = disk_of(vfs);
    if (!disk.cut_ && !disk.names_.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
    disk.erase(name, sync_folder != 0);
    return disk.cut_ ? SQLITE_IOERR_DELETE : SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* there) {
    *there = disk_of(vfs).names_.contains(name) ? 1 : 0;
    return disk_of(vfs).cut_ ? SQLITE_IOERR_ACCESS : SQLITE_OK;
  }

  static int full_name(sqlite3_vfs*, const char* name, int size, char* full) {
    sqlite3_snprintf(size, full, "%s", name);
    return SQLITE_OK;
  }

  static int random(sqlite3_vfs* vfs, int size, char* bytes) {
    for (int i = 0; i < size; ++i) bytes[i] = static_cast<char>(disk_of(vfs).below(256));
    return size;
  }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int time(sqlite3_vfs*, double* julian_day) {
    *julian_day = 2461132.0;  // some day; the gateway brings its own times
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  static const sqlite3_io_methods& methods() {
    static constexpr sqlite3_io_methods kMethods{
        2,     close,       read,    write,       truncate,        sync, size,     lock,
        lock,  is_reserved, control, sector_size, characteristics, map,  lock_map, barrier,
        unmap, nullptr,     nullptr};
    return kMethods;
  }
};

UnsyncedDisk::UnsyncedDisk(std::uint32_t seed, Sync sync)
    : vfs_(std::make_unique<sqlite3_vfs>()), random_(seed), sync_(sync) {
  vfs_->iVersion = 1;
  vfs_->szOsFile = sizeof(Calls::File);
  vfs_->mxPathname = 512;
  vfs_->zName = "unsynced";
  vfs_->pAppData = this;
  vfs_->xOpen = Calls::open;
  vfs_->xDelete = Calls::erase;
  vfs_->xAccess = Calls::access;
  vfs_->xFullPathname = Calls::full_name;
  vfs_->xRandomness = Calls::random;
  vfs_->xSleep = Calls::sleep;
  vfs_->xCurrentTime = Calls::time;
  vfs_->xGetLastError = Calls::last_error;
  KAKEHASHI_CHECK(sqlite3_vfs_register(vfs_.get(), 1) == SQLITE_OK);
}

UnsyncedDisk::~UnsyncedDisk() {
  KAKEHASHI_CHECK(open_files_ == 0);
  sqlite3_vfs_unregister(vfs_.get());
}

void UnsyncedDisk::cut_power_after(std::int64_t changes) {
  changes_left_ = changes;
}

bool UnsyncedDisk::change() {
  if (cut_) return false;
  if (changes_left_ && (*changes_left_)-- == 0) cut_ = true;
  return true;
}

void UnsyncedDisk::change(Content& content, Change made) {
  if (!change()) return;
  if (made.bytes) {
    apply(content.now, made.place, *made.bytes);
  } else {
    content.now.resize(static_cast<std::size_t>(made.place));
  }
  content.unsynced.push_back(std::move(made));
}

void UnsyncedDisk::sync(Content& content, bool with_folder) {
  // Cut off in the middle it has done something of its work: that is what the cut does anyway.
  if (!change() || cut_ || sync_ == Sync::lies) return;
  content.synced = content.now;
  content.unsynced.clear();
  if (with_folder) synced_names_ = names_;
}

void UnsyncedDisk::erase(const std::string& name, bool sync_folder) {
  if (!change()) return;
  names_.erase(name);
  if (sync_folder && !cut_ && sync_ == Sync::honest) synced_names_.erase(name);
}

void UnsyncedDisk::lose_unsynced(Content& content) {
  // Everything, nothing, or about so many percent of the sectors lose their last writes.
  constexpr std::uint32_t kShares[] = {0, 100, 50, 10};
  const std::uint32_t share = kShares[below(4)];
  const auto truncations = std::count_if(content.unsynced.begin(), content.unsynced.end(),
                                         [](const Change& change) { return !change.bytes; });
  auto truncations_left = below(static_cast<std::uint32_t>(truncations) + 1);
  std::set<std::int64_t> as_they_are;
  for (const Change& change : content.unsynced) {
    if (!change.bytes) {
      if (truncations_left-- == 0) break;
      content.synced.resize(static_cast<std::size_t>(change.place));
      continue;
    }
    const std::string_view bytes = *change.bytes;
    const auto size = static_cast<std::int64_t>(bytes.size());
    for (std::int64_t begin = 0, end = 0; begin < size; begin = end) {
      const std::int64_t sector = (change.place + begin) / kSector;
      end = std::min(size, (sector + 1) * kSector - change.place);
      if (!as_they_are.contains(sector) && below(100) < share) {
        as_they_are.insert(sector);
        ++lost_sectors_;
      }
      if (as_they_are.contains(sector)) continue;
      apply(content.synced, change.place + begin,
            bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    }
  }
  content.unsynced.clear();
  content.now = content.synced;
}

void UnsyncedDisk::restore_power() {
  KAKEHASHI_CHECK(open_files_ == 0);
  Names all = names_;
  all.insert(synced_names_.begin(), synced_names_.end());
  Names left;
  for (const auto& [name, unused] : all) {
    const auto now = names_.find(name);
    const auto synced = synced_names_.find(name);
    const bool as_now = below(2) == 0;
    if (now != names_.end() && (as_now || (synced != synced_names_.end() && now->second == synced->second))) {
      left.insert(*now);
    } else if (synced != synced_names_.end() && !as_now) {
      left.insert(*synced);
    }
  }
  for (const auto& [name, content] : left) lose_unsynced(*content);
  names_ = left;
  synced_names_ = std::move(left);
  shared_memory_.clear();
  changes_left_.reset();
  cut_ = false;
}

}  // namespace crash
