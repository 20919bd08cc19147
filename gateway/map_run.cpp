#include "gateway/map_run.h"

#include "fhir_mapper/json_writer.h"
#include "gateway/digest.h"
#include "gateway/document_reader.h"
#include "gateway/schema.h"
#include "gateway/storage_tree.h"

#include <algorithm>
#include <ostream>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using fhir_mapper::UnitKind;
using ssmix2::ConditionFlag;
using ssmix2::DataType;

/// One destination that takes every kind, in the form of the first one of the settings.
void take_every_kind(Settings& settings) {
  settings.destinations.resize(1);
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    settings.destinations.front().types.insert(std::string(kind.resource_type));
  }
}

const LookRules kEverything{.trust_mtime = false, .stat_files = LookRules::Stat::always};

}  // namespace

MapRun::MapRun(Configuration configuration, MapOptions options, std::ostream& results, std::ostream& messages)
    : configuration_(std::move(configuration)),
      options_(options),
      results_(results),
      messages_(messages),
      database_(":memory:", Database::Access::read_write),
      units_(database_),
      ledger_(database_, units_) {
  take_every_kind(configuration_.settings);
  prepare_schema(database_);
}

std::string MapRun::storage_for(const std::filesystem::path& root) {
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

bool MapRun::add(const std::filesystem::path& path) {
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

void MapRun::add_folder(const std::filesystem::path& top) {
  // Whatever level `top` has, documents lie some levels below it.
  std::vector<FolderToLookAt> waiting = {{.is_new = true}};
  while (!waiting.empty()) {
    const auto listings = look_at(top, waiting, kEverything);
    waiting.clear();
    for (const FolderListing& listing : listings) {
      if (listing.outcome != FolderListing::Outcome::listed) {
        messages_ << (top / listing.folder.path).string() << ": cannot be read; check its permissions\n";
        all_good_ = false;
      }
      for (const SeenFile& file : listing.files) add_file(top / path_below(listing.folder.path, file.name));
      for (const std::string& name : listing.directories) {
        waiting.push_back({.path = path_below(listing.folder.path, name), .level = listing.folder.level + 1});
      }
    }
  }
}

void MapRun::add_file(const std::filesystem::path& file) {
  // root / 3 / 3 / patient / date / kind / file
  std::filesystem::path patient_folder = file.parent_path().parent_path().parent_path();
  const std::filesystem::path root = patient_folder.parent_path().parent_path().parent_path();
  wanted_files_.insert(file);
  const std::string storage = storage_for(root);
  const auto relative = file.lexically_relative(root);
  const auto name = ssmix2::parse_document_path(relative.string());
  if (!name.has_value()) {
    report({storage, relative.parent_path().string(), relative.filename().string()},
           to_text(name.error()).str());
    all_good_ = false;
    return;
  }
  patients_.emplace(storage, patient_folder.lexically_relative(root).string());
  if (const auto unit = ReportUnit::of(name->key)) {
    wanted_units_.insert(*unit);
  } else if (name->key.type == DataType::ADT_00) {
    wanted_units_.insert({UnitKind::allergy_intolerance, name->key.patient, "", ""});
  } else {
    report({storage, relative.parent_path().string(), relative.filename().string()},
           "ignored: " + ssmix2::to_text(ssmix2::Failure(ssmix2::FailureCode::map_data_type_not_mapped, {},
                                                         ssmix2::SafeText::vouched(
                                                             std::string(info(name->key.type).name))))
                             .str());
  }
}

void MapRun::observe_patient(const std::string& storage, const std::string& patient_folder) {
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

void MapRun::accept_or_refuse(const Unsettled& document) {
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

bool MapRun::finish() {
  for (const auto& [storage, folder] : patients_) observe_patient(storage, folder);
  report_refused();
  for (const ReportUnit& unit : wanted_units_) print_unit(unit);
  return all_good_;
}

void MapRun::report_refused() {
  for (const auto& [document, failure] : refused_) {
    const auto path = plan_settings_.storages.at(document.root).root / document.relative_path();
    if (!wanted_files_.contains(path)) continue;
    report(document, to_text(failure).str());
    all_good_ = false;
  }
}

void MapRun::report(const DocumentRef& document, const std::string& what) {
  messages_ << (plan_settings_.storages.at(document.root).root / document.relative_path()).string() << ": "
            << what << "\n";
}

void MapRun::print_unit(const ReportUnit& unit) {
  auto plan = plan_unit(database_, units_.mark_due(unit, now()), plan_settings_, now());
  if (!plan) return;
  if (plan->action == UnitPlan::Action::wait) {
    // Looking once, there is nothing to wait for: a rename under way is what it is.
    plan->action = UnitPlan::Action::hold;
    plan->reason = ssmix2::Failure(ssmix2::FailureCode::key_undecided);
  }
  plan->year = options_.year;
  print(build_unit(*plan, configuration_, now(), options_.explain));
}

void MapRun::print(const BuiltUnit& built) {
  const std::string unit = built.unit.key();
  for (const DocumentRef& document : built.changed) {
    report(document, "changed while it was read; run the command again");
    all_good_ = false;
  }
  for (const ssmix2::Failure& warning : built.warnings) {
    messages_ << unit << ": warning: " << to_text(warning).view() << "\n";
  }
  for (const auto& entry : built.snapshots) print(unit, entry.second);
}

void MapRun::print(const std::string& unit, const Snapshot& snapshot) {
  if (snapshot.kind == Snapshot::Kind::held) {
    messages_ << unit << ": held: " << to_text(snapshot.reason).view();
    if (snapshot.reasons > 1) messages_ << " (and " << snapshot.reasons - 1 << " more)";
    messages_ << "\n";
    all_good_ = false;
  }
  if (snapshot.kind == Snapshot::Kind::empty) messages_ << unit << ": nothing to report\n";
  if (snapshot.kind != Snapshot::Kind::content) return;
  const std::string hash = hex(snapshot.content_hash.value());
  results_ << fhir_mapper::SnapshotTemplate::stored(snapshot.body_template)
                  .render(to_fhir_instant(now(), configuration_.settings.facility.zone),
                          [&](std::size_t index) { return entry_url(hash, 1, index); })
           << "\n";
  for (std::size_t i = 0; i < snapshot.explanations.size(); ++i) {
    for (const auto& element : snapshot.explanations[i].elements) {
      results_ << "# entry[" << i << "] " << snapshot.explanations[i].type << "." << element.element << "\t"
               << element.rule << "\t" << element.source << "\t" << element.table << "\n";
    }
  }
}

}  // namespace gateway
