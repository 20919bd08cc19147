#include "gateway/known_folders.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::int64_t kNoParent = 0;

std::int64_t to_nanoseconds(Instant instant) {
  return std::chrono::nanoseconds(instant.time_since_epoch()).count();
}

bool in_tier(const FolderTier& tier, std::string_view date, std::int64_t mtime_ns) {
  if (!tier.folders_since || date == "-" || mtime_ns == 0) return true;
  if (mtime_ns >= to_nanoseconds(*tier.folders_since)) return true;
  return std::find(tier.dates.begin(), tier.dates.end(), date) != tier.dates.end();
}

constexpr std::int64_t kNeverListed = -1;

/// Columns mtime_ns and state from `column` on. A folder that is known to be away is listed when it comes
/// back, whatever its time is then.
void read_time(const Statement& select, int column, FolderToLookAt& folder) {
  const std::int64_t mtime_ns = select.integer(column);
  const auto state = static_cast<KnownFolder::State>(select.integer(column + 1));
  const bool is_there = state == KnownFolder::State::there;
  folder.is_new = mtime_ns == kNeverListed && is_there;
  folder.known_mtime_ns = folder.is_new || !is_there ? 0 : mtime_ns;
}

}  // namespace

FolderToLookAt KnownFolders::root(const std::string& storage) {
  auto select = database_.prepare("SELECT id, mtime_ns, state FROM folder WHERE parent = 0 AND name = ?");
  if (select.with(std::string_view(storage)).step()) {
    FolderToLookAt root{.id = {select.integer(0)}};
    read_time(select, 1, root);
    return root;
  }
  database_.prepare("INSERT INTO folder (parent, name) VALUES (?, ?)")
      .with(kNoParent, std::string_view(storage))
      .run();
  return {.id = {database_.last_row_id()}, .is_new = true};
}

FolderToLookAt KnownFolders::add(const FolderToLookAt& parent, const std::string& name) {
  database_.prepare("INSERT INTO folder (parent, name) VALUES (?, ?)")
      .with(parent.id.value, std::string_view(name))
      .run();
  FolderToLookAt folder{.id = {database_.last_row_id()},
                        .patient = parent.patient,
                        .path = path_below(parent.path, name),
                        .level = parent.level + 1,
                        .is_new = true};
  if (folder.level == kPatientLevel) folder.patient = folder.id;
  return folder;
}

void KnownFolders::bind_patient(const FolderToLookAt& folder, const std::string& storage,
                                std::int64_t patient) {
  database_.prepare("INSERT INTO patient_folder (folder, storage, path, patient) VALUES (?, ?, ?, ?)")
      .with(folder.id.value, std::string_view(storage), std::string_view(folder.path), patient)
      .run();
}

std::vector<KnownFolder> KnownFolders::children(FolderId folder) {
  auto select = database_.prepare("SELECT id, name, mtime_ns, state FROM folder WHERE parent = ?");
  select.with(folder.value);
  std::vector<KnownFolder> known;
  while (select.step()) {
    known.push_back({{select.integer(0)},
                     select.text(1),
                     select.integer(2),
                     static_cast<KnownFolder::State>(select.integer(3))});
  }
  return known;
}

KnownFolder::State KnownFolders::state_of(FolderId folder) {
  auto select = database_.prepare("SELECT state FROM folder WHERE id = ?");
  const bool known = select.with(folder.value).step();
  return known ? static_cast<KnownFolder::State>(select.integer(0)) : KnownFolder::State::gone;
}

bool KnownFolders::is_new(FolderId folder) {
  auto select = database_.prepare("SELECT mtime_ns, state FROM folder WHERE id = ?");
  if (!select.with(folder.value).step()) return true;
  FolderToLookAt row;
  read_time(select, 0, row);
  return row.is_new;
}

void KnownFolders::set_state(FolderId folder, KnownFolder::State state) {
  database_.prepare("UPDATE folder SET state = ? WHERE id = ?")
      .with(static_cast<std::int64_t>(state), folder.value)
      .run();
}

void KnownFolders::set_listed(FolderId folder, std::int64_t mtime_ns) {
  database_
      .prepare("UPDATE folder SET mtime_ns = ?1, state = 0 WHERE id = ?2 AND (mtime_ns <> ?1 OR state <> 0)")
      .with(mtime_ns, folder.value)
      .run();
}

void KnownFolders::touch(FolderId patient_folder, Instant when) {
  database_.prepare("UPDATE patient_folder SET touched = ?1 WHERE folder = ?2 AND touched < ?1")
      .with(when.time_since_epoch().count(), patient_folder.value)
      .run();
}

void KnownFolders::forget_time(FolderId folder) {
  database_.prepare("UPDATE folder SET mtime_ns = 0 WHERE id = ? AND mtime_ns > 0").with(folder.value).run();
}

FolderId KnownFolders::parent_of(FolderId folder) {
  auto select = database_.prepare("SELECT parent FROM folder WHERE id = ?");
  return {select.with(folder.value).step() ? select.integer(0) : kNoParent};
}

void KnownFolders::forget(FolderId folder) {
  database_.prepare("DELETE FROM patient_folder WHERE folder = ?").with(folder.value).run();
  database_.prepare("DELETE FROM folder WHERE id = ?").with(folder.value).run();
}

void KnownFolders::forget_times(const std::string& storage) {
  database_
      .prepare(
          "WITH RECURSIVE below (id) AS (SELECT id FROM folder WHERE parent = 0 AND name = ? UNION ALL "
          "SELECT folder.id FROM below JOIN folder ON folder.parent = below.id) "
          "UPDATE folder SET mtime_ns = 0 WHERE mtime_ns > 0 AND id IN below")
      .with(std::string_view(storage))
      .run();
}

FolderToLookAt KnownFolders::nearest(const std::string& storage, std::string_view path) {
  FolderToLookAt at = root(storage);
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    auto select = database_.prepare(
        "SELECT id, mtime_ns, state FROM folder WHERE parent = ? AND name = ? AND state IN (0, 3)");
    if (!select.with(at.id.value, name).step()) break;
    at.id = {select.integer(0)};
    at.path = path_below(at.path, name);
    read_time(select, 1, at);
    if (++at.level == kPatientLevel) at.patient = at.id;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  at.known_mtime_ns = 0;
  return at;
}

KnownFolders::Climbed KnownFolders::climb(FolderId folder) {
  std::vector<std::pair<FolderId, std::string>> up;
  while (folder.value != kNoParent) {
    auto select = database_.prepare("SELECT parent, name FROM folder WHERE id = ?");
    if (!select.with(folder.value).step()) break;
    up.emplace_back(folder, select.text(1));
    folder = {select.integer(0)};
  }
  Climbed climbed{{}, static_cast<int>(up.size()) - 1, {}, up.empty() ? std::string() : up.back().second};
  for (std::size_t i = up.size() - 1; i-- > 0;) climbed.path = path_below(climbed.path, up[i].second);
  if (climbed.level >= kPatientLevel) climbed.patient = up[up.size() - 1 - kPatientLevel].first;
  return climbed;
}

FolderToLookAt KnownFolders::find(FolderId folder) {
  Climbed climbed = climb(folder);
  return {.id = folder, .patient = climbed.patient, .path = std::move(climbed.path), .level = climbed.level};
}

std::string KnownFolders::storage_of(FolderId folder) {
  return climb(folder).storage;
}

std::vector<FolderToLookAt> KnownFolders::upper(const std::string& storage, std::optional<Instant> since) {
  std::vector<FolderToLookAt> folders = {root(storage)};
  for (std::size_t i = 0; i < folders.size() && folders[i].level + 1 < kPatientLevel; ++i) {
    const FolderToLookAt parent = folders[i];
    auto select =
        database_.prepare("SELECT id, name, mtime_ns, state FROM folder WHERE parent = ? AND state <> 2");
    select.with(parent.id.value);
    while (select.step()) {
      FolderToLookAt& folder = folders.emplace_back();
      folder.id = {select.integer(0)};
      folder.path = path_below(parent.path, select.text(1));
      folder.level = parent.level + 1;
      read_time(select, 2, folder);
    }
  }
  if (since) {
    // Their times tell of new names right below only, so no level decides for the next.
    std::erase_if(folders, [oldest = to_nanoseconds(*since)](const FolderToLookAt& folder) {
      return folder.level != kRootLevel && folder.known_mtime_ns != 0 && folder.known_mtime_ns < oldest;
    });
  }
  return folders;
}

void KnownFolders::add_folders_of(const FolderToLookAt& patient, const FolderTier& tier,
                                  std::vector<FolderToLookAt>& folders) {
  auto select = database_.prepare(
      "SELECT date.id, date.name, date.mtime_ns, date.state, kind.id, kind.name, kind.mtime_ns, kind.state "
      "FROM folder AS date LEFT JOIN folder AS kind ON kind.parent = date.id AND kind.state <> 2 "
      "WHERE date.parent = ? AND date.state <> 2 ORDER BY date.name, kind.name");
  select.with(patient.id.value);
  FolderToLookAt date{.patient = patient.id, .level = kDateLevel};
  FolderToLookAt kind{.patient = patient.id, .level = kKindLevel};
  std::string name;
  while (select.step()) {
    const FolderId id{select.integer(0)};
    if (id != date.id) {
      date.id = id;
      name = select.text(1);
      date.path = path_below(patient.path, name);
      read_time(select, 2, date);
      if (in_tier(tier, name, date.known_mtime_ns)) folders.push_back(date);
    }
    if (select.is_null(4)) continue;
    kind.id = {select.integer(4)};
    kind.path = path_below(date.path, select.text(5));
    read_time(select, 6, kind);
    if (in_tier(tier, name, kind.known_mtime_ns)) folders.push_back(kind);
  }
}

KnownFolders::Batch KnownFolders::patients(const std::string& storage, FolderId after, const FolderTier& tier,
                                           std::size_t enough) {
  Batch batch;
  auto select = database_.prepare(
      "SELECT folder.id, patient_folder.path, folder.mtime_ns, folder.state FROM patient_folder "
      "JOIN folder ON folder.id = patient_folder.folder "
      "WHERE patient_folder.folder > ? AND storage = ? AND touched >= ? AND state <> 2 "
      "ORDER BY patient_folder.folder");
  select.with(after.value, std::string_view(storage),
              tier.patients_since ? tier.patients_since->time_since_epoch().count() : std::int64_t{0});
  while (batch.folders.size() < enough && select.step()) {
    FolderToLookAt patient{.id = {select.integer(0)}, .path = select.text(1), .level = kPatientLevel};
    patient.patient = patient.id;
    read_time(select, 2, patient);
    batch.folders.push_back(patient);
    if (!tier.patient_folder_only) add_folders_of(patient, tier, batch.folders);
    batch.last = patient.id;
    ++batch.patients;
  }
  return batch;
}

std::int64_t KnownFolders::count_patients(const std::string& storage) {
  auto select = database_.prepare("SELECT COUNT(*) FROM patient_folder WHERE storage = ?");
  return select.with(std::string_view(storage)).step() ? select.integer(0) : 0;
}

}  // namespace gateway
