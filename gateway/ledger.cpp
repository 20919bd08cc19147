#include "gateway/ledger.h"

#include "ssmix2/check.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using ssmix2::ConditionFlag;
using ssmix2::DataType;
using ssmix2::DocumentName;
using ssmix2::Failure;
using ssmix2::FailureCode;

std::int64_t to_milliseconds(Instant instant) {
  return instant.time_since_epoch().count();
}

/// Two names of one version of a document: renaming changes the flag alone.
bool is_same_version(const DocumentName& left, const DocumentName& right) {
  return left.key == right.key && left.occurred_at == right.occurred_at &&
         left.department == right.department;
}

/// Whether the file that is gone is history beside `other`: renamed, or followed by a newer live one. PPR-01
/// of different departments do not follow each other.
bool makes_history_of(const DocumentName& other, const DocumentName& gone) {
  if (is_same_version(other, gone)) return true;
  const bool same_line =
      other.key == gone.key && (gone.key.type != DataType::PPR_01 || other.department == gone.department);
  return same_line && other.flag == ConditionFlag::live &&
         other.occurred_at_padded() > gone.occurred_at_padded();
}

}  // namespace

std::vector<Ledger::Row> Ledger::rows_of_folder(const std::string& root, const std::string& folder) {
  auto select = database_.prepare(
      "SELECT id, name, size, mtime_ns, inode, state, flag, failure FROM document WHERE root = ? AND folder "
      "= ?");
  select.with(std::string_view(root), std::string_view(folder));
  std::vector<Row> rows;
  while (select.step()) {
    rows.push_back({select.integer(0),
                    select.text(1),
                    {select.integer(2), select.integer(3), select.integer(4)},
                    select.text(5),
                    select.integer(6),
                    select.text(7)});
  }
  return rows;
}

Observed Ledger::observe(const std::string& root, const FolderListing& listing, Instant now) {
  Observed observed;
  std::map<std::string, Row> known;
  for (Row& row : rows_of_folder(root, listing.folder)) known.emplace(row.name, std::move(row));
  std::vector<const SeenFile*> unknown;
  for (const SeenFile& file : listing.files) {
    const auto row = known.find(file.name);
    if (row == known.end()) {
      unknown.push_back(&file);
      continue;
    }
    observe_known({root, listing.folder, file.name}, row->second, file.stat, now, observed);
    known.erase(row);
  }
  // What is left in `known` has gone, or has another name now.
  for (const SeenFile* file : unknown) {
    observe_new({root, listing.folder, file->name}, file->stat, known, now, observed);
  }
  for (const auto& [name, row] : known)
    observe_missing({root, listing.folder, name}, row, listing, now, observed);
  return observed;
}

void Ledger::observe_known(const DocumentRef& document, const Row& row, const FileStat& stat, Instant now,
                           Observed& observed) {
  const auto name = ssmix2::parse_document_path(document.relative_path());
  if (!name.has_value()) return;  // refused before, and its name is still the same
  const bool unchanged = row.stat == stat && row.state != "vanished";
  // Permissions and NAS errors are repaired without a trace in size or mtime.
  const bool was_unreadable = row.failure == kind_of(FailureCode::file_unreadable).id;
  // What still settles may have been given up while its storage was away.
  if (unchanged && (was_unreadable || row.state == "settling"))
    observed.to_settle.push_back({document, stat});
  if (unchanged) return;
  const bool content_matters = name->flag == ConditionFlag::live;
  database_
      .prepare(
          "UPDATE document SET size = ?, mtime_ns = ?, inode = ?, state = ?, failure = '', explanation = '', "
          "changed = ? WHERE id = ?")
      .with(stat.size, stat.mtime_ns, stat.inode, std::string_view(content_matters ? "settling" : "accepted"),
            to_milliseconds(now), row.id)
      .run();
  if (content_matters) {
    observed.to_settle.push_back({document, stat});
  } else {
    mark_units_of(*name, now);
  }
}

void Ledger::observe_new(const DocumentRef& document, const FileStat& stat,
                         const std::map<std::string, Row>& gone, Instant now, Observed& observed) {
  const auto parsed = ssmix2::parse_document_path(document.relative_path());
  const DocumentName name = parsed.has_value() ? *parsed : DocumentName{};
  const bool was_live = parsed.has_value() && std::any_of(gone.begin(), gone.end(), [&](const auto& entry) {
                          const auto other = ssmix2::parse_document_path(document.folder + "/" + entry.first);
                          return other.has_value() && is_same_version(*other, name) &&
                                 entry.second.state == "accepted" && entry.second.flag == 1;
                        });

  // Only what may be live is read. A file renamed back to flag 1 is looked at again like a new one.
  std::string state = "accepted";
  std::optional<Failure> failure;
  if (!parsed.has_value()) {
    failure = parsed.error();
    state = "failed";
    observed.refused.emplace_back(document, *failure);
  } else if (name.flag == ConditionFlag::live) {
    state = "settling";
    observed.to_settle.push_back({document, stat});
  }
  database_
      .prepare(
          "INSERT INTO document (root, folder, name, patient, canonical, date, type, order_no, occurred_at, "
          "department, flag, was_live, size, mtime_ns, inode, state, failure, explanation, first_seen, "
          "changed) "
          "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .with(std::string_view(document.root), std::string_view(document.folder),
            std::string_view(document.name), std::string_view(name.key.patient.reveal()),
            std::string_view(failure ? "" : name.key.patient.canonical()), std::string_view(name.key.date),
            failure ? std::string_view() : info(name.key.type).name, std::string_view(name.key.order_no),
            std::string_view(failure ? "" : name.occurred_at_padded()), std::string_view(name.department),
            static_cast<std::int64_t>(name.flag), std::int64_t{was_live}, stat.size, stat.mtime_ns,
            stat.inode, std::string_view(state), failure ? kind_of(failure->code).id : std::string_view(),
            std::string_view(failure ? to_text(*failure).str() : ""), to_milliseconds(now),
            to_milliseconds(now))
      .run();
  if (!parsed.has_value()) return;
  if (name.flag != ConditionFlag::live) mark_units_of(name, now);
  mark_twins(name.key.patient, now);
}

bool Ledger::is_history(const DocumentRef& document, const FolderListing& listing) {
  const auto gone = ssmix2::parse_document_path(document.relative_path());
  if (!gone.has_value()) return true;  // a name that was never understood: its going loses nothing
  return std::any_of(listing.files.begin(), listing.files.end(), [&](const SeenFile& file) {
    const auto other = ssmix2::parse_document_path(document.folder + "/" + file.name);
    return other.has_value() && makes_history_of(*other, *gone);
  });
}

void Ledger::observe_missing(const DocumentRef& document, const Row& row, const FolderListing& listing,
                             Instant now, Observed& observed) {
  const auto name = ssmix2::parse_document_path(document.relative_path());
  if (is_history(document, listing)) {
    database_.prepare("DELETE FROM document WHERE id = ?").with(row.id).run();
    if (!name.has_value()) return;
    mark_units_of(*name, now);
    return mark_twins(name->key.patient, now);
  }
  if (row.state == "vanished") return;
  // A row of flag 0 goes on to stand for its delete: cleaning up files is neither a delete nor takes one
  // back, and what holds the delete must not lose sight of it.
  if (name->flag != ConditionFlag::deleted) {
    ++observed.vanished;
    refuse(document, {FailureCode::file_vanished, {}, {}}, now);
  }
  database_.prepare("UPDATE document SET state = 'vanished' WHERE id = ?").with(row.id).run();
  mark_twins(name->key.patient, now);
}

void Ledger::accept(const DocumentRef& document, const FileStat& stat, const std::string& identity,
                    Instant now) {
  database_
      .prepare(
          "UPDATE document SET state = 'accepted', failure = '', explanation = '', size = ?, mtime_ns = ?, "
          "inode = ?, changed = ? WHERE root = ? AND folder = ? AND name = ?")
      .with(stat.size, stat.mtime_ns, stat.inode, to_milliseconds(now), std::string_view(document.root),
            std::string_view(document.folder), std::string_view(document.name))
      .run();
  if (database_.changes() == 0)
    return;  // renamed or gone while it was read; its new name is looked at by itself
  const auto name = ssmix2::parse_document_path(document.relative_path());
  KAKEHASHI_CHECK(name.has_value());
  if (name->key.type != DataType::ADT_00) return mark_units_of(*name, now);

  const ssmix2::PatientId& patient = name->key.patient;
  const bool changed = units_.change_identity(patient, identity);
  units_.mark_patient_due(patient, changed ? Units::OfPatient::all : Units::OfPatient::held, now);
}

bool Ledger::refuse(const DocumentRef& document, const Failure& failure, Instant now) {
  database_
      .prepare(
          "UPDATE document SET state = 'failed', failure = ?1, explanation = ?2, changed = ?3 "
          "WHERE root = ?4 AND folder = ?5 AND name = ?6 AND NOT (state = 'failed' AND explanation = ?2)")
      .with(kind_of(failure.code).id, to_text(failure).view(), to_milliseconds(now),
            std::string_view(document.root), std::string_view(document.folder),
            std::string_view(document.name))
      .run();
  if (database_.changes() == 0) return false;
  const auto name = ssmix2::parse_document_path(document.relative_path());
  if (name.has_value()) mark_units_of(*name, now);
  return true;
}

void Ledger::reopen(const DocumentRef& document, Instant now) {
  database_
      .prepare(
          "UPDATE document SET state = 'settling', changed = ? WHERE root = ? AND folder = ? AND name = ?")
      .with(to_milliseconds(now), std::string_view(document.root), std::string_view(document.folder),
            std::string_view(document.name))
      .run();
}

std::vector<Unsettled> Ledger::unfinished() {
  auto select = database_.prepare(
      "SELECT root, folder, name, size, mtime_ns, inode FROM document "
      "WHERE state = 'settling' OR (state = 'failed' AND patient <> '')");
  std::vector<Unsettled> all;
  while (select.step()) {
    all.push_back({{select.text(0), select.text(1), select.text(2)},
                   {select.integer(3), select.integer(4), select.integer(5)}});
  }
  return all;
}

std::vector<std::string> Ledger::known_folders(const std::string& root) {
  auto select =
      database_.prepare("SELECT DISTINCT folder FROM document WHERE root = ? AND state <> 'vanished'");
  select.with(std::string_view(root));
  std::vector<std::string> folders;
  while (select.step()) folders.push_back(select.text(0));
  return folders;
}

std::int64_t Ledger::live_documents(const std::string& root) {
  auto select =
      database_.prepare("SELECT COUNT(*) FROM document WHERE root = ? AND flag = 1 AND patient <> ''");
  return select.with(std::string_view(root)).step() ? select.integer(0) : 0;
}

std::int64_t Ledger::live_documents_in(const std::string& root, const std::string& folder) {
  auto select = database_.prepare(
      "SELECT COUNT(*) FROM document WHERE root = ? AND folder = ? AND flag = 1 AND patient <> ''");
  select.with(std::string_view(root), std::string_view(folder));
  return select.step() ? select.integer(0) : 0;
}

void Ledger::mark_units_of(const DocumentName& name, Instant now) {
  if (name.key.type == DataType::ADT_00) {
    return units_.mark_patient_due(name.key.patient, Units::OfPatient::all, now);
  }
  if (const auto unit = ReportUnit::of(name.key)) units_.mark_due(*unit, now);
}

/// Two folders that are one number but for leading zeros concern each other: both are held, both are
/// released.
void Ledger::mark_twins(const ssmix2::PatientId& patient, Instant now) {
  // Two ranges of the index instead of <>: a patient may have thousands of documents.
  auto select = database_.prepare(
      "SELECT patient FROM document WHERE canonical = ?1 AND patient < ?2 UNION "
      "SELECT patient FROM document WHERE canonical = ?1 AND patient > ?2");
  select.with(std::string_view(patient.canonical()), std::string_view(patient.reveal()));
  std::vector<std::string> twins;
  while (select.step()) twins.push_back(select.text(0));
  if (twins.empty()) return;
  units_.mark_patient_due(patient, Units::OfPatient::all, now);
  for (const std::string& twin : twins) {
    units_.mark_patient_due(ssmix2::PatientId(twin), Units::OfPatient::all, now);
  }
}

}  // namespace gateway
