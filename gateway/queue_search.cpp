#include "gateway/queue_search.h"

#include "gateway/known_folders.h"
#include "gateway/schema.h"
#include "gateway/unit_names.h"

#include <filesystem>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using ssmix2::DataType;

/// An ADT-00 belongs to all units of its patient.
std::vector<UnitId> units_of(Database& database, const DocumentRef& document) {
  std::vector<UnitId> units;
  const auto name = ssmix2::parse_document_path(document.relative_path());
  if (!name.has_value()) return units;
  const auto unit = ReportUnit::of(name->key);
  if (!unit && name->key.type != DataType::ADT_00) return units;
  auto select = database.prepare(
      "SELECT unit.id FROM unit JOIN patient ON patient.id = unit.patient WHERE patient.number = ?1 "
      "AND (?2 IS NULL OR (kind = ?2 AND date = ?3 AND order_no = ?4)) ORDER BY unit.id");
  select.bind(1, std::string_view(name->key.patient.reveal()));
  if (unit) {
    select.bind(2, static_cast<std::int64_t>(unit->kind))
        .bind(3, std::string_view(unit->date))
        .bind(4, std::string_view(unit->order_no));
  }
  while (select.step()) units.push_back({select.integer(0)});
  return units;
}

std::optional<FolderId> folder_at(Database& database, const std::string& storage, std::string_view path) {
  auto select = database.prepare("SELECT id FROM folder WHERE parent = ? AND name = ?");
  if (!select.with(std::int64_t{0}, storage).step()) return std::nullopt;
  FolderId at{select.integer(0)};
  while (!path.empty()) {
    const auto slash = path.find('/');
    auto below = database.prepare("SELECT id FROM folder WHERE parent = ? AND name = ?");
    if (!below.with(at.value, path.substr(0, slash)).step()) return std::nullopt;
    at = {below.integer(0)};
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at;
}

/// `path` is below the root of the storage.
std::optional<DocumentRef> document_at(Database& database, const std::string& storage,
                                       const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash);
  const auto id = folder_at(database, storage, folder);
  if (!id) return std::nullopt;
  DocumentRef document{storage, folder, path.substr(slash == std::string::npos ? 0 : slash + 1), *id};
  return DocumentTable(database).find(document) ? std::optional(document) : std::nullopt;
}

/// What is left of `path` below the root; nothing when it does not lie there.
std::optional<std::string> below(const std::filesystem::path& root, const std::filesystem::path& path) {
  const auto rest = path.lexically_normal().lexically_relative(root.lexically_normal());
  const bool inside = !rest.empty() && *rest.begin() != ".." && rest != ".";
  return inside ? std::optional(rest.generic_string()) : std::nullopt;
}

std::optional<DocumentRef> document_of_path(Database& database, const Settings& settings,
                                            const std::string& word) {
  std::error_code error;
  const auto from_here = std::filesystem::absolute(word, error);
  const auto resolved = std::filesystem::weakly_canonical(word, error);
  for (const StorageSettings& storage : settings.storages) {
    const auto root = std::filesystem::weakly_canonical(storage.root, error);
    for (const auto& path : {below(storage.root, from_here), below(root, resolved), std::optional(word)}) {
      if (!path) continue;
      if (auto document = document_at(database, storage.id, *path)) return document;
    }
  }
  return std::nullopt;
}

std::optional<DocumentRef> document_labelled(Database& database, const std::string& word) {
  const std::string salt = label_salt(database);
  KnownFolders folders(database);
  DocumentRef document;
  auto select = database.prepare("SELECT folder, name FROM document ORDER BY folder");
  while (select.step()) {
    const FolderId folder{select.integer(0)};
    if (folder != document.folder_id) {
      document.folder_id = folder;
      document.root = folders.storage_of(folder);
      document.folder = folders.find(folder).path;
    }
    document.name = whole_name(document.folder, select.text(1));
    if (label(salt, document.root + "/" + document.relative_path()).view() == word) return document;
  }
  return std::nullopt;
}

}  // namespace

std::optional<QueueTarget> find_target(Database& database, const Settings& settings,
                                       const std::string& word) {
  const auto units = find_units(database, {word});
  if (!units.empty()) return QueueTarget{std::nullopt, {units.begin()->second}};
  const auto document = is_label(word)       ? document_labelled(database, word)
                        : is_bundle_id(word) ? std::nullopt
                                             : document_of_path(database, settings, word);
  if (!document) return std::nullopt;
  return QueueTarget{document, units_of(database, *document)};
}

}  // namespace gateway
