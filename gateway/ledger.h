#pragma once
// What is known of the storages' documents, kept in the database. A sighting changes the ledger and marks the
// report units that it concerns as due; nothing is sent from here. Storage thread only.

#include "gateway/instant.h"
#include "gateway/sqlite.h"
#include "gateway/storage_tree.h"
#include "gateway/units.h"
#include "ssmix2/document_name.h"
#include "ssmix2/failure.h"

#include <map>
#include <string>
#include <vector>

namespace gateway {

/// One file: which storage, which folder below its root, which name.
struct DocumentRef {
  std::string root;
  std::string folder;
  std::string name;

  std::string relative_path() const { return folder.empty() ? name : folder + "/" + name; }
  friend auto operator<=>(const DocumentRef&, const DocumentRef&) = default;
};

struct Unsettled {
  DocumentRef document;
  FileStat stat;
};

struct Observed {
  std::vector<Unsettled> to_settle;  // new or changed, content still to be looked at
  std::vector<std::pair<DocumentRef, ssmix2::Failure>> refused;  // names that were not understood
  std::size_t vanished = 0;
};

class Ledger {
 public:
  Ledger(Database& database, Units& units) : database_(database), units_(units) {}

  /// Compares one folder with what is known of it: new, changed, renamed and vanished files. The caller opens
  /// the transaction.
  Observed observe(const std::string& root, const FolderListing& listing, Instant now);

  /// The content was read whole and is a message. `identity` is the hash of the demographics of an ADT-00,
  /// else empty.
  void accept(const DocumentRef& document, const FileStat& stat, const std::string& identity, Instant now);

  /// The content cannot be used; the unit it belongs to is held until the file changes. False when that is no
  /// news.
  bool refuse(const DocumentRef& document, const ssmix2::Failure& failure, Instant now);

  /// The file is not the one that was accepted: look at it again.
  void reopen(const DocumentRef& document, Instant now);

  /// What must be looked at after a start: documents that were still settling, and those that were refused,
  /// because a newer version may understand them.
  std::vector<Unsettled> unfinished();

  std::vector<std::string> known_folders(const std::string& root);
  std::int64_t live_documents(const std::string& root);
  std::int64_t live_documents_in(const std::string& root, const std::string& folder);

 private:
  struct Row {
    std::int64_t id;
    std::string name;
    FileStat stat;
    std::string state;
    std::int64_t flag;
    std::string failure;
  };

  std::vector<Row> rows_of_folder(const std::string& root, const std::string& folder);
  void observe_new(const DocumentRef& document, const FileStat& stat, const std::map<std::string, Row>& gone,
                   Instant now, Observed& observed);
  void observe_known(const DocumentRef& document, const Row& row, const FileStat& stat, Instant now,
                     Observed& observed);
  void observe_missing(const DocumentRef& document, const Row& row, const FolderListing& listing, Instant now,
                       Observed& observed);
  bool is_history(const DocumentRef& document, const FolderListing& listing);
  void mark_units_of(const ssmix2::DocumentName& name, Instant now);
  void mark_twins(const ssmix2::PatientId& patient, Instant now);

  Database& database_;
  Units& units_;
};

}  // namespace gateway
