#include "gateway/unit_years.h"

#include "gateway/digest.h"
#include "gateway/schema.h"
#include "gateway/state_directory.h"

#include <cerrno>
#include <charconv>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace gateway {
namespace {

constexpr const char* kBinding = "unit-years";
constexpr std::string_view kTitle = "kakehashi unit-years 1 ";
constexpr std::size_t kIdLength = 16;
constexpr std::size_t kHeaderLength = kTitle.size() + kIdLength + 1;
constexpr std::size_t kMarkLength = 36;
constexpr std::size_t kChecksumLength = 8;
constexpr std::size_t kTextLength = 4 + 1 + kMarkLength;                    // "2026 C0123..."
constexpr std::size_t kLineLength = kTextLength + 1 + kChecksumLength + 1;  // " checksum\n"

constexpr std::string_view kUnitsWithYear = R"sql(
SELECT unit.kind, patient.number, unit.date, unit.order_no, unit.year, unit.id
FROM unit JOIN patient ON patient.id = unit.patient
WHERE unit.year IS NOT NULL
)sql";

fhir_mapper::ReportUnit unit_of(const Statement& row) {
  return {static_cast<fhir_mapper::UnitKind>(row.integer(0)), ssmix2::PatientId(row.text(1)), row.text(2),
          row.text(3)};
}

std::string checksum(std::string_view text) {
  return sha256_hex(text).substr(0, kChecksumLength);
}

std::string line_of(const std::string& mark, int year) {
  const std::string text = std::to_string(year) + " " + mark;
  return text + " " + checksum(text) + "\n";
}

struct YearLine {
  std::string mark;
  int year = 0;
};

/// Nothing for one that was not written whole.
std::optional<YearLine> parse_line(std::string_view line) {
  if (line.size() != kLineLength - 1 || line[4] != ' ' || line[kTextLength] != ' ') return std::nullopt;
  const std::string_view text = line.substr(0, kTextLength);
  if (line.substr(kTextLength + 1) != checksum(text)) return std::nullopt;
  YearLine parsed{std::string(text.substr(5)), 0};
  const auto read = std::from_chars(text.data(), text.data() + 4, parsed.year);
  if (read.ec != std::errc() || read.ptr != text.data() + 4) return std::nullopt;
  return parsed;
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& doing) {
  throw DatabaseError::of_system(errno, doing + " " + file.string());
}

void write_all(int descriptor, std::string_view bytes, std::uint64_t at, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(file, "writing");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
}

}  // namespace

struct UnitYears::Content {
  Position position;  // behind the last whole line
  std::uint64_t size = 0;
  std::map<std::string, int> years;  // a later line counts more: an earlier one may not have been committed
  bool damaged = false;              // a line that is not the last
};

void add_unit_years(Database& database) {
  database.execute(R"sql(
-- Of units that an earlier database knew, by year_mark(): until this one has given them their year.
CREATE TABLE known_year (mark TEXT PRIMARY KEY, year INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql");
}

std::string year_mark(const fhir_mapper::ReportUnit& unit) {
  return info(unit.kind).letter + sha256_hex(unit.key()).substr(0, kMarkLength - 1);
}

std::optional<int> known_year(Database& database, const fhir_mapper::ReportUnit& unit) {
  auto select = database.prepare("SELECT year FROM known_year WHERE mark = ?");
  if (!select.with(year_mark(unit)).step()) return std::nullopt;
  return static_cast<int>(select.integer(0));
}

std::filesystem::path unit_years_file(const std::filesystem::path& state_directory) {
  return state_directory / "unit-years";
}

bool has_unit_years(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return !error && size > kHeaderLength;
}

UnitYears::~UnitYears() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<UnitYears::Position> UnitYears::seen() {
  const auto text = recalled(database_, kBinding);
  if (!text || text->size() <= kIdLength) return std::nullopt;
  Position position{text->substr(0, kIdLength), 0};
  std::from_chars(text->data() + kIdLength + 1, text->data() + text->size(), position.end);
  return position;
}

void UnitYears::note_seen() {
  remember(database_, kBinding, position_.id + " " + std::to_string(position_.end));
}

/// Nothing when it is not there or not one of these. What cannot be read is neither: it is waited for.
std::optional<UnitYears::Content> UnitYears::read(std::uint64_t from) const {
  errno = 0;
  std::ifstream stream(file_, std::ios::binary);
  if (!stream && errno != ENOENT) fail(file_, "opening");
  std::string line;
  const bool has_line = static_cast<bool>(std::getline(stream, line));
  if (stream.bad()) fail(file_, "reading");
  if (!has_line || stream.eof() || line.size() != kHeaderLength - 1) return std::nullopt;
  if (!line.starts_with(kTitle)) return std::nullopt;
  Content content;
  content.size = std::filesystem::file_size(file_);
  content.position = {line.substr(kTitle.size()), kHeaderLength};
  if (from > content.size) return content;
  if (from > kHeaderLength) content.position.end = from;
  stream.seekg(static_cast<std::streamoff>(content.position.end));
  std::uint64_t at = content.position.end;
  while (std::getline(stream, line)) {
    at += line.size() + 1;
    const auto parsed = stream.eof() ? std::nullopt : parse_line(line);
    if (!parsed) continue;
    content.damaged = content.damaged || content.position.end + kLineLength != at;
    content.years.insert_or_assign(parsed->mark, parsed->year);
    content.position.end = at;
  }
  if (stream.bad()) fail(file_, "reading");
  return content;
}

/// How many of them the database did not know.
std::int64_t UnitYears::import(const std::map<std::string, int>& years) {
  std::int64_t imported = 0;
  for (const auto& [mark, year] : years) {
    database_.prepare("INSERT INTO known_year VALUES (?1, ?2) ON CONFLICT DO UPDATE SET year = ?2")
        .with(mark, std::int64_t{year})
        .run();
    ++imported;
  }
  // What the database has given itself it knows.
  auto select = database_.prepare(kUnitsWithYear);
  while (imported > 0 && select.step()) {
    const std::string mark = year_mark(unit_of(select));
    if (!years.contains(mark)) continue;
    database_.prepare("DELETE FROM known_year WHERE mark = ?").with(mark).run();
    --imported;
  }
  return imported;
}

UnitYears::Merged UnitYears::merge() {
  const auto seen_before = seen();
  auto content = read(0);
  const bool continues = content && seen_before && content->position.id == seen_before->id &&
                         content->position.end >= seen_before->end && !content->damaged;
  if (continues) content = read(seen_before->end);
  const std::int64_t imported = content ? import(content->years) : 0;
  if (!continues) {
    // What it says is taken over as far as it can be read; the rest of a damaged one is for a person.
    if (!content || content->damaged) keep_aside();
    write_anew();
    note_seen();
    if (content && !seen_before && !content->damaged) return imported > 0 ? Merged::imported : Merged::first;
    return content || seen_before ? Merged::rebuilt : Merged::first;
  }
  position_ = content->position;
  open();
  // A line that was being written when the power went: what it says was never committed.
  if (content->size > position_.end &&
      (::ftruncate(descriptor_, static_cast<off_t>(position_.end)) != 0 || ::fsync(descriptor_) != 0)) {
    fail(file_, "cutting");
  }
  note_seen();
  return imported > 0 ? Merged::imported : Merged::nothing_new;
}

std::int64_t UnitYears::believe_file() {
  const auto content = read(0);
  if (!content) return 0;
  std::int64_t changed = 0;
  {
    auto select = database_.prepare(kUnitsWithYear);
    while (select.step()) {
      const auto known = content->years.find(year_mark(unit_of(select)));
      if (known == content->years.end() || known->second == select.integer(4)) continue;
      database_.prepare("UPDATE unit SET year = ? WHERE id = ?")
          .with(std::int64_t{known->second}, select.integer(5))
          .run();
      ++changed;
    }
  }
  import(content->years);
  // Of a damaged one the next start keeps what it was, and writes it anew.
  position_ = content->position;
  if (!content->damaged) note_seen();
  return changed;
}

/// By a second name: until the new file takes its own, a kill finds what it found before.
void UnitYears::keep_aside() const {
  const auto aside = std::filesystem::path(file_).concat(".damaged-" + random_hex(4));
  if (::link(file_.c_str(), aside.c_str()) != 0 && errno != ENOENT) fail(file_, "keeping");
}

void UnitYears::write_anew() {
  Position fresh{random_hex(kIdLength / 2), kHeaderLength};
  const auto next = std::filesystem::path(file_).concat(".new");
  const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(next, "making");
  try {
    write_all(descriptor, std::string(kTitle) + fresh.id + "\n", 0, next);
    const auto add = [&](const std::string& mark, std::int64_t year) {
      const std::string line = line_of(mark, static_cast<int>(year));
      write_all(descriptor, line, fresh.end, next);
      fresh.end += line.size();
    };
    auto given = database_.prepare(kUnitsWithYear);
    while (given.step()) add(year_mark(unit_of(given)), given.integer(4));
    auto known = database_.prepare("SELECT mark, year FROM known_year");
    while (known.step()) add(known.text(0), known.integer(1));
    if (::fsync(descriptor) != 0) fail(next, "syncing");
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  ::close(descriptor);
  if (::rename(next.c_str(), file_.c_str()) != 0) fail(file_, "renaming");
  sync_directory(file_.parent_path());
  position_ = fresh;
  open();
}

void UnitYears::open() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(file_, "opening");
}

void UnitYears::give(const fhir_mapper::ReportUnit& unit, int year) {
  given_.insert_or_assign(year_mark(unit), year);
}

void UnitYears::flush() {
  if (given_.empty()) return;
  std::string lines;
  for (const auto& [mark, year] : given_) lines += line_of(mark, year);
  append(lines);
  note_seen();
  given_.clear();
}

void UnitYears::append(const std::string& lines) {
  try {
    write_all(descriptor_, lines, position_.end, file_);
    if (::fdatasync(descriptor_) != 0) fail(file_, "syncing");
  } catch (const DatabaseError&) {
    // Best effort: what stands behind the end is written over, or cut at the next start.
    [[maybe_unused]] const int cut = ::ftruncate(descriptor_, static_cast<off_t>(position_.end));
    throw;
  }
  position_.end += lines.size();
}

}  // namespace gateway
