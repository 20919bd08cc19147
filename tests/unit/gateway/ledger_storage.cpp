#include "tests/unit/gateway/ledger_storage.h"

#include <algorithm>
#include <deque>
#include <iterator>

namespace gateway::test {
namespace {

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

bool lies_in(const std::string& path, const std::string& folder) {
  return folder.empty() || path == folder || path.starts_with(folder + "/");
}

std::string name_of(DocumentState state) {
  switch (state) {
    case DocumentState::accepted:
      return "accepted";
    case DocumentState::settling:
      return "settling";
    case DocumentState::failed:
      return "failed";
    case DocumentState::missing:
      return "missing";
    case DocumentState::vanished:
      return "vanished";
  }
  return "?";
}

std::string name_of(KnownFolder::State state) {
  switch (state) {
    case KnownFolder::State::there:
      return "there";
    case KnownFolder::State::missing:
      return "missing";
    case KnownFolder::State::gone:
      return "gone";
    case KnownFolder::State::unreadable:
      return "unreadable";
  }
  return "?";
}

void append(Observed& all, Observed more) {
  std::move(more.to_settle.begin(), more.to_settle.end(), std::back_inserter(all.to_settle));
  std::move(more.refused.begin(), more.refused.end(), std::back_inserter(all.refused));
  std::move(more.to_look_at.begin(), more.to_look_at.end(), std::back_inserter(all.to_look_at));
  all.new_documents += more.new_documents;
  all.missing += more.missing;
  all.unreadable += more.unreadable;
}

}  // namespace

// --- the storage ---

std::string with_flag(std::string name, char flag) {
  name.back() = flag;
  return name;
}

void LedgerStorage::fill() {
  for (const std::string& name : {kProblemName, kLabName, kOtherPatientName}) write(name);
  sweep();
  accept_all();
  due();
}

void LedgerStorage::write(const std::string& name, const FileStat& stat, const std::string& root) {
  write_in(folder_of(name), name, stat, root);
}

void LedgerStorage::write_in(const std::string& folder, const std::string& name, const FileStat& stat,
                             const std::string& root) {
  Tree& tree = trees_[root];
  for (std::string path = folder; !path.empty(); path = parent_of(path)) tree[path];
  tree[""];
  if (!name.empty()) tree[folder][name] = stat;
}

void LedgerStorage::remove(const std::string& name, const std::string& root) {
  const auto folder = trees_[root].find(folder_of(name));
  if (folder != trees_[root].end()) folder->second.erase(name);
}

void LedgerStorage::remove_folder(const std::string& folder, const std::string& root) {
  std::erase_if(trees_[root], [&](const auto& entry) { return lies_in(entry.first, folder); });
}

void LedgerStorage::rename(const std::string& from, const std::string& to, const std::string& root) {
  write(to, trees_[root][folder_of(from)].at(from), root);
  remove(from, root);
}

bool LedgerStorage::holds(const std::string& name, const std::string& root) const {
  const auto tree = trees_.find(root);
  if (tree == trees_.end()) return false;
  const auto folder = tree->second.find(folder_of(name));
  return folder != tree->second.end() && folder->second.contains(name);
}

// --- looking at it ---

FolderListing LedgerStorage::listing_of(const FolderToLookAt& folder, const Tree& tree) const {
  FolderListing listing{.folder = folder, .mtime_ns = mtime_ns_, .mtime_tells = true};
  const auto found = tree.find(folder.path);
  if (found == tree.end()) listing.outcome = FolderListing::Outcome::gone;
  if (shut_.contains(folder.path)) listing.outcome = FolderListing::Outcome::unreadable;
  if (listing.outcome != FolderListing::Outcome::listed) return listing;
  for (const auto& [name, stat] : found->second) listing.files.push_back({name, stat});
  for (const auto& [path, files] : tree) {
    if (path.empty() || parent_of(path) != folder.path) continue;
    auto& directories = left_out_.contains(path) ? listing.unwanted : listing.directories;
    directories.push_back(path.substr(path.rfind('/') + 1));
  }
  return listing;
}

Observed LedgerStorage::observe(const std::string& root, const FolderToLookAt& folder) {
  Transaction transaction(state_->database);
  Observed observed = ledger().observe(root, listing_of(folder, trees_[root]), now_);
  transaction.commit();
  return observed;
}

Observed LedgerStorage::sweep(const std::string& root) {
  tick();
  Observed all;
  std::set<FolderId> looked_at;
  const auto look_at_all = [&](const std::vector<FolderToLookAt>& folders) {
    std::deque<FolderToLookAt> waiting(folders.begin(), folders.end());
    for (; !waiting.empty(); waiting.pop_front()) {
      if (!looked_at.insert(waiting.front().id).second) continue;
      Observed observed = observe(root, waiting.front());
      waiting.insert(waiting.end(), observed.to_look_at.begin(), observed.to_look_at.end());
      append(all, std::move(observed));
    }
  };
  look_at_all(ledger().folders().upper(root, std::nullopt));
  constexpr std::size_t kAll = 1'000'000;
  look_at_all(ledger().folders().patients(root, {}, {}, kAll).folders);
  return all;
}

Observed LedgerStorage::look(const std::string& folder, const std::string& root) {
  tick();
  return observe(root, ledger().add_patient_folder(root, folder, now_));
}

Observed LedgerStorage::see_in(const std::string& folder, const std::vector<std::string>& names,
                               const FileStat& stat, const std::string& root) {
  write_in(folder, "", {}, root);
  Files& files = trees_[root][folder];
  files.clear();
  for (const std::string& name : names) files[name] = stat;
  return look(folder, root);
}

std::size_t LedgerStorage::confirm(const std::string& root) {
  return ledger().confirm_losses(root, tick());
}

void LedgerStorage::accept(const std::string& name, const FileStat& stat, const std::string& identity,
                           const std::string& root) {
  ledger().accept(ref(name, root), stat, identity, tick());
}

void LedgerStorage::accept_all() {
  for (const Unsettled& each : ledger().unsettled({}, 1'000'000)) {
    ledger().accept(each.document, each.stat, "", tick());
  }
}

bool LedgerStorage::refuse(const std::string& name, const ssmix2::Failure& failure) {
  return ledger().refuse(ref(name), failure, tick());
}

// --- what is known of it ---

DocumentRef LedgerStorage::ref(const std::string& name, const std::string& root) {
  return ref_in(folder_of(name), name, root);
}

DocumentRef LedgerStorage::ref_in(const std::string& folder, const std::string& name,
                                  const std::string& root) {
  return {root, folder, name, folder_id(folder, root)};
}

FolderId LedgerStorage::folder_id(const std::string& folder, const std::string& root) {
  FolderId id = ledger().folders().root(root).id;
  for (std::size_t from = 0; from < folder.size();) {
    const std::size_t to = std::min(folder.find('/', from), folder.size());
    const auto children = ledger().folders().children(id);
    const auto child = std::find_if(children.begin(), children.end(), [&](const KnownFolder& each) {
      return each.name == folder.substr(from, to - from);
    });
    if (child == children.end()) return {};
    id = child->id;
    from = to + 1;
  }
  return id;
}

std::string LedgerStorage::state_of(const DocumentRef& document) {
  const auto row = DocumentTable(state_->database).find(document);
  return row ? name_of(row->state) : "none";
}

std::string LedgerStorage::state_of(const std::string& name, const std::string& root) {
  return state_of(ref(name, root));
}

std::string LedgerStorage::state_of_folder(const std::string& folder, const std::string& root) {
  return name_of(ledger().folders().state_of(folder_id(folder, root)));
}

std::string LedgerStorage::refusal_of(const std::string& name) {
  return DocumentTable(state_->database).refusal_of(ref(name));
}

bool LedgerStorage::was_live(const std::string& name) {
  auto select = state_->database.prepare("SELECT was_live FROM document WHERE folder = ? AND name = ?");
  const std::string stored = stored_name(folder_of(name), name);
  return select.with(ref(name).folder_id.value, std::string_view(stored)).step() && select.integer(0) == 1;
}

std::int64_t LedgerStorage::live_documents(const std::string& root) {
  return ledger().tally().get(root, kLiveDocuments);
}

std::int64_t LedgerStorage::documents(const std::string& root) {
  return ledger().tally().get(root, kDocuments);
}

std::vector<std::string> LedgerStorage::unsettled() {
  std::vector<std::string> names;
  for (const Unsettled& each : ledger().unsettled({}, 1'000'000)) names.push_back(each.document.name);
  return names;
}

std::vector<std::string> LedgerStorage::due() {
  std::vector<std::string> keys;
  for (const DueUnit& unit : units().due_units(tick(), 1'000'000)) {
    keys.push_back(units().find(unit.id)->unit.key());
    units().settle_due(unit, std::nullopt);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace gateway::test
