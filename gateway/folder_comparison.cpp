#include "gateway/folder_comparison.h"

#include "fhir_mapper/report_unit.h"
#include "gateway/alarms.h"
#include "gateway/file_system.h"
#include "gateway/schema.h"
#include "gateway/tally.h"

#include <algorithm>

#include <sys/stat.h>

namespace gateway {
namespace {

using enum DifferenceReason;

constexpr auto kLive = static_cast<std::int64_t>(ssmix2::ConditionFlag::live);
constexpr auto kDeleted = static_cast<std::int64_t>(ssmix2::ConditionFlag::deleted);

std::string last_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Scope::Date today_in(const TimeZone& zone) {
  return std::chrono::floor<std::chrono::days>(now() + zone.offset());
}

/// A change of names in it, or of the files' sizes and times, would be found by the folder's own time.
bool is_other_time(const KnownFolder& known, std::int64_t mtime_ns) {
  return known.mtime_ns <= 0 || known.state != KnownFolder::State::there || known.mtime_ns != mtime_ns;
}

/// Of a folder that is not entered: whether anything is made of its kind at all.
DifferenceReason why_passed_over(std::string_view kind) {
  const auto type = ssmix2::data_type_named(kind);
  return type && !fhir_mapper::unit_kind_of(*type) ? file_ignored_type : file_out_of_scope;
}

}  // namespace

/// A folder with its listing, while its files are judged.
struct FolderComparison::Seen {
  const ComparedFolder& folder;
  bool listed_soon;  // by a sweep
  bool stats_soon;   // and sizes and times of its files with it
};

FolderComparison::FolderComparison(Database& database, const Settings& settings,
                                   const StorageSettings& storage)
    : storage_(storage),
      scope_(settings, storage),
      today_(today_in(settings.facility.zone)),
      folders_(database),
      documents_(database),
      second_looks_(database),
      zone_(settings.facility.zone) {
  const auto file_system = FileSystem::of(storage.root);
  trust_times_ = file_system.has_value() && file_system->keeps_folder_times(storage.trust_mtime);
  Tally tally(database);
  const auto scope = recalled(database, "scope " + storage.id);
  const bool same_scope = scope == storage.root.string() + " " + scope_.text();
  all_listed_soon_ = !same_scope || tally.get(storage.id, kSwept) == 0;
  last_sweep_ = Instant(Milliseconds(tally.get("", kClock)));
  for (const Alarm& alarm : Alarms(database).all()) {
    if (alarm.storage == storage.id && alarm.kind == AlarmKind::outage) outage_ = alarm.explanation;
  }
}

ComparedFolder FolderComparison::root() {
  ComparedFolder root{.named_soon = all_listed_soon_};
  for (KnownFolder& known : folders_.children(FolderId{})) {
    if (known.name == storage_.id) root.known = std::move(known);
  }
  // A state in which the storage is not named: the gateway never ran with it.
  if (!root.known) root.named_soon = true;
  return root;
}

bool FolderComparison::is_listed_soon(const ComparedFolder& folder, const FolderListing& listing) const {
  if (all_listed_soon_) return true;
  const bool is_back = folder.known && (folder.known->state == KnownFolder::State::missing ||
                                        folder.known->state == KnownFolder::State::gone);
  if (!folder.known || is_back) return folder.named_soon;
  const bool is_listed = !trust_times_ || is_other_time(*folder.known, listing.mtime_ns);
  return is_listed && !is_overdue(folder.path);
}

/// Changed so long ago that the cold round came by twice since then.
bool FolderComparison::is_overdue(const std::string& path) const {
  if (!outage_.empty()) return false;
  struct stat about {};
  if (::stat((storage_.root / path).c_str(), &about) != 0) return false;
  // The time of change cannot be set back by whoever copies folders with their times.
  const Instant changed{std::chrono::seconds(about.st_ctim.tv_sec)};
  return changed + 2 * storage_.cold_interval < last_sweep_;
}

std::vector<ComparedFolder> FolderComparison::below(const ComparedFolder& folder,
                                                    const FolderListing& listing) {
  std::map<std::string, KnownFolder> known;
  if (folder.known) {
    for (KnownFolder& child : folders_.children(folder.known->id))
      known.emplace(child.name, std::move(child));
  }
  std::vector<ComparedFolder> children;
  const bool listed_soon = is_listed_soon(folder, listing);
  const auto add = [&](const std::string& name, bool in_tree) {
    ComparedFolder& child = children.emplace_back();
    child.path = path_below(folder.path, name);
    child.level = folder.level + 1;
    const auto row = known.find(name);
    if (row != known.end()) child.known = row->second;
    child.in_tree = in_tree;
    child.wanted = folder.wanted && scope_.wants_folder(child.level, last_name(folder.path), name, today_);
    child.named_soon = listed_soon;
    child.top = child.level > kPatientLevel ? folder.top : child.path;
  };
  for (const std::string& name : listing.directories) add(name, true);
  for (const auto& [name, row] : known) {
    if (!std::binary_search(listing.directories.begin(), listing.directories.end(), name)) add(name, false);
  }
  return children;
}

Difference FolderComparison::difference(DifferenceReason reason, const std::string& path,
                                        std::string detail) const {
  return {.reason = reason, .storage = storage_.id, .path = path, .detail = std::move(detail)};
}

// --- what is there ---

void FolderComparison::compare(const ComparedFolder& folder, const FolderListing& listing,
                               Findings& findings) {
  if (listing.outcome == FolderListing::Outcome::unreadable) {
    const bool is_known = folder.known && folder.known->state == KnownFolder::State::unreadable;
    findings.differences.push_back(
        difference(is_known || !folder.wanted ? folder_unreadable : folder_not_compared, folder.path));
    return;
  }
  if (listing.outcome == FolderListing::Outcome::gone) {
    // It was named a moment ago, so the folder above has changed just now.
    ComparedFolder gone = folder;
    gone.named_soon = true;
    return compare_gone(gone, findings);
  }
  findings.files += static_cast<std::int64_t>(listing.files.size());
  if (!folder.wanted) return pass_over(folder, listing, findings);
  std::map<std::string, DocumentRow> rows;
  if (folder.known) rows = documents_.in_folder({.id = folder.known->id, .path = folder.path});
  const Seen seen{folder, is_listed_soon(folder, listing),
                  folder.known && is_other_time(*folder.known, listing.mtime_ns)};
  for (const SeenFile& file : listing.files) {
    const auto row = rows.find(file.name);
    auto found = judge(seen, file, row == rows.end() ? nullptr : &row->second);
    if (found) findings.differences.push_back(std::move(*found));
    if (row == rows.end()) continue;
    if (row->second.state != DocumentState::vanished) ++findings.known;
    rows.erase(row);
  }
  for (const auto& [name, row] : rows) add_gone(folder, row, seen.listed_soon, findings);
}

void FolderComparison::pass_over(const ComparedFolder& folder, const FolderListing& listing,
                                 Findings& findings) const {
  if (listing.files.empty()) return;
  const std::string kind = folder.level == kKindLevel ? last_name(folder.path) : "beside the kinds";
  findings.passed_over[{why_passed_over(kind), kind}] += static_cast<std::int64_t>(listing.files.size());
}

std::optional<Difference> FolderComparison::judge(const Seen& seen, const SeenFile& file,
                                                  const DocumentRow* row) {
  const std::string path = path_below(seen.folder.path, file.name);
  if (row == nullptr) return difference(seen.listed_soon ? file_not_seen_yet : file_overlooked, path);
  switch (row->state) {
    case DocumentState::accepted:
      return judge_accepted(seen, file, *row);
    case DocumentState::settling:
      return difference(file_settling, path);
    case DocumentState::failed:
      return judge_refused(seen, *row);
    case DocumentState::missing:
    case DocumentState::vanished:
      return difference(seen.listed_soon ? file_not_seen_yet : file_overlooked, path, "it is back");
  }
  return std::nullopt;
}

std::optional<Difference> FolderComparison::judge_refused(const Seen& seen, const DocumentRow& row) {
  const std::string path = path_below(seen.folder.path, row.name);
  const std::string reason =
      documents_.refusal_of({storage_.id, seen.folder.path, row.name, seen.folder.known->id});
  if (reason.empty()) return difference(file_no_reason, path);
  return difference(row.flag == kNoFlag ? file_unknown_name : file_refused, path, reason);
}

std::optional<Difference> FolderComparison::judge_accepted(const Seen& seen, const SeenFile& file,
                                                           const DocumentRow& row) {
  // Of superseded and deleted ones only the name counts; nobody ever read them.
  if (row.flag != kLive || file.stat == row.stat) return std::nullopt;
  const std::string path = path_below(seen.folder.path, file.name);
  if (seen.stats_soon) return difference(file_changed_lately, path, "the folder has changed, too");
  const auto next = second_looks_.next(seen.folder.known->id);
  if (next)
    return difference(file_changed_lately, path, "looked at again at " + to_fhir_instant(*next, zone_));
  return difference(file_changed, path);
}

// --- what is not there ---

void FolderComparison::add_gone(const ComparedFolder& folder, const DocumentRow& row, bool listed_soon,
                                Findings& findings) const {
  const std::string path = path_below(folder.path, row.name);
  if (row.state == DocumentState::vanished) {
    // A row of flag 0 stands for its delete, also when the file was cleaned up.
    if (row.flag != kDeleted) findings.differences.push_back(difference(file_vanished, path));
    return;
  }
  ++findings.known;
  const bool is_missing = row.state == DocumentState::missing ||
                          (folder.known && folder.known->state == KnownFolder::State::missing);
  const DifferenceReason reason = is_missing    ? file_missing
                                  : listed_soon ? file_gone_not_seen_yet
                                                : file_gone;
  findings.differences.push_back(difference(reason, path));
}

void FolderComparison::compare_gone(const ComparedFolder& folder, Findings& findings) {
  // What is not wanted was not lost: nobody looked.
  if (!folder.known || !folder.wanted) return;
  const auto rows = documents_.in_folder({.id = folder.known->id, .path = folder.path});
  for (const auto& [name, row] : rows) add_gone(folder, row, folder.named_soon, findings);
  for (KnownFolder& known : folders_.children(folder.known->id)) {
    ComparedFolder child = folder;
    child.path = path_below(folder.path, known.name);
    child.level = folder.level + 1;
    child.wanted = scope_.wants_folder(child.level, last_name(folder.path), known.name, today_);
    // The folder above tells what became of it.
    if (folder.known->state == KnownFolder::State::missing) known.state = KnownFolder::State::missing;
    child.known = std::move(known);
    compare_gone(child, findings);
  }
}

}  // namespace gateway
