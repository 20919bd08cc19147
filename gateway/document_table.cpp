#include "gateway/document_table.h"

#include "gateway/stored_instant.h"

namespace gateway {
namespace {

/// "PATIENT_DATE_TYPE_" of "001/234/0012345/20260101/OML-11"; empty of a folder at another level.
std::string prefix_of(std::string_view folder) {
  std::string prefix;
  int level = 0;
  for (std::string_view rest = folder; !rest.empty(); ++level) {
    const auto slash = rest.find('/');
    if (level + 1 >= kPatientLevel) prefix.append(rest.substr(0, slash)).append("_");
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return level == kKindLevel ? prefix : std::string();
}

DocumentRow read_row(const std::string& folder, Statement& select) {
  return {whole_name(folder, select.text(0)),
          {select.integer(1), select.integer(2)},
          static_cast<DocumentState>(select.integer(3)),
          select.integer(4),
          to_instant(select.integer(5))};
}

/// Binds the key of a document behind `index` other values.
Statement& with_key(Statement& statement, int index, const DocumentRef& document) {
  return statement.bind(index + 1, document.folder_id.value)
      .bind(index + 2, std::string_view(stored_name(document.folder, document.name)));
}

}  // namespace

std::string stored_name(const std::string& folder, const std::string& name) {
  const std::string prefix = prefix_of(folder);
  // No file name has a '/' in it.
  return !prefix.empty() && name.starts_with(prefix) ? name.substr(prefix.size()) : "/" + name;
}

std::string whole_name(const std::string& folder, const std::string& stored) {
  return stored.starts_with('/') ? stored.substr(1) : prefix_of(folder) + stored;
}

std::map<std::string, DocumentRow> DocumentTable::in_folder(const FolderToLookAt& folder) {
  auto select =
      database_.prepare("SELECT name, size, mtime_ns, state, flag, since FROM document WHERE folder = ?");
  select.with(folder.id.value);
  std::map<std::string, DocumentRow> rows;
  while (select.step()) {
    DocumentRow row = read_row(folder.path, select);
    std::string name = row.name;
    rows.emplace(std::move(name), std::move(row));
  }
  return rows;
}

std::optional<DocumentRow> DocumentTable::find(const DocumentRef& document) {
  auto select = database_.prepare(
      "SELECT name, size, mtime_ns, state, flag, since FROM document WHERE folder = ? AND name = ?");
  if (!with_key(select, 0, document).step()) return std::nullopt;
  return read_row(document.folder, select);
}

void DocumentTable::insert(const DocumentRef& document, const DocumentRow& row, bool was_live,
                           Instant since) {
  auto insert = database_.prepare(
      "INSERT INTO document (flag, state, was_live, size, mtime_ns, since, folder, name) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.with(row.flag, static_cast<std::int64_t>(row.state), std::int64_t{was_live}, row.stat.size,
              row.stat.mtime_ns, to_milliseconds(since));
  with_key(insert, 6, document).run();
}

bool DocumentTable::update(const DocumentRef& document, const FileStat& stat, DocumentState state,
                           Instant since) {
  auto update = database_.prepare(
      "UPDATE document SET size = ?, mtime_ns = ?, state = ?, since = ? WHERE folder = ? AND name = ?");
  update.with(stat.size, stat.mtime_ns, static_cast<std::int64_t>(state), to_milliseconds(since));
  with_key(update, 4, document).run();
  return database_.changes() > 0;
}

void DocumentTable::update_stat(const DocumentRef& document, const FileStat& stat, DocumentState state) {
  auto update = database_.prepare(
      "UPDATE document SET size = ?, mtime_ns = ?, state = ? WHERE folder = ? AND name = ?");
  update.with(stat.size, stat.mtime_ns, static_cast<std::int64_t>(state));
  with_key(update, 3, document).run();
}

void DocumentTable::set_state(const DocumentRef& document, DocumentState state) {
  auto update = database_.prepare("UPDATE document SET state = ? WHERE folder = ? AND name = ?");
  update.with(static_cast<std::int64_t>(state));
  with_key(update, 1, document).run();
}

void DocumentTable::erase(const DocumentRef& document) {
  auto erase = database_.prepare("DELETE FROM document WHERE folder = ? AND name = ?");
  with_key(erase, 0, document).run();
  forget_refusal(document);
}

bool DocumentTable::note_refusal(const DocumentRef& document, const ssmix2::Failure& failure) {
  auto note = database_.prepare(
      "INSERT INTO refusal (failure, explanation, folder, name) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
      "SET failure = excluded.failure, explanation = excluded.explanation "
      "WHERE explanation <> excluded.explanation");
  note.with(kind_of(failure.code).id, to_text(failure).view());
  with_key(note, 2, document).run();
  return database_.changes() > 0;
}

void DocumentTable::forget_refusal(const DocumentRef& document) {
  auto erase = database_.prepare("DELETE FROM refusal WHERE folder = ? AND name = ?");
  with_key(erase, 0, document).run();
}

std::string DocumentTable::refusal_of(const DocumentRef& document) {
  auto select = database_.prepare("SELECT failure FROM refusal WHERE folder = ? AND name = ?");
  return with_key(select, 0, document).step() ? select.text(0) : std::string();
}

std::vector<DocumentTable::Found> DocumentTable::in_state(DocumentState state, const DocumentRef& after,
                                                          std::size_t limit) {
  auto select = database_.prepare(
      "SELECT folder, name, size, mtime_ns FROM document WHERE state = ?1 AND state <> 0 "
      "AND (folder, name) > (?2, ?3) ORDER BY folder, name LIMIT ?4");
  select.with(static_cast<std::int64_t>(state), after.folder_id.value,
              std::string_view(after.name.empty() ? "" : stored_name(after.folder, after.name)),
              static_cast<std::int64_t>(limit));
  std::vector<Found> found;
  while (select.step()) {
    found.push_back({{select.integer(0)}, select.text(1), {select.integer(2), select.integer(3)}});
  }
  return found;
}

}  // namespace gateway
