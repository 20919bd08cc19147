#pragma once
// The table of known documents: one row a file, as short as a million of them must be. Storage thread only.

#include "gateway/instant.h"
#include "gateway/sqlite.h"
#include "gateway/storage_tree.h"
#include "ssmix2/failure.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// One file: which storage, which folder below its root, which name.
struct DocumentRef {
  std::string root;
  std::string folder;
  std::string name;
  FolderId folder_id = {};

  std::string relative_path() const { return path_below(folder, name); }
  friend auto operator<=>(const DocumentRef&, const DocumentRef&) = default;
};

enum class DocumentState {
  accepted = 0,
  settling = 1,
  failed = 2,
  missing = 3,   // its folder no longer names it; the end of the sweep decides what that means
  vanished = 4,  // and it was decided: gone without a delete
};

struct DocumentRow {
  std::string name;  // of the file, whole
  FileStat stat;
  DocumentState state = DocumentState::settling;
  std::int64_t flag = 0;  // of the name; kNoFlag when it was not understood
  Instant since = {};     // as it is read: accepted, of the others first seen

  bool is_live() const { return flag == 1 && state != DocumentState::vanished; }
};
constexpr std::int64_t kNoFlag = 3;

class DocumentTable {
 public:
  explicit DocumentTable(Database& database) : database_(database) {}

  std::map<std::string, DocumentRow> in_folder(const FolderToLookAt& folder);
  std::optional<DocumentRow> find(const DocumentRef& document);

  /// `was_live`: flag 0 that was known as an accepted flag 1 before.
  void insert(const DocumentRef& document, const DocumentRow& row, bool was_live, Instant since);
  /// `since`: first seen, or accepted. False when there is no such row.
  bool update(const DocumentRef& document, const FileStat& stat, DocumentState state, Instant since);
  void update_stat(const DocumentRef& document, const FileStat& stat, DocumentState state);
  void set_state(const DocumentRef& document, DocumentState state);
  void erase(const DocumentRef& document);

  /// False when it is known for the same reason already.
  bool note_refusal(const DocumentRef& document, const ssmix2::Failure& failure);
  void forget_refusal(const DocumentRef& document);
  /// The id of the reason; empty when there is none.
  std::string refusal_of(const DocumentRef& document);

  struct Found {
    FolderId folder;
    std::string stored;  // whole_name() tells the name
    FileStat stat;
  };
  /// In the order of folders, behind `after`.
  std::vector<Found> in_state(DocumentState state, const DocumentRef& after, std::size_t limit);

 private:
  Database& database_;
};

/// How the database writes the name of a file: what its folder says already is left out.
std::string stored_name(const std::string& folder, const std::string& name);
std::string whole_name(const std::string& folder, const std::string& stored);

}  // namespace gateway
