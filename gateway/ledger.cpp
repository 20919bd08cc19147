#include "gateway/ledger.h"

#include "gateway/deletes_release.h"
#include "gateway/timeliness.h"
#include "ssmix2/check.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using ssmix2::ConditionFlag;
using ssmix2::DataType;
using ssmix2::DocumentFolder;
using ssmix2::DocumentName;
using ssmix2::Failure;
using ssmix2::FailureCode;

constexpr auto kLive = static_cast<std::int64_t>(ConditionFlag::live);

/// Two names of one version of a document: renaming changes the flag alone.
bool is_same_version(const DocumentName& left, const DocumentName& right) {
  return left.key == right.key && left.occurred_at == right.occurred_at &&
         left.department == right.department;
}

/// Whether the file that is gone is history beside `other`: renamed, or followed by a newer live one or by
/// the message that deletes it. PPR-01 of different departments do not follow each other.
bool makes_history_of(const DocumentName& other, const DocumentName& gone) {
  if (is_same_version(other, gone)) return true;
  const bool same_line =
      other.key == gone.key && (gone.key.type != DataType::PPR_01 || other.department == gone.department);
  return same_line && other.flag != ConditionFlag::superseded &&
         other.occurred_at_padded() > gone.occurred_at_padded();
}

ssmix2::Result<DocumentName> name_in(const ssmix2::Result<DocumentFolder>& folder, const std::string& file) {
  if (!folder.has_value()) return folder.error();
  return folder->name(file);
}

}  // namespace

// --- folders ---

Observed Ledger::observe(const std::string& storage, const FolderListing& listing, Instant now) {
  Observed observed;
  switch (listing.outcome) {
    case FolderListing::Outcome::gone:
      // The root is for the caller to judge: nothing is known of what is not there.
      if (listing.folder.level != kRootLevel) {
        folders_.set_state(listing.folder.id, KnownFolder::State::missing);
        // Its return need not show in the time of the folder above.
        folders_.forget_time(folders_.parent_of(listing.folder.id));
        if (listing.folder.level >= kPatientLevel) folders_.touch(listing.folder.patient, now);
        ++observed.missing;
      }
      break;
    case FolderListing::Outcome::unreadable:
      note_unreadable(listing, now, observed);
      break;
    case FolderListing::Outcome::listed:
      observe_listed(storage, listing, now, observed);
      break;
  }
  return observed;
}

void Ledger::observe_listed(const std::string& storage, const FolderListing& listing, Instant now,
                            Observed& observed) {
  const bool is_new = listing.folder.is_new && folders_.is_new(listing.folder.id);
  observe_folders(storage, listing, is_new, now, observed);
  observe_files(storage, listing, is_new, now, observed);
}

void Ledger::observe_folders(const std::string& storage, const FolderListing& listing, bool is_new,
                             Instant now, Observed& observed) {
  const FolderToLookAt& folder = listing.folder;
  std::map<std::string, KnownFolder> known;
  bool was_unreadable = false;
  if (!is_new) {
    for (KnownFolder& child : folders_.children(folder.id)) known.emplace(child.name, std::move(child));
    was_unreadable = folders_.state_of(folder.id) == KnownFolder::State::unreadable;
  }
  for (const std::string& name : listing.directories) {
    const auto child = known.find(name);
    if (child == known.end()) {
      observed.to_look_at.push_back(folders_.add(folder, name));
      if (folder.level + 1 == kPatientLevel) observe_new_patient(storage, observed.to_look_at.back(), now);
      continue;
    }
    const auto state = child->second.state;
    if (state == KnownFolder::State::missing || state == KnownFolder::State::gone) {
      // What lies below may have been away with it: nothing that is known of it is believed.
      folders_.set_listed(child->second.id, 0);
      observed.to_look_at.push_back(folders_.find(child->second.id));
      mark_patient_of(observed.to_look_at.back(), now);  // they may be held for it
      if (folder.level + 1 == kPatientLevel) mark_twins(ssmix2::PatientId(name), now);
    }
    known.erase(child);
  }
  for (const std::string& name : listing.unwanted) known.erase(name);
  bool any_missing = false;
  for (const auto& [name, child] : known) {
    if (child.state == KnownFolder::State::gone) continue;
    any_missing = true;
    if (child.state == KnownFolder::State::missing) continue;
    folders_.set_state(child.id, KnownFolder::State::missing);
    ++observed.missing;
  }
  // Listed again until it is decided what became of the missing ones: when they come back, the time may not.
  folders_.set_listed(folder.id, listing.mtime_tells && !any_missing ? listing.mtime_ns : 0);
  if (was_unreadable) mark_patient_of(folder, now);
}

void Ledger::note_unreadable(const FolderListing& listing, Instant now, Observed& observed) {
  const FolderToLookAt& folder = listing.folder;
  // Its repair shows nowhere else: the patient stays among those that every sweep looks at.
  if (folder.level >= kPatientLevel) folders_.touch(folder.patient, now);
  if (folders_.state_of(folder.id) == KnownFolder::State::unreadable) return;
  folders_.set_state(folder.id, KnownFolder::State::unreadable);
  ++observed.unreadable;
  mark_patient_of(folder, now);
}

void Ledger::mark_patient_of(const FolderToLookAt& folder, Instant now) {
  if (folder.level < kPatientLevel) return;
  const FolderToLookAt patient = folders_.find(folder.patient);
  units_.mark_patient_due(ssmix2::PatientId(std::string(last_name(patient.path))), Units::OfPatient::all,
                          now);
}

void Ledger::observe_new_patient(const std::string& storage, const FolderToLookAt& folder, Instant now) {
  const ssmix2::PatientId patient{std::string(last_name(folder.path))};
  folders_.bind_patient(folder, storage, units_.patient_row(patient));
  mark_twins(patient, now);
}

FolderToLookAt Ledger::add_patient_folder(const std::string& storage, const std::string& path, Instant now) {
  FolderToLookAt folder = folders_.nearest(storage, path);
  while (folder.path.size() < path.size()) {
    if (folder.is_new) folders_.set_listed(folder.id, 0);  // something is known of what lies in it now
    const std::size_t from = folder.path.empty() ? 0 : folder.path.size() + 1;
    folder = folders_.add(folder, path.substr(from, path.find('/', from) - from));
    if (folder.level == kPatientLevel) observe_new_patient(storage, folder, now);
  }
  return folder;
}

// --- files ---

void Ledger::observe_files(const std::string& storage, const FolderListing& listing, bool is_new, Instant now,
                           Observed& observed) {
  Rows known;
  if (!is_new) known = documents_.in_folder(listing.folder);
  std::vector<const SeenFile*> unknown;
  const auto document = [&](const std::string& name) {
    return DocumentRef{storage, listing.folder.path, name, listing.folder.id};
  };
  for (const SeenFile& file : listing.files) {
    const auto row = known.find(file.name);
    if (row == known.end()) {
      unknown.push_back(&file);
      continue;
    }
    observe_known(document(file.name), row->second, file, now, observed);
    known.erase(row);
  }
  // What is left in `known` has gone, or has another name now.
  for (const SeenFile* file : unknown)
    observe_new(document(file->name), listing, *file, known, now, observed);
  for (const auto& [name, row] : known) observe_missing(document(name), row, listing, now, observed);
  tally_.add(storage, kDocuments, static_cast<std::int64_t>(unknown.size()));
  observed.new_documents = unknown.size();
  if (listing.folder.level < kPatientLevel) return;
  // What a first reading finds is as old as its folder; what comes to a known one is new, whatever its time.
  const bool is_news = !is_new && (!unknown.empty() || !known.empty() || !observed.to_settle.empty());
  const Instant changed(std::chrono::floor<Milliseconds>(std::chrono::nanoseconds(listing.mtime_ns)));
  folders_.touch(listing.folder.patient, is_news ? now : std::min(now, changed));
}

void Ledger::observe_known(const DocumentRef& document, const DocumentRow& row, const SeenFile& file,
                           Instant now, Observed& observed) {
  if (row.flag == kNoFlag) return;  // refused before, and its name is still the same
  const bool is_back = row.state == DocumentState::missing || row.state == DocumentState::vanished;
  const bool changed = is_back || (file.stat && *file.stat != row.stat);
  const FileStat stat = file.stat.value_or(row.stat);
  // Only what may be live is read.
  const bool is_read = row.flag == kLive;
  // Permissions and NAS errors are repaired without a trace in size or mtime. What still settles may have
  // been given up while its storage was away.
  const bool unfinished = row.state == DocumentState::settling ||
                          (row.state == DocumentState::failed &&
                           documents_.refusal_of(document) == kind_of(FailureCode::file_unreadable).id);
  if (is_read && (changed || unfinished)) observed.to_settle.push_back({document, stat});
  if (!changed) return;
  if (is_read) {
    if (row.state == DocumentState::vanished) tally_.add(document.root, kLiveDocuments, 1);
    const bool still_settles = row.state == DocumentState::settling;
    documents_.update(document, stat, DocumentState::settling, still_settles ? row.since : now);
  } else {
    // What was counted as a delete when it was first seen is not a new one now.
    documents_.update_stat(document, stat, DocumentState::accepted);
    const auto name = ssmix2::parse_document_path(document.relative_path());
    if (name.has_value()) {
      mark_units_of(*name, now);
      note_change(document.root, *name, now);
    }
  }
  documents_.forget_refusal(document);
}

void Ledger::observe_new(const DocumentRef& document, const FolderListing& listing, const SeenFile& file,
                         const Rows& gone, Instant now, Observed& observed) {
  const auto folder = DocumentFolder::parse(listing.folder.path);
  const auto parsed = name_in(folder, file.name);
  DocumentRow row{file.name, file.stat.value_or(FileStat{}), DocumentState::accepted, kNoFlag};
  if (!parsed.has_value()) {
    row.state = DocumentState::failed;
    documents_.insert(document, row, false, now);
    documents_.note_refusal(document, parsed.error());
    observed.refused.emplace_back(document, parsed.error());
    return;
  }
  row.flag = static_cast<std::int64_t>(parsed->flag);
  if (row.flag == kLive) {
    // A file renamed back to flag 1 is looked at again like a new one.
    row.state = DocumentState::settling;
    observed.to_settle.push_back({document, row.stat});
    documents_.insert(document, row, false, now);
    tally_.add(document.root, kLiveDocuments, 1);
    return;
  }
  const bool was_live = std::any_of(gone.begin(), gone.end(), [&](const auto& entry) {
    const auto other = name_in(folder, entry.first);
    return other.has_value() && is_same_version(*other, *parsed) && entry.second.flag == kLive;
  });
  documents_.insert(document, row, was_live && parsed->flag == ConditionFlag::deleted, now);
  mark_units_of(*parsed, now);
  note_change(document.root, *parsed, now);
}

void Ledger::observe_missing(const DocumentRef& document, const DocumentRow& row,
                             const FolderListing& listing, Instant now, Observed& observed) {
  const auto folder = DocumentFolder::parse(listing.folder.path);
  const auto name = name_in(folder, document.name);
  // A name that was never understood: its going loses nothing.
  if (!name.has_value()) return erase(document, row);
  const bool is_history = std::any_of(listing.files.begin(), listing.files.end(), [&](const SeenFile& file) {
    const auto other = name_in(folder, file.name);
    return other.has_value() && makes_history_of(*other, *name);
  });
  if (is_history) {
    erase(document, row);
    mark_units_of(*name, now);
    return note_change(document.root, *name, now);
  }
  if (row.state == DocumentState::missing || row.state == DocumentState::vanished) return;
  // A row of flag 0 goes on to stand for its delete: cleaning up files is neither a delete nor takes one
  // back, and what holds the delete must not lose sight of it.
  const bool counts = name->flag != ConditionFlag::deleted;
  documents_.set_state(document, counts ? DocumentState::missing : DocumentState::vanished);
  if (counts) ++observed.missing;
}

void Ledger::erase(const DocumentRef& document, const DocumentRow& row) {
  documents_.erase(document);
  tally_.add(document.root, kDocuments, -1);
  if (row.is_live()) tally_.add(document.root, kLiveDocuments, -1);
}

// --- what a look at the content found ---

void Ledger::accept(const DocumentRef& document, const FileStat& stat, const std::string& identity,
                    Instant now) {
  // Renamed or gone while it was read: its new name is looked at by itself.
  const auto row = documents_.find(document);
  if (!row || row->state >= DocumentState::missing) return;
  documents_.update(document, stat, DocumentState::accepted, now);
  documents_.forget_refusal(document);
  const auto name = ssmix2::parse_document_path(document.relative_path());
  KAKEHASHI_CHECK(name.has_value());
  if (name->key.type != DataType::ADT_00) {
    mark_units_of(*name, now);
    return note_change(document.root, *name, row->since);
  }
  const bool identity_changed = units_.change_identity(name->key.patient, identity);
  units_.mark_patient_due(name->key.patient,
                          identity_changed ? Units::OfPatient::all : Units::OfPatient::held, now);
  note_change(document.root, *name, row->since);
}

bool Ledger::refuse(const DocumentRef& document, const Failure& failure, Instant now) {
  const auto row = documents_.find(document);
  if (!row || row->state >= DocumentState::missing) return false;
  documents_.set_state(document, DocumentState::failed);
  if (failure.code == FailureCode::file_unreadable) list_again(document, now);
  if (!documents_.note_refusal(document, failure)) return false;
  const auto name = ssmix2::parse_document_path(document.relative_path());
  if (!name.has_value()) return true;
  mark_units_of(*name, now);
  note_change(document.root, *name, row->since);
  return true;
}

void Ledger::list_again(const DocumentRef& document, Instant now) {
  folders_.forget_time(document.folder_id);
  folders_.touch(folders_.find(document.folder_id).patient, now);
}

void Ledger::reopen(const DocumentRef& document) {
  const auto row = documents_.find(document);
  if (row && row->state < DocumentState::missing) documents_.set_state(document, DocumentState::settling);
}

void Ledger::reopen_refused() {
  database_.prepare("UPDATE document SET state = 1 WHERE state = 2 AND state <> 0 AND flag = 1").run();
}

void Ledger::end_loads() {
  database_
      .prepare(
          "UPDATE tally SET count = 0 WHERE name = ? AND count <> 0 AND storage IN "
          "(SELECT storage FROM tally WHERE name = ? AND count = 1) AND NOT EXISTS (SELECT 1 FROM document "
          "WHERE state = 1 AND state <> 0)")
      .with(kLoadBegan, kSwept)
      .run();
}

void Ledger::forget_future(Instant now) {
  const std::int64_t at = now.time_since_epoch().count();
  database_.prepare("UPDATE document SET since = ?1 WHERE since > ?1").with(at).run();
  database_.prepare("UPDATE patient_folder SET touched = ?1 WHERE touched > ?1").with(at).run();
  // What comes from now on was not let go by the person who looked before.
  database_.prepare("UPDATE tally SET count = ?1 WHERE name = ?2 AND count > ?1")
      .with(at, kDeletesReleased)
      .run();
}

std::vector<Unsettled> Ledger::unsettled(const DocumentRef& after, std::size_t limit) {
  const auto found = documents_.in_state(DocumentState::settling, after, limit);
  const auto documents = named(found);
  std::vector<Unsettled> all;
  for (std::size_t i = 0; i < found.size(); ++i) all.push_back({documents[i], found[i].stat});
  return all;
}

// --- units ---

void Ledger::mark_units_of(const DocumentName& name, Instant now) {
  if (name.key.type == DataType::ADT_00) {
    // A version that became history changes nothing by itself: its successor tells whether the identity did.
    const bool is_history = name.flag == ConditionFlag::superseded;
    return units_.mark_patient_due(name.key.patient,
                                   is_history ? Units::OfPatient::held : Units::OfPatient::all, now);
  }
  if (const auto unit = ReportUnit::of(name.key)) units_.mark_due(*unit, now);
}

void Ledger::note_change(const std::string& storage, const DocumentName& name, Instant seen) {
  // What a first reading finds was there before us, however long it takes.
  if (tally_.get(storage, kLoadBegan) != 0) return;
  if (name.key.type == DataType::ADT_00) return Changes(database_).note_patient(name.key.patient, seen);
  if (const auto unit = ReportUnit::of(name.key)) Changes(database_).note(units_.id_of(*unit), seen);
}

/// Two folders that are one number but for leading zeros concern each other: both are held, both are
/// released.
void Ledger::mark_twins(const ssmix2::PatientId& patient, Instant now) {
  auto select = database_.prepare("SELECT number FROM patient WHERE canonical = ? AND number <> ?");
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
