// What is missing in the storages, and what it means when the sweep believes it.

#include "gateway/ledger.h"

#include <algorithm>
#include <limits>
#include <set>

namespace gateway {

using ssmix2::ConditionFlag;
using ssmix2::FailureCode;

namespace {

std::string as_json(const std::vector<FolderId>& folders) {
  std::string ids = "[";
  for (const FolderId folder : folders)
    ids.append(ids.size() > 1 ? "," : "").append(std::to_string(folder.value));
  return ids.append("]");
}

}  // namespace

std::vector<FolderId> Ledger::folders_in(KnownFolder::State state, const std::string& storage) {
  auto select = database_.prepare("SELECT id FROM folder WHERE state = ? AND state <> 0");
  select.with(static_cast<std::int64_t>(state));
  std::vector<FolderId> all;
  while (select.step()) all.push_back({select.integer(0)});
  std::erase_if(all, [&](FolderId folder) { return folders_.storage_of(folder) != storage; });
  return all;
}

std::size_t Ledger::unreadable_folders(const std::string& storage) {
  return folders_in(KnownFolder::State::unreadable, storage).size();
}

std::vector<FolderId> Ledger::folders_below(const std::vector<FolderId>& tops) {
  auto select = database_.prepare(
      "WITH RECURSIVE below (id) AS (SELECT value FROM json_each(?) UNION "
      "SELECT folder.id FROM below JOIN folder ON folder.parent = below.id) SELECT id FROM below ORDER BY "
      "id");
  select.with(std::string_view(as_json(tops)));
  std::vector<FolderId> all;
  while (select.step()) all.push_back({select.integer(0)});
  return all;
}

std::vector<DocumentRef> Ledger::named(const std::vector<DocumentTable::Found>& found) {
  std::vector<DocumentRef> documents;
  DocumentRef document;
  for (const DocumentTable::Found& each : found) {
    if (each.folder != document.folder_id) {
      document.folder_id = each.folder;
      document.root = folders_.storage_of(each.folder);
      document.folder = folders_.find(each.folder).path;
    }
    document.name = whole_name(document.folder, each.stored);
    documents.push_back(document);
  }
  return documents;
}

/// Of folders that are there, the documents that are missing in them.
std::vector<DocumentRef> Ledger::missing_documents(const std::string& storage) {
  constexpr auto kAll = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  auto missing = named(documents_.in_state(DocumentState::missing, {}, kAll));
  std::erase_if(missing, [&](const DocumentRef& document) { return document.root != storage; });
  return missing;
}

Ledger::Losses Ledger::losses(const std::string& storage, std::int64_t enough) {
  const auto folders = folders_in(KnownFolder::State::missing, storage);
  const auto documents = missing_documents(storage);
  Losses losses{.live = tally_.get(storage, kLiveDocuments), .any = !folders.empty() || !documents.empty()};
  for (const DocumentRef& document : documents) {
    const auto row = documents_.find(document);
    if (row && row->is_live()) ++losses.documents;
  }
  // Of a root that is empty every folder is below a missing one: no more of them are read than decide it.
  auto select = database_.prepare(
      "WITH RECURSIVE below (id) AS (SELECT value FROM json_each(?1) UNION "
      "SELECT folder.id FROM below JOIN folder ON folder.parent = below.id) "
      "SELECT COUNT(*) FROM (SELECT 1 FROM below CROSS JOIN document ON document.folder = below.id "
      "WHERE flag = 1 AND document.state < 3 LIMIT ?2)");
  if (select.with(std::string_view(as_json(folders)), enough).step()) losses.documents += select.integer(0);
  return losses;
}

std::vector<FolderToLookAt> Ledger::places_of_losses(const std::string& storage, std::size_t limit) {
  std::set<FolderId> places;
  for (const FolderId folder : folders_in(KnownFolder::State::missing, storage)) {
    if (places.size() < limit) places.insert(folders_.parent_of(folder));
  }
  for (const DocumentRef& document : missing_documents(storage)) {
    if (places.size() < limit) places.insert(document.folder_id);
  }
  std::vector<FolderToLookAt> folders;
  if (places.empty()) return folders;
  folders.push_back(folders_.nearest(storage, ""));
  places.erase(folders.front().id);
  for (const FolderId place : places) folders.push_back(folders_.find(place));
  return folders;
}

std::size_t Ledger::forget_never_listed(const std::string& storage) {
  std::size_t forgotten = 0;
  for (const FolderId folder : folders_in(KnownFolder::State::missing, storage)) {
    if (!folders_.is_new(folder)) continue;
    folders_.forget(folder);
    ++forgotten;
  }
  return forgotten;
}

std::size_t Ledger::confirm_losses(const std::string& storage, Instant now) {
  std::vector<DocumentRef> lost = missing_documents(storage);
  for (const FolderId id : folders_below(folders_in(KnownFolder::State::missing, storage))) {
    const FolderToLookAt folder = folders_.find(id);
    for (const auto& [name, row] : documents_.in_folder(folder)) {
      if (row.state < DocumentState::missing) lost.push_back({storage, folder.path, name, id});
    }
    folders_.set_state(id, KnownFolder::State::gone);
    if (folder.level == kPatientLevel)
      mark_twins(ssmix2::PatientId(std::string(last_name(folder.path))), now);
  }
  std::size_t vanished = 0;
  for (const DocumentRef& document : lost) vanished += vanish(document, now) ? 1 : 0;
  return vanished;
}

bool Ledger::vanish(const DocumentRef& document, Instant now) {
  const auto row = documents_.find(document);
  const auto name = ssmix2::parse_document_path(document.relative_path());
  if (!row) return false;
  if (!name.has_value()) {
    erase(document, *row);
    return false;
  }
  if (row->is_live()) tally_.add(document.root, kLiveDocuments, -1);
  documents_.set_state(document, DocumentState::vanished);
  if (name->flag == ConditionFlag::deleted) return false;
  documents_.note_refusal(document, {FailureCode::file_vanished, {}, {}});
  mark_units_of(*name, now);
  return true;
}

}  // namespace gateway
