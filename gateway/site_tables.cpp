#include "gateway/site_tables.h"

#include "gateway/codes_list.h"
#include "gateway/configuration.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

namespace fs = std::filesystem;

/// No name of a mapping or table: those that read the overlay directory pass it by.
constexpr const char* kStaging = ".kakehashi-codes";

SettingsErrors failure(const fs::path& path, const std::string& message) {
  return {{path.string(), message}};
}

SettingsErrors not_written(const fs::path& path, int error) {
  return failure(path, std::string("cannot be written: ") + std::strerror(error) +
                           "; run the command as a user who may change the overlay directory");
}

/// Nothing: it is there and cannot be read.
std::optional<std::string> read_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return stream ? std::optional(std::move(bytes)) : std::nullopt;
}

/// As its predecessor's, or what a new file in the directory should be: whoever reads those reads this. 0 or
/// errno.
int take_over_owner(int file, const fs::path& old, const fs::path& directory) {
  struct stat model {};
  const bool is_there = ::stat(old.c_str(), &model) == 0;
  if (!is_there && ::stat(directory.c_str(), &model) != 0) return errno;
  // Only root may, and only root needs to. Before the mode: a change of owner takes bits away.
  if (::geteuid() == 0 && ::fchown(file, model.st_uid, model.st_gid) != 0) return errno;
  return ::fchmod(file, is_there ? model.st_mode & 07777 : 0644) == 0 ? 0 : errno;
}

/// 0 or errno.
int write_durably(const fs::path& path, std::string_view bytes, const fs::path& old) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  int error = 0;
  while (error == 0 && !bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) error = errno;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (error == 0) error = take_over_owner(file, old, old.parent_path());
  if (error == 0 && ::fsync(file) != 0) error = errno;
  // A file system of the network may tell only now that it has no room.
  if (::close(file) != 0 && error == 0) error = errno;
  return error;
}

/// Whether a rename would take somebody's work away. No rename replaces a directory: its error says more.
bool was_changed(const fs::path& place, const std::optional<std::string>& read) {
  std::error_code error;
  const auto type = fs::symlink_status(place, error).type();
  if (type == fs::file_type::directory) return false;
  if (!read) return type != fs::file_type::not_found;
  return type != fs::file_type::regular || read_file(place) != read;
}

/// 0 or errno. A link is the file itself with its owner and times, but not every user may make one, and not
/// every file system knows them.
int keep(const fs::path& place, const std::string& bytes, const fs::path& kept) {
  return ::link(place.c_str(), kept.c_str()) == 0 ? 0 : write_durably(kept, bytes, place);
}

/// Removed with everything in it when it goes out of scope.
struct StagingDirectory {
  explicit StagingDirectory(fs::path where) : path(std::move(where)) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  StagingDirectory(const StagingDirectory&) = delete;
  StagingDirectory& operator=(const StagingDirectory&) = delete;
  ~StagingDirectory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

/// Files put in the place of others: all that were there go back when it goes out of scope before keep_all().
class Replacement {
 public:
  Replacement() = default;
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() { take_back(); }

  /// `kept` is the file that was there; empty: there was none. 0 or errno.
  int put(const fs::path& file, const fs::path& place, const fs::path& kept) {
    if (::rename(file.c_str(), place.c_str()) != 0) return errno;
    put_.push_back({place, kept});
    return 0;
  }
  void keep_all() { put_.clear(); }
  /// Those that stay as they were put because even that fails.
  std::vector<fs::path> take_back() {
    std::vector<fs::path> stay;
    for (const auto& [place, kept] : put_) {
      const bool done =
          kept.empty() ? ::unlink(place.c_str()) == 0 : ::rename(kept.c_str(), place.c_str()) == 0;
      if (!done) stay.push_back(place);
    }
    put_.clear();
    return stay;
  }

 private:
  struct Put {
    fs::path place;
    fs::path kept;
  };
  std::vector<Put> put_;
};

struct StandingRow {
  int line = 0;
  std::vector<std::string_view> cells;  // six
};

std::optional<StandingRow> find_row(std::string_view table, std::string_view system, std::string_view code) {
  for (int line = 1; !table.empty(); ++line) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    std::string_view text = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.starts_with('#')) continue;
    auto cells = split_cells(text);
    cells.resize(6);
    if (cells[0] == system && cells[1] == code) return StandingRow{line, std::move(cells)};
  }
  return std::nullopt;
}

}  // namespace

std::string with_rows(std::string table, const std::vector<FilledInRow>& rows) {
  if (!table.empty() && table.back() != '\n') table += '\n';
  for (const FilledInRow& row : rows) {
    for (const std::string* cell :
         {&row.from_system, &row.from_code, &row.to_system, &row.to_code, &row.to_display}) {
      table.append(*cell).append("\t");
    }
    table.append(row.note).append("\n");
  }
  return table;
}

SiteTables::Lock::Lock(Lock&& other) noexcept : file(std::exchange(other.file, -1)) {}
SiteTables::Lock::~Lock() {
  if (file >= 0) ::close(file);
}

boost::system::result<SiteTables, SettingsErrors> SiteTables::open(const Settings& settings) {
  const fs::path& directory = settings.overlay_directory;
  if (directory.empty()) {
    return failure(settings.file,
                   "there is no place for the site's own codes; make a directory for them and name it: "
                   "<mapping overlay=\"site\"/>");
  }
  Lock lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.file < 0) {
    return failure(directory, std::string("the overlay directory cannot be opened: ") + std::strerror(errno));
  }
  if (::flock(lock.file, LOCK_EX | LOCK_NB) != 0) {
    return failure(directory, "another `kakehashi codes apply` is at work; wait for its end");
  }
  return SiteTables(settings, std::move(lock));
}

std::filesystem::path SiteTables::file_of(const std::string& name) const {
  return settings_.overlay_directory / (name + ".tsv");
}

SiteTables::Table* SiteTables::table(const std::string& name) {
  const auto known = tables_.find(name);
  if (known != tables_.end()) return &known->second;
  if (name.find('/') != std::string::npos) return nullptr;
  std::error_code error;
  const fs::path shipped = settings_.mapping_directory.parent_path() / "terminology" / (name + ".tsv");
  Table own;
  if (fs::symlink_status(file_of(name), error).type() != fs::file_type::not_found) {
    own.read = read_file(file_of(name));
    if (!own.read) unreadable_.insert(file_of(name));
    own.bytes = own.read.value_or(std::string());
  } else if (fs::exists(shipped, error)) {
    own.bytes = std::string(kCodesHeader) + "\n";
  } else {
    return nullptr;
  }
  return &tables_.emplace(name, std::move(own)).first->second;
}

SiteTables::Add SiteTables::add(const FilledInRow& row) {
  Table* of_row = table(row.table);
  if (of_row == nullptr) return Add::no_table;
  if (const auto standing = find_row(of_row->bytes, row.from_system, row.from_code)) {
    place_ = row.table + ".tsv:" + std::to_string(standing->line);
    const bool same = standing->cells[2] == row.to_system && standing->cells[3] == row.to_code &&
                      standing->cells[4] == row.to_display;
    return same ? Add::already_there : Add::contradicts;
  }
  of_row->added.push_back(row);
  return Add::added;
}

boost::system::result<void, SettingsErrors> SiteTables::stage(const fs::path& staging) {
  // Written anew, it would lose its rows.
  if (!unreadable_.empty()) {
    return failure(*unreadable_.begin(), "cannot be read; run the command as a user who may read it");
  }
  std::error_code error;
  if (!fs::create_directories(staging, error)) return not_written(staging, error.value());
  for (const auto& [name, table] : tables_) {
    if (table.added.empty()) continue;
    if (fs::is_symlink(file_of(name), error)) {
      return failure(file_of(name), "is a link; put the file itself into the overlay directory");
    }
    const fs::path file = staging / (name + ".tsv");
    const int failed = write_durably(file, with_rows(table.bytes, table.added), file_of(name));
    if (failed != 0) return not_written(file, failed);
  }
  for (fs::directory_iterator entry(settings_.overlay_directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    fs::copy_file(entry->path(), staging / entry->path().filename(), fs::copy_options::skip_existing, error);
    if (error) break;
  }
  if (error) return not_written(staging, error.value());
  return {};
}

boost::system::result<void, SettingsErrors> SiteTables::commit() {
  const StagingDirectory staging(settings_.overlay_directory / kStaging);
  // Mistakes name a site's file with its folder: the same as in place.
  const fs::path folder =
      staging.path / (settings_.overlay_directory / ".").lexically_normal().parent_path().filename();
  if (auto staged = stage(folder); !staged.has_value()) return staged;
  Settings with_new = settings_;
  with_new.overlay_directory = folder;
  if (const auto loaded = load_configuration(std::move(with_new)); !loaded.has_value()) return loaded.error();
  return put_in_place(staging.path, folder);
}

boost::system::result<void, SettingsErrors> SiteTables::put_in_place(const fs::path& staging,
                                                                     const fs::path& folder) {
  Replacement replacement;
  SettingsErrors errors;
  for (const auto& [name, table] : tables_) {
    if (table.added.empty()) continue;
    const fs::path place = file_of(name);
    const fs::path kept = table.read ? staging / (name + ".tsv") : fs::path();
    const int not_kept = table.read ? keep(place, *table.read, kept) : 0;
    if (not_kept != 0) {
      errors = not_written(kept, not_kept);
    } else if (was_changed(place, table.read)) {
      errors = failure(place, "was changed by somebody meanwhile; run the command again");
    } else if (const int error = replacement.put(folder / (name + ".tsv"), place, kept); error != 0) {
      errors = not_written(place, error);
    }
    if (!errors.empty()) break;
  }
  if (errors.empty() && ::fsync(lock_.file) != 0) errors = not_written(settings_.overlay_directory, errno);
  if (errors.empty()) {
    replacement.keep_all();
    return {};
  }
  for (const fs::path& place : replacement.take_back()) {
    errors.push_back({place.string(),
                      "has its new rows and could not be put back; when the other mistakes are mended, run "
                      "the command again"});
  }
  return errors;
}

}  // namespace gateway
