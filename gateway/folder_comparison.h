#pragma once
// One folder of a storage as it is now, against what the database knows of it. Reads only. One thread.

#include "gateway/document_table.h"
#include "gateway/known_folders.h"
#include "gateway/reconcile_report.h"
#include "gateway/scope.h"
#include "gateway/second_looks.h"
#include "gateway/settings.h"
#include "gateway/sqlite.h"
#include "gateway/storage_tree.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gateway {

/// A folder that is in the tree, known, or both.
struct ComparedFolder {
  std::string path = {};  // below the root
  int level = kRootLevel;
  std::optional<KnownFolder> known = {};
  bool in_tree = true;
  bool wanted = true;       // by the scope: else its files are counted and not compared
  bool named_soon = false;  // a sweep lists the folder above again
  std::string top = {};     // the patient's folder that it is or lies in; above those its own path
};

class FolderComparison {
 public:
  FolderComparison(Database& database, const Settings& settings, const StorageSettings& storage);

  ComparedFolder root();
  /// What lies right below, in the tree or known.
  std::vector<ComparedFolder> below(const ComparedFolder& folder, const FolderListing& listing);

  void compare(const ComparedFolder& folder, const FolderListing& listing, Findings& findings);
  /// Of a folder that is known and not there: what is known of everything in it.
  void compare_gone(const ComparedFolder& folder, Findings& findings);

  /// Why the storage counts as away; empty: it does not.
  const std::string& outage() const { return outage_; }

 private:
  struct Seen;
  bool is_listed_soon(const ComparedFolder& folder, const FolderListing& listing) const;
  bool is_overdue(const std::string& path) const;
  void pass_over(const ComparedFolder& folder, const FolderListing& listing, Findings& findings) const;
  std::optional<Difference> judge(const Seen& seen, const SeenFile& file, const DocumentRow* row);
  std::optional<Difference> judge_refused(const Seen& seen, const DocumentRow& row);
  std::optional<Difference> judge_accepted(const Seen& seen, const SeenFile& file, const DocumentRow& row);
  void add_gone(const ComparedFolder& folder, const DocumentRow& row, bool listed_soon,
                Findings& findings) const;
  Difference difference(DifferenceReason reason, const std::string& path, std::string detail = {}) const;

  const StorageSettings& storage_;
  Scope scope_;
  Scope::Date today_;
  KnownFolders folders_;
  DocumentTable documents_;
  SecondLookTable second_looks_;
  TimeZone zone_;
  bool trust_times_ = false;
  bool all_listed_soon_ = false;  // it is read for the first time, or anew for other settings
  std::string outage_;
  Instant last_sweep_;
};

}  // namespace gateway
