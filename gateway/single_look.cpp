#include "gateway/single_look.h"

#include "gateway/document_reader.h"
#include "gateway/schema.h"
#include "gateway/storage_tree.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using fhir_mapper::UnitKind;
using ssmix2::DataType;

const LookRules kEverything{.trust_mtime = false, .stat_files = LookRules::Stat::always};

}  // namespace

SingleLook::SingleLook(Configuration configuration, int year, Detail detail, LookOutput& output)
    : configuration_(std::move(configuration)),
      year_(year),
      detail_(detail),
      output_(output),
      database_(":memory:", Database::Access::read_write),
      units_(database_),
      ledger_(database_, units_) {
  prepare_schema(database_);
}

std::string SingleLook::storage_for(const std::filesystem::path& root) {
  for (const StorageSettings& storage : configuration_.settings.storages) {
    if (storage.root != root) continue;
    const auto known = plan_settings_.storages.emplace(storage.id, storage).first;
    known->second.delete_settle = Milliseconds(0);  // looking once, there is nothing to wait for
    return storage.id;
  }
  // A tree that is not in the settings is read by the rules of the first storage.
  StorageSettings storage = configuration_.settings.storages.front();
  storage.id = "map-" + std::to_string(configuration_.settings.storages.size());
  storage.root = root;
  storage.delete_settle = Milliseconds(0);
  plan_settings_.storages.emplace(storage.id, storage);
  configuration_.settings.storages.push_back(storage);
  return storage.id;
}

bool SingleLook::add(const std::filesystem::path& path) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(path, error);
  // A link to a folder is followed; one with a document's name is refused like the FIFO beside it, as the
  // daemon does.
  const auto parent = std::filesystem::absolute(path, error).parent_path();
  const auto absolute = is_folder ? std::filesystem::canonical(path, error)
                                  : std::filesystem::canonical(parent, error) / path.filename();
  if (error || !std::filesystem::exists(std::filesystem::symlink_status(absolute, error))) return false;
  if (!is_folder) {
    add_file(absolute);
    return true;
  }
  add_folder(absolute);
  return true;
}

void SingleLook::add_folder(const std::filesystem::path& top) {
  // Whatever level `top` has, documents lie some levels below it.
  std::vector<FolderToLookAt> waiting = {{.is_new = true}};
  while (!waiting.empty()) {
    const auto listings = look_at(top, waiting, kEverything);
    waiting.clear();
    for (const FolderListing& listing : listings) {
      if (listing.outcome != FolderListing::Outcome::listed) {
        output_.unreadable_folder(top / listing.folder.path);
      }
      for (const SeenFile& file : listing.files) add_file(top / path_below(listing.folder.path, file.name));
      for (const std::string& name : listing.directories) {
        waiting.push_back({.path = path_below(listing.folder.path, name), .level = listing.folder.level + 1});
      }
    }
  }
}

void SingleLook::add_file(const std::filesystem::path& file) {
  // root / 3 / 3 / patient / date / kind / file
  std::filesystem::path patient_folder = file.parent_path().parent_path().parent_path();
  const std::filesystem::path root = patient_folder.parent_path().parent_path().parent_path();
  wanted_files_.insert(file);
  const std::string storage = storage_for(root);
  const auto name = ssmix2::parse_document_path(file.lexically_relative(root).string());
  output_.found(file, name);
  if (!name.has_value()) return;
  patients_.emplace(storage, patient_folder.lexically_relative(root).string());
  if (const auto unit = ReportUnit::of(name->key)) {
    wanted_units_.insert(*unit);
  } else if (name->key.type == DataType::ADT_00) {
    wanted_units_.insert({UnitKind::allergy_intolerance, name->key.patient, "", ""});
  }
}

void SingleLook::observe_patient(const std::string& storage, const std::string& patient_folder) {
  const auto& root = plan_settings_.storages.at(storage).root;
  std::vector<FolderToLookAt> waiting = {ledger_.add_patient_folder(storage, patient_folder, now())};
  while (!waiting.empty()) {
    const auto listings = look_at(root, waiting, kEverything);
    waiting.clear();
    for (const FolderListing& listing : listings) {
      Transaction transaction(database_);
      Observed observed = ledger_.observe(storage, listing, now());
      transaction.commit();
      for (const Unsettled& document : observed.to_settle) accept_or_refuse(document);
      std::move(observed.to_look_at.begin(), observed.to_look_at.end(), std::back_inserter(waiting));
    }
  }
}

void SingleLook::accept_or_refuse(const Unsettled& document) {
  const auto& root = plan_settings_.storages.at(document.document.root).root;
  const auto name = ssmix2::parse_document_path(document.document.relative_path());
  if (!name.has_value()) return;
  if (!ReportUnit::of(name->key) && name->key.type != DataType::ADT_00) return;
  const auto loaded = load_document(root / document.document.relative_path());
  if (loaded.has_value()) {
    ledger_.accept(document.document, document.stat, identity_of(loaded->message), now());
  } else {
    refused_.emplace(document.document, loaded.error());
    ledger_.refuse(document.document, loaded.error(), now());
  }
}

void SingleLook::finish() {
  for (const auto& [storage, folder] : patients_) observe_patient(storage, folder);
  tell_refused();
  for (const ReportUnit& unit : wanted_units_) build(unit);
}

void SingleLook::tell_refused() {
  for (const auto& [document, failure] : refused_) {
    const auto path = path_of(document);
    if (wanted_files_.contains(path)) output_.refused(path, failure);
  }
}

std::filesystem::path SingleLook::path_of(const DocumentRef& document) const {
  return plan_settings_.storages.at(document.root).root / document.relative_path();
}

void SingleLook::build(const ReportUnit& unit) {
  auto plan = plan_unit(database_, units_.mark_due(unit, now()), plan_settings_, now());
  if (!plan) return;
  if (plan->action == UnitPlan::Action::wait) {
    // Looking once, there is nothing to wait for: a rename under way is what it is.
    plan->action = UnitPlan::Action::hold;
    plan->reason = ssmix2::Failure(ssmix2::FailureCode::key_undecided);
  }
  plan->year = year_;
  output_.built(build_unit(*plan, configuration_, now(), detail_));
}

}  // namespace gateway
