#include "gateway/tree_comparison.h"

#include <algorithm>
#include <thread>

namespace gateway {
namespace {

constexpr std::size_t kPatientsAtOnce = 256;
constexpr std::size_t kFoldersAtOnce = 1'024;

}  // namespace

TreeComparison::TreeComparison(Database& database, const Settings& settings, const StorageSettings& storage,
                               std::optional<std::set<std::string>> patients, ReconcileReport& report)
    : storage_(storage),
      patients_(std::move(patients)),
      report_(report),
      comparison_(database, settings, storage) {}

std::size_t TreeComparison::run() {
  ComparedFolder root = comparison_.root();
  FolderListing listing = look({root}, LookRules::Stat::never).front();
  if (listing.outcome != FolderListing::Outcome::listed && comparison_.outage().empty()) {
    std::this_thread::sleep_for(kSecondGlance);
    listing = look({root}, LookRules::Stat::never).front();
  }
  report_root(listing);
  if (listing.outcome != FolderListing::Outcome::listed) return found_;
  walk_upper(std::move(root));
  walk_patients();
  Findings counted;
  for (const auto& [what, count] : passed_over_) {
    counted.differences.push_back(
        {.reason = what.first, .storage = storage_.id, .detail = what.second, .count = count});
  }
  report_.add(counted);
  return found_;
}

void TreeComparison::report_root(const FolderListing& listing) {
  Findings findings;
  if (!comparison_.outage().empty()) {
    findings.differences.push_back(
        {.reason = DifferenceReason::storage_outage, .storage = storage_.id, .detail = comparison_.outage()});
  } else if (listing.outcome != FolderListing::Outcome::listed) {
    findings.differences.push_back({.reason = DifferenceReason::storage_unreachable,
                                    .storage = storage_.id,
                                    .detail = storage_.root.string()});
  }
  report_.add(findings);
}

/// Root and both levels of digits; patients are collected and looked at together.
void TreeComparison::walk_upper(ComparedFolder folder) {
  ByTop findings;
  auto children = descend({folder}, findings);
  if (!findings[folder.top].all_explained()) {
    std::this_thread::sleep_for(kSecondGlance);
    if (auto again = find_again(folder.path)) {
      findings.clear();
      children = descend({std::move(*again)}, findings);
    }
  }
  add(asked_for(std::move(findings[folder.top])));
  for (ComparedFolder& child : children) {
    if (!is_asked_for(child.path)) continue;
    if (child.level < kPatientLevel) {
      walk_upper(std::move(child));
      continue;
    }
    batch_.push_back(std::move(child));
    ++found_;
    if (batch_.size() == kPatientsAtOnce) walk_patients();
  }
}

void TreeComparison::walk_patients() {
  ByTop by_patient;
  std::vector<ComparedFolder> folders = std::move(batch_);
  batch_.clear();
  while (!folders.empty()) folders = descend(std::move(folders), by_patient);
  std::vector<std::string> suspects;
  for (const auto& [patient, findings] : by_patient) {
    if (findings.all_explained()) {
      add(findings);
    } else {
      suspects.push_back(patient);
    }
  }
  if (suspects.empty()) return;
  std::this_thread::sleep_for(kSecondGlance);
  for (const std::string& patient : suspects) add(look_again(patient));
}

Findings TreeComparison::look_again(const std::string& patient) {
  ByTop by_patient;
  std::vector<ComparedFolder> folders;
  if (auto again = find_again(patient)) folders.push_back(std::move(*again));
  while (!folders.empty()) folders = descend(std::move(folders), by_patient);
  return std::move(by_patient[patient]);
}

/// The folders are compared; gives those that lie in them.
std::vector<ComparedFolder> TreeComparison::descend(std::vector<ComparedFolder> folders, ByTop& findings) {
  for (const ComparedFolder& folder : folders) {
    if (!folder.in_tree) comparison_.compare_gone(folder, findings[folder.top]);
  }
  std::erase_if(folders, [](const ComparedFolder& folder) { return !folder.in_tree; });
  std::vector<ComparedFolder> children;
  for (std::size_t begin = 0; begin < folders.size(); begin += kFoldersAtOnce) {
    const auto first = folders.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::size_t count = std::min(kFoldersAtOnce, folders.size() - begin);
    const std::vector<ComparedFolder> some(first, first + static_cast<std::ptrdiff_t>(count));
    const auto listings = look(some, LookRules::Stat::always);
    for (std::size_t i = 0; i < some.size(); ++i) {
      comparison_.compare(some[i], listings[i], findings[some[i].top]);
      if (listings[i].outcome != FolderListing::Outcome::listed) continue;
      auto below = comparison_.below(some[i], listings[i]);
      std::move(below.begin(), below.end(), std::back_inserter(children));
    }
  }
  return children;
}

/// From the root, because every folder on the way tells whether the next one is about to be seen.
std::optional<ComparedFolder> TreeComparison::find_again(const std::string& path) {
  ComparedFolder folder = comparison_.root();
  while (folder.path != path) {
    const auto listing = look({folder}, LookRules::Stat::never).front();
    if (listing.outcome != FolderListing::Outcome::listed) return std::nullopt;
    auto children = comparison_.below(folder, listing);
    const auto next = std::find_if(children.begin(), children.end(), [&path](const ComparedFolder& child) {
      return child.path == path || path.starts_with(child.path + "/");
    });
    if (next == children.end()) return std::nullopt;
    folder = std::move(*next);
    if (!folder.in_tree && folder.path != path) return std::nullopt;
  }
  return folder;
}

std::vector<FolderListing> TreeComparison::look(const std::vector<ComparedFolder>& folders,
                                                LookRules::Stat stat) {
  std::vector<FolderToLookAt> to_look_at;
  for (const ComparedFolder& folder : folders) {
    to_look_at.push_back({.path = folder.path, .level = folder.level, .is_new = true});
  }
  if (storage_.rate_limit > 0) {
    std::this_thread::sleep_for(
        std::chrono::duration<double>(static_cast<double>(folders.size()) / storage_.rate_limit));
  }
  // Nothing is trusted, so that every folder is listed and none is left out.
  return look_at(storage_.root, to_look_at,
                 {.trust_mtime = false, .stat_files = stat, .concurrency = storage_.concurrency});
}

bool TreeComparison::is_asked_for(const std::string& path) const {
  if (!patients_) return true;
  return std::any_of(patients_->begin(), patients_->end(), [&path](const std::string& patient) {
    return patient == path || patient.starts_with(path + "/");
  });
}

/// Of a folder above the patients: what concerns those that were asked for.
Findings TreeComparison::asked_for(Findings findings) const {
  if (!patients_) return findings;
  Findings some;
  for (Difference& each : findings.differences) {
    const bool is_theirs =
        std::any_of(patients_->begin(), patients_->end(),
                    [&each](const std::string& patient) { return each.path.starts_with(patient + "/"); });
    if (is_theirs) some.differences.push_back(std::move(each));
  }
  return some;
}

void TreeComparison::add(const Findings& findings) {
  for (const auto& [what, count] : findings.passed_over) passed_over_[what] += count;
  report_.add(findings);
}

}  // namespace gateway
