#include "gateway/state_backup.h"

#include "gateway/schema.h"
#include "gateway/state_directory.h"
#include "gateway/unit_years.h"
#include "gateway/version.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

// A step holds up nobody, but what it wrote has to reach the same disk as the commits of the gateway: small
// lots keep the queue before those short.
constexpr int kPagesAtOnce = 256;
constexpr int kStepsBetweenSyncs = 8;
constexpr std::size_t kPartBytes = 1u << 20;

constexpr const char* kTables =
    "CREATE TABLE backup (made INTEGER NOT NULL, version TEXT NOT NULL, institution TEXT NOT NULL) STRICT;"
    "CREATE TABLE backup_years (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;";

SettingsErrors refusal(const std::filesystem::path& file, const std::string& message) {
  return {{file.string(), message}};
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& doing) {
  throw DatabaseError::of_system(errno, doing + " " + file.string());
}

/// Gone again unless it was kept under its own name.
class Unfinished {
 public:
  explicit Unfinished(std::filesystem::path file) : file_(std::move(file)) {}
  ~Unfinished() {
    if (!kept_) ::unlink(file_.c_str());
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  /// False when something has that name already.
  bool keep_as(const std::filesystem::path& file) {
    int result = ::renameat2(AT_FDCWD, file_.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE);
    // Not every file system knows that flag.
    if (result != 0 && errno == EINVAL && !std::filesystem::exists(file)) {
      result = ::rename(file_.c_str(), file.c_str());
    }
    if (result != 0 && (errno == EEXIST || errno == EINVAL)) return false;
    if (result != 0) fail(file, "naming");
    kept_ = true;
    return true;
  }

 private:
  std::filesystem::path file_;
  bool kept_ = false;
};

/// As it is: a line that is being appended just now is of a unit the copy does not know yet, and whoever
/// reads it leaves out what is no whole line.
void put_years_in(Database& backup, const std::filesystem::path& years) {
  std::ifstream stream(years, std::ios::binary);
  if (!stream) return;  // a state that no gateway has begun with yet
  std::vector<char> part(kPartBytes);
  while (stream.read(part.data(), static_cast<std::streamsize>(part.size())) || stream.gcount() > 0) {
    const std::string_view bytes(part.data(), static_cast<std::size_t>(stream.gcount()));
    backup.prepare("INSERT INTO backup_years (bytes) VALUES (CAST(? AS BLOB))").with(bytes).run();
  }
  if (stream.bad()) fail(years, "reading");
}

BackupFacts copy_state(const Settings& settings, const std::filesystem::path& file, Instant now) {
  Database source(database_file(settings), Database::Access::read_only);
  Database copy(file, Database::Access::scratch);
  int steps = 0;
  source.copy_to(copy, kPagesAtOnce, [&] {
    if (++steps % kStepsBetweenSyncs == 0) sync_file(file);
  });
  if (schema_version(copy) == 0)
    throw DatabaseError(0, "the state is being made just now: ask again in a moment");
  copy.execute("PRAGMA journal_mode=DELETE");  // it was copied with the log of a database that is in use
  copy.execute("PRAGMA journal_mode=OFF");
  copy.execute(kTables);
  put_years_in(copy, unit_years_file(settings.state_directory));
  copy.prepare("INSERT INTO backup VALUES (?, ?, ?)")
      .with(now.time_since_epoch().count(), std::string_view(kVersion), institution_number(copy))
      .run();
  auto units = copy.prepare("SELECT COUNT(*) FROM unit");
  units.step();
  return {now, kVersion, units.integer(0), 0};
}

}  // namespace

void sync_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(file, "opening");
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (result != 0) fail(file, "syncing");
}

boost::system::result<BackupFacts, SettingsErrors> make_backup(const Settings& settings,
                                                               const std::filesystem::path& file,
                                                               Instant now) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, error))) {
    return refusal(file, "something has that name already, and a backup overwrites nothing; choose another");
  }
  const auto part = std::filesystem::path(file).concat(".part");
  const int made = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0 && errno == EEXIST) {
    return refusal(part,
                   "another backup under that name is being made, or did not end; delete what is left of it");
  }
  if (made < 0) {
    return refusal(file, "the backup cannot be made there: " + std::generic_category().message(errno) +
                             "; name a folder that this user may write to");
  }
  ::close(made);
  Unfinished unfinished(part);
  BackupFacts facts = copy_state(settings, part, now);
  {
    Database copy(part, Database::Access::read_only);
    if (const auto wrong = copy.integrity_check())
      throw DatabaseError::of_damage("the copy is not whole: " + *wrong);
  }
  sync_file(part);
  facts.bytes = std::filesystem::file_size(part);
  if (!unfinished.keep_as(file)) {
    return refusal(file,
                   "something took that name meanwhile, and a backup overwrites nothing; choose another");
  }
  const auto folder = file.parent_path();
  sync_directory(folder.empty() ? "." : folder);
  return facts;
}

boost::system::result<BackupFacts, SettingsErrors> look_at_backup(const std::filesystem::path& file,
                                                                  const std::filesystem::path& name,
                                                                  const Settings& settings) {
  try {
    Database backup(file, Database::Access::read_only);
    if (!backup.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'backup'").step()) {
      return refusal(name, "that is no backup; name a file that kakehashi backup made");
    }
    if (schema_version(backup) == 0) return refusal(name, "there is no state in it; name another backup");
    if (const auto wrong = backup.integrity_check()) {
      return refusal(name, "the backup is damaged (" + *wrong + "); name another one");
    }
    SettingsErrors others = find_other_bindings(backup, settings);
    if (!others.empty()) {
      for (SettingsError& other : others) other.place = name.string();
      return others;
    }
    auto select = backup.prepare("SELECT made, version, (SELECT COUNT(*) FROM unit) FROM backup");
    if (!select.step()) return refusal(name, "the backup is not whole; name another one");
    return BackupFacts{Instant(Milliseconds(select.integer(0))), select.text(1), select.integer(2),
                       std::filesystem::file_size(file)};
  } catch (const DatabaseError& error) {
    return refusal(name, std::string("the backup cannot be used: ") + error.what());
  }
}

void take_years_out(Database& backup, const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(file, "making");
  ::close(descriptor);
  {
    std::ofstream stream(file, std::ios::binary);
    auto select = backup.prepare("SELECT bytes FROM backup_years ORDER BY part");
    while (select.step()) stream << select.text(0);
    stream.close();
    if (!stream) fail(file, "writing");
  }
  sync_file(file);
  backup.execute("DROP TABLE backup_years; DROP TABLE backup");
}

}  // namespace gateway
