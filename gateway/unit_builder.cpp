#include "gateway/unit_builder.h"

#include "fhir_mapper/bundle.h"
#include "fhir_mapper/json_writer.h"
#include "gateway/document_reader.h"
#include "gateway/profile_verdict.h"
#include "gateway/storage_tree.h"

#include <algorithm>
#include <functional>

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
      const auto* message = load(document, settings);
      if (message == nullptr) continue;
      input_.documents.push_back({document.name, message});
      searched_.push_back({document.ref, input_.documents.back()});
    }
    if (!plan.master) return;
    if (const auto* message = load(*plan.master, settings)) {
      input_.master = {plan.master->name, message};
      searched_.push_back({plan.master->ref, *input_.master});
    }
  }

  const UnitInput& input() const { return input_; }
  const std::vector<SearchedDocument>& searched() const { return searched_; }
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
  std::vector<SearchedDocument> searched_;  // those of input_, and the file of each
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

/// A prescription's Bundle is no CLINS submission whoever asks for one: its resources keep what they claim.
fhir_mapper::ProfileIssues check(const fhir_mapper::Tree& bundle, fhir_mapper::BundleFlavour flavour,
                                 const fhir_mapper::ProfilePack& pack) {
  using fhir_mapper::ProfileDemand;
  const bool clins = flavour == fhir_mapper::BundleFlavour::clins;
  return check_profiles(bundle.root(), pack,
                        clins ? ProfileDemand::clins_submission : ProfileDemand::as_claimed);
}

std::optional<DocumentRef> file_of(const ssmix2::DocumentName& name, const UnitPlan& plan) {
  if (plan.master && plan.master->name == name) return plan.master->ref;
  for (const PlannedDocument& document : plan.documents) {
    if (document.name == name) return document.ref;
  }
  return std::nullopt;
}

/// `explain`: makes the same unit again, with its explanations, for a reason that names a place.
Snapshot snapshot_of(UnitOutcome outcome, const UnitPlan& plan, const DestinationSettings& destination,
                     const std::string& bundle_id, const fhir_mapper::ProfilePack& pack, bool keep_tree,
                     const std::function<ExplainedResources()>& explain, std::vector<Failure>& warnings) {
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
  fhir_mapper::Tree bundle =
      make_bundle(std::move(*outcome.mapped), plan.unit.kind, flavour, bundle_id, destination.pack_version());
  snapshot.content_hash = sha256(content_of(bundle.root()));
  snapshot.body_template = fhir_mapper::SnapshotTemplate::of(bundle.root()).text();
  if (snapshot.body_template.size() > kMaxBodyBytes) {
    return held({FailureCode::map_too_large, {}, SafeText(snapshot.body_template.size()) + " bytes"});
  }
  const auto issues = check(bundle, flavour, pack);
  for (Failure& warning : warned_by(issues)) warnings.push_back(std::move(warning));
  snapshot.warned_rules = rules_warned_by(issues);
  if (count_errors(issues) > 0) {
    snapshot.kind = Snapshot::Kind::rejected;
    Breach breach = broken_by(issues, explain()).value();
    snapshot.reason = std::move(breach.reason);
    snapshot.reasons = count_errors(issues);
    snapshot.broken_rules = rules_broken_by(issues);
    if (breach.document) snapshot.blamed = file_of(*breach.document, plan);
  }
  if (keep_tree) snapshot.bundle = std::make_shared<const fhir_mapper::Tree>(std::move(bundle));
  return snapshot;
}

const DocumentRef& origin_of(const UnitPlan& plan) {
  return plan.master ? plan.master->ref : plan.documents.front().ref;
}

bool covers_master(const UnitPlan& plan) {
  return plan.unit.kind == fhir_mapper::UnitKind::allergy_intolerance && plan.master.has_value();
}

/// Of documents that are there already, the account is one more of the same.
void add_coverage(const UnitOutcome& outcome, const UnitPlan& plan, std::vector<DocumentCoverage>& coverage) {
  const auto keep = [&](const PlannedDocument& planned, const UnitOutcome::DocumentAccount& account) {
    if (planned.name != account.name) return;
    auto of_document = coverage_of(planned.ref, account);
    const auto known = std::find_if(coverage.begin(), coverage.end(), [&](const DocumentCoverage& each) {
      return each.document == planned.ref;
    });
    if (known == coverage.end()) {
      coverage.push_back(std::move(of_document));
    } else {
      known->merge(std::move(of_document));
    }
  };
  for (const auto& account : outcome.accounts) {
    for (const PlannedDocument& planned : plan.documents) {
      if (planned.name.key.type != ssmix2::DataType::ADT_00) keep(planned, account);
    }
    if (covers_master(plan)) keep(*plan.master, account);
  }
}

}  // namespace

bool takes(const DestinationSettings& destination, fhir_mapper::UnitKind kind) {
  return destination.types.contains(std::string(info(kind).resource_type));
}

BuiltUnit build_unit(const UnitPlan& plan, const Configuration& configuration, Instant now, Detail detail) {
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
  const bool is_built = plan.action == UnitPlan::Action::build && !plan.documents.empty();
  const bool is_covered = detail == Detail::coverage && (!plan.documents.empty() || plan.master);
  if (is_built || is_covered) {
    loaded.emplace(plan, settings);
    built.changed = loaded->changed();
    if (!built.changed.empty()) return built;
  }
  WantedCodes wanted_codes;
  for (const DestinationSettings& destination : settings.destinations) {
    if (!takes(destination, plan.unit.kind)) continue;
    Snapshot& snapshot = built.snapshots[destination.id];
    snapshot.kind = Snapshot::Kind::empty;
    if (loaded) {
      // Number forms and rules are the storage's that the master came from, else the first document's.
      auto unit = unit_settings(settings, storage_of(settings, origin_of(plan).root), destination, now);
      unit.explain = detail != Detail::none;
      auto outcome = map_unit(loaded->input(), *configuration.mapping, unit);
      built.warnings = outcome.warnings;
      if (detail == Detail::coverage) add_coverage(outcome, plan, built.coverage);
      if (detail == Detail::coverage && covers_master(plan)) {
        add_coverage(map_patient_alone(*loaded->input().master, *configuration.mapping, unit), plan,
                     built.coverage);
      }
      wanted_codes.add(outcome.missing_codes, loaded->searched());
      const auto explain = [&] {
        unit.explain = true;
        return map_unit(loaded->input(), *configuration.mapping, unit).explanations;
      };
      snapshot =
          snapshot_of(std::move(outcome), plan, destination, id, *configuration.packs.at(destination.pack),
                      detail == Detail::explanations, explain, built.warnings);
    }
    if (plan.action == UnitPlan::Action::hold) snapshot = held(*plan.reason);
  }
  if (plan.action == UnitPlan::Action::build) built.wanted_codes = wanted_codes.list();
  return built;
}

}  // namespace gateway
