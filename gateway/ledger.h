#pragma once
// What is known of the storages' documents, kept in the database. A sighting changes the ledger and marks the
// report units that it concerns as due; nothing is sent from here. Storage thread only.

#include "fhir_mapper/report_unit.h"
#include "gateway/document_table.h"
#include "gateway/instant.h"
#include "gateway/known_folders.h"
#include "gateway/sqlite.h"
#include "gateway/storage_tree.h"
#include "gateway/tally.h"
#include "gateway/units.h"
#include "ssmix2/document_name.h"
#include "ssmix2/failure.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace gateway {

struct Unsettled {
  DocumentRef document;
  FileStat stat;  // FileStat{}: not looked at yet
};

struct Observed {
  std::vector<Unsettled> to_settle;        // new or changed, content still to be looked at
  std::vector<FolderToLookAt> to_look_at;  // new folders, and those that are back
  std::vector<std::pair<DocumentRef, ssmix2::Failure>> refused;  // names that were not understood
  std::size_t new_documents = 0;
  std::size_t missing = 0;     // documents and folders that are no longer named
  std::size_t unreadable = 0;  // folders that could not be listed, and could before
};

class Ledger {
 public:
  Ledger(Database& database, Units& units)
      : database_(database), units_(units), folders_(database), documents_(database), tally_(database) {}

  /// Compares one folder with what is known of it: new, changed, renamed and missing files and folders. The
  /// caller opens the transaction.
  Observed observe(const std::string& storage, const FolderListing& listing, Instant now);

  /// A patient's folder that was named by its path, with those above it, as if they had been seen.
  FolderToLookAt add_patient_folder(const std::string& storage, const std::string& path, Instant now);

  /// What is missing, against the live documents that are known: the caller judges whether that is an outage.
  struct Losses {
    std::int64_t documents = 0;  // live ones; counted up to what is asked for
    std::int64_t live = 0;
    bool any = false;  // also files and folders without a live document
  };
  Losses losses(const std::string& storage, std::int64_t enough = std::numeric_limits<std::int64_t>::max());
  /// Root first, the folders that no longer name what is missing, so that they are asked once more.
  std::vector<FolderToLookAt> places_of_losses(const std::string& storage, std::size_t limit);
  /// Folders that went before they were listed the first time: what they held is not known. How many.
  std::size_t forget_never_listed(const std::string& storage);
  /// Folders that are there and cannot be listed.
  std::size_t unreadable_folders(const std::string& storage);
  /// What is missing has vanished: the units of its documents are held. How many documents that are.
  std::size_t confirm_losses(const std::string& storage, Instant now);

  /// The content was read whole and is a message. `identity` is the hash of the demographics of an ADT-00,
  /// else empty.
  void accept(const DocumentRef& document, const FileStat& stat, const std::string& identity, Instant now);

  /// The content cannot be used; the unit it belongs to is held until the file changes. False when that is no
  /// news.
  bool refuse(const DocumentRef& document, const ssmix2::Failure& failure, Instant now);

  /// What becomes of the file may leave no trace in its folder's time, because permissions are repaired and
  /// storages come back as they were: the next sweep lists the folder.
  void list_again(const DocumentRef& document, Instant now);

  /// The file is not the one that was accepted: look at it again.
  void reopen(const DocumentRef& document);

  /// After a start: what was refused is read again, because a newer version may understand it.
  void reopen_refused();
  /// Documents whose content is still to be looked at, behind `after` in the order in which they were found:
  /// a patient's ADT-00 first, because it stands in the first folder of the patient.
  std::vector<Unsettled> unsettled(const DocumentRef& after, std::size_t limit);

  /// After the clock went back: what seems to have been seen later than now was seen now.
  void forget_future(Instant now);

  /// The first reading of storages that were swept whole is over when no document is left to be looked at.
  void end_loads();

  KnownFolders& folders() { return folders_; }
  Tally& tally() { return tally_; }

 private:
  using Rows = std::map<std::string, DocumentRow>;

  void observe_listed(const std::string& storage, const FolderListing& listing, Instant now,
                      Observed& observed);
  void observe_folders(const std::string& storage, const FolderListing& listing, bool is_new, Instant now,
                       Observed& observed);
  void note_unreadable(const FolderListing& listing, Instant now, Observed& observed);
  void observe_new_patient(const std::string& storage, const FolderToLookAt& folder, Instant now);

  void observe_files(const std::string& storage, const FolderListing& listing, bool is_new, Instant now,
                     Observed& observed);
  void observe_new(const DocumentRef& document, const FolderListing& listing, const SeenFile& file,
                   const Rows& gone, Instant now, Observed& observed);
  void observe_known(const DocumentRef& document, const DocumentRow& row, const SeenFile& file, Instant now,
                     Observed& observed);
  void observe_missing(const DocumentRef& document, const DocumentRow& row, const FolderListing& listing,
                       Instant now, Observed& observed);
  void erase(const DocumentRef& document, const DocumentRow& row);

  std::vector<FolderId> folders_in(KnownFolder::State state, const std::string& storage);
  std::vector<FolderId> folders_below(const std::vector<FolderId>& tops);
  std::vector<DocumentRef> named(const std::vector<DocumentTable::Found>& found);
  std::vector<DocumentRef> missing_documents(const std::string& storage);
  bool vanish(const DocumentRef& document, Instant now);

  void mark_units_of(const ssmix2::DocumentName& name, Instant now);
  /// For how long it takes until the destinations have it. Behind mark_units_of().
  void note_change(const std::string& storage, const ssmix2::DocumentName& name, Instant seen);
  void mark_patient_of(const FolderToLookAt& folder, Instant now);
  void mark_twins(const ssmix2::PatientId& patient, Instant now);

  Database& database_;
  Units& units_;
  KnownFolders folders_;
  DocumentTable documents_;
  Tally tally_;
};

}  // namespace gateway
