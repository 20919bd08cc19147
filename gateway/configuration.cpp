#include "gateway/configuration.h"

#include "fhir_mapper/mapping_loader.h"
#include "gateway/choice_words.h"
#include "gateway/config_folder.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::ConfigOrigin;

fhir_mapper::InsuredNumberForm form_of(InsuredNumberRule rule) {
  switch (rule) {
    case InsuredNumberRule::repetition:
      return fhir_mapper::InsuredNumberForm::repetition;
    case InsuredNumberRule::symbol_number:
      return fhir_mapper::InsuredNumberForm::symbol_number;
    case InsuredNumberRule::joined:
      return fhir_mapper::InsuredNumberForm::joined;
  }
  return fhir_mapper::InsuredNumberForm::repetition;
}

/// What checks Bundles must be there before anything is sent.
Packs load_packs(const Settings& settings, std::string& fingerprint, SettingsErrors& errors) {
  Packs loaded;
  const auto packs = ProfilePacks::read(ProfilePacks::directory_of(settings));
  const auto complain = [&errors](const SettingsErrors& mistakes) {
    errors.insert(errors.end(), mistakes.begin(), mistakes.end());
  };
  if (!packs.has_value()) {
    complain(packs.error());
    return loaded;
  }
  fingerprint = packs->fingerprint();
  for (const DestinationSettings& destination : settings.destinations) {
    if (loaded.contains(destination.pack)) continue;
    const auto pack = packs->load(destination.pack);
    if (pack.has_value()) {
      loaded.emplace(destination.pack, *pack);
    } else {
      complain(pack.error());
    }
  }
  return loaded;
}

}  // namespace

boost::system::result<Configuration, SettingsErrors> load_configuration(
    const std::filesystem::path& settings_file) {
  auto settings = load_settings(settings_file);
  if (!settings.has_value()) return settings.error();
  return load_configuration(std::move(*settings));
}

boost::system::result<Configuration, SettingsErrors> load_configuration(Settings settings) {
  const Instant read_at = now();
  SettingsErrors errors;
  ConfigurationFiles files;
  const ConfigFolder mappings{settings.mapping_directory, ConfigOrigin::shipped};
  const ConfigFolder tables{mappings.path.parent_path() / "terminology", ConfigOrigin::shipped};
  read_folder(mappings, ".xml", files.mappings, errors);
  read_folder(tables, ".tsv", files.tables, errors);
  if (!settings.overlay_directory.empty()) {
    const ConfigFolder overlay{settings.overlay_directory, ConfigOrigin::site};
    read_folder(overlay, ".xml", files.mappings, errors);
    read_folder(overlay, ".tsv", files.tables, errors);
  }
  if (!errors.empty()) return errors;
  auto mapping = fhir_mapper::load_mapping(files.mappings, files.tables);
  if (!mapping.has_value()) {
    for (const auto& mistake : mapping.error()) errors.push_back({mistake.place, mistake.message});
  }
  std::string pack_fingerprint;
  Packs packs = load_packs(settings, pack_fingerprint, errors);
  if (!errors.empty()) return errors;
  return Configuration{std::move(settings),         *mapping, std::move(files), std::move(packs),
                       std::move(pack_fingerprint), read_at};
}

fhir_mapper::UnitSettings unit_settings(const Settings& settings, const StorageSettings& storage,
                                        const DestinationSettings& destination, Instant now) {
  fhir_mapper::UnitSettings unit;
  unit.institution_number = settings.facility.institution_number;
  unit.facility_name = settings.facility.name;
  unit.zone = settings.facility.zone.text();
  unit.pack_version = destination.pack_version();
  unit.untold = std::string(word_of(destination.untold));
  unit.today = to_date(now, settings.facility.zone);
  unit.today.erase(std::remove(unit.today.begin(), unit.today.end(), '-'), unit.today.end());
  unit.insured_number = form_of(storage.insured_number);
  unit.branch_required = storage.branch_required;
  unit.newest_document_only = storage.problem_list == ProblemList::newest_document;
  return unit;
}

}  // namespace gateway
