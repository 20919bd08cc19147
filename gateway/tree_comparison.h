#pragma once
// The whole tree of a storage against what the database knows of it, some hundred patients at a time. Nothing
// is called unexplained that was not found twice: the gateway may be at work beside it. One thread; blocking.

#include "gateway/folder_comparison.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace gateway {

/// Between the two looks: what the gateway has just seen is written down by then.
constexpr Milliseconds kSecondGlance{2'000};

class TreeComparison {
 public:
  /// `patients`: their folders below the root; nothing: all, and what lies above them.
  TreeComparison(Database& database, const Settings& settings, const StorageSettings& storage,
                 std::optional<std::set<std::string>> patients, ReconcileReport& report);

  /// How many patients' folders there were, in the tree or known.
  std::size_t run();

 private:
  using ByTop = std::map<std::string, Findings>;

  void report_root(const FolderListing& listing);
  void walk_upper(ComparedFolder folder);
  void walk_patients();
  std::vector<ComparedFolder> descend(std::vector<ComparedFolder> folders, ByTop& findings);
  std::optional<ComparedFolder> find_again(const std::string& path);
  Findings look_again(const std::string& patient);
  std::vector<FolderListing> look(const std::vector<ComparedFolder>& folders, LookRules::Stat stat);
  bool is_asked_for(const std::string& path) const;
  Findings asked_for(Findings findings) const;
  void add(const Findings& findings);

  const StorageSettings& storage_;
  std::optional<std::set<std::string>> patients_;
  ReconcileReport& report_;
  FolderComparison comparison_;
  std::vector<ComparedFolder> batch_;  // patients
  Findings::PassedOver passed_over_;
  std::size_t found_ = 0;
};

}  // namespace gateway
