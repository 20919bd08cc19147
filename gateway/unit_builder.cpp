#include "gateway/unit_builder.h"

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/json_writer.h"
#include "gateway/document_reader.h"
#include "gateway/storage_tree.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::UnitInput;
using fhir_mapper::UnitOutcome;
using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;

const StorageSettings& storage_of(const Settings& settings, const std::string& id) {
  const auto storage = std::find_if(settings.storages.begin(), settings.storages.end(),
                                    [&id](const StorageSettings& candidate) { return candidate.id == id; });
  return storage == settings.storages.end() ? settings.storages.front() : *storage;
}

/// The messages of a plan, loaded; they own what UnitInput points to.
class LoadedUnit {
 public:
  LoadedUnit(const UnitPlan& plan, const Settings& settings) {
    messages_.reserve(plan.documents.size() + 1);
    input_.unit = plan.unit;
    for (const PlannedDocument& document : plan.documents) {
      if (const auto* message = load(document, settings))
        input_.documents.push_back({document.name, message});
    }
    if (!plan.master) return;
    if (const auto* message = load(*plan.master, settings)) input_.master = {plan.master->name, message};
  }

  const UnitInput& input() const { return input_; }
  const std::vector<DocumentRef>& changed() const { return changed_; }

 private:
  const ssmix2::Message* load(const PlannedDocument& document, const Settings& settings) {
    const auto path = storage_of(settings, document.ref.root).root / document.ref.relative_path();
    auto loaded = load_document(path);
    // Whatever differs from what was accepted is a new sighting, not a reason to guess here.
    if (!loaded.has_value() || loaded->stat != document.stat) {
      changed_.push_back(document.ref);
      return nullptr;
    }
    return &messages_.emplace_back(std::move(loaded->message));
  }

  std::vector<ssmix2::Message> messages_;  // never grows past its reservation: input_ points into it
  UnitInput input_;
  std::vector<DocumentRef> changed_;
};

std::vector<FolderListing> list_folder(const std::filesystem::path& root, const std::string& path,
                                       int level) {
  return look_at(root, {{.path = path, .level = level}},
                 {.trust_mtime = false, .stat_files = LookRules::Stat::never});
}

/// What the writer did since the delete was seen may not have been noticed, or could not be: a storage that
/// is away confirms nothing. Whole folders may be cleaned up as long as the patient's is there.
bool is_still_deleted(const PlannedDocument& deleted, const std::filesystem::path& root) {
  const auto kind = list_folder(root, deleted.ref.folder, kKindLevel);
  if (kind.front().outcome == FolderListing::Outcome::unreadable) return false;
  if (kind.front().outcome == FolderListing::Outcome::gone) {
    const auto patient = std::filesystem::path(deleted.ref.folder).parent_path().parent_path();
    const auto above = list_folder(root, patient.string(), kPatientLevel);
    return above.front().outcome == FolderListing::Outcome::listed;
  }
  return std::none_of(kind.front().files.begin(), kind.front().files.end(), [&](const SeenFile& file) {
    const auto name = ssmix2::parse_document_path(path_below(deleted.ref.folder, file.name));
    return name.has_value() && name->key == deleted.name.key && name->flag == ssmix2::ConditionFlag::live &&
           (name->key.type != ssmix2::DataType::PPR_01 || name->department == deleted.name.department);
  });
}

Snapshot held(const Failure& reason, std::size_t reasons = 1) {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::held;
  snapshot.reason = reason;
  snapshot.reasons = reasons;
  return snapshot;
}

Snapshot snapshot_of(UnitOutcome outcome, const UnitPlan& plan, const DestinationSettings& destination,
                     const std::string& bundle_id, bool explain) {
  if (!outcome.holds.empty()) return held(outcome.holds.front(), outcome.holds.size());
  Snapshot snapshot;
  if (!outcome.mapped) {
    snapshot.kind = Snapshot::Kind::empty;
    return snapshot;
  }
  snapshot.kind = Snapshot::Kind::content;
  snapshot.insured_identifier = outcome.mapped->insured_identifier;
  snapshot.explanations = std::move(outcome.explanations);
  const auto flavour = flavour_for(plan.unit.kind, destination.profile == DestinationProfile::clins);
  fhir_mapper::Node bundle =
      make_bundle(std::move(*outcome.mapped), plan.unit.kind, flavour, bundle_id, destination.pack_version());
  snapshot.content_hash = sha256(content_of(bundle));
  snapshot.body_template = fhir_mapper::SnapshotTemplate::of(bundle).text();
  if (snapshot.body_template.size() > kMaxBodyBytes) {
    return held({FailureCode::map_too_large, {}, SafeText(snapshot.body_template.size()) + " bytes"});
  }
  if (explain) snapshot.bundle = std::move(bundle);
  return snapshot;
}

}  // namespace

bool takes(const DestinationSettings& destination, fhir_mapper::UnitKind kind) {
  return destination.types.contains(std::string(info(kind).resource_type));
}

BuiltUnit build_unit(const UnitPlan& plan, const Configuration& configuration, Instant now, bool explain) {
  const Settings& settings = configuration.settings;
  BuiltUnit built;
  built.unit = plan.unit;
  built.year = plan.year.value_or(year_of(now, settings.facility.zone));
  const std::string id = bundle_id(settings.facility.institution_number, built.year,
                                   info(plan.unit.kind).letter, plan.unit.key());
  built.unconfirmed =
      plan.action == UnitPlan::Action::build &&
      !std::all_of(plan.deletes.begin(), plan.deletes.end(), [&](const PlannedDocument& each) {
        return is_still_deleted(each, storage_of(settings, each.ref.root).root);
      });
  if (built.unconfirmed) return built;
  std::optional<LoadedUnit> loaded;
  if (plan.action == UnitPlan::Action::build && !plan.documents.empty()) {
    loaded.emplace(plan, settings);
    built.changed = loaded->changed();
    if (!built.changed.empty()) return built;
  }
  for (const DestinationSettings& destination : settings.destinations) {
    if (!takes(destination, plan.unit.kind)) continue;
    Snapshot& snapshot = built.snapshots[destination.id];
    if (plan.action == UnitPlan::Action::hold) {
      snapshot = held(*plan.reason);
    } else if (!loaded) {
      snapshot.kind = Snapshot::Kind::empty;
    } else {
      // Number forms and rules are the storage's that the master came from, else the first document's.
      const PlannedDocument& origin = plan.master ? *plan.master : plan.documents.front();
      const auto& storage = storage_of(settings, origin.ref.root);
      auto unit = unit_settings(settings, storage, destination, now);
      unit.explain = explain;
      auto outcome = map_unit(loaded->input(), *configuration.mapping, unit);
      built.warnings = outcome.warnings;
      snapshot = snapshot_of(std::move(outcome), plan, destination, id, explain);
    }
  }
  return built;
}

}  // namespace gateway
