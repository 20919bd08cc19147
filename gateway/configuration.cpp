#include "gateway/configuration.h"

#include "fhir_mapper/mapping_loader.h"
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

std::string text_of(Untold untold) {
  switch (untold) {
    case Untold::all:
      return "all";
    case Untold::rules:
      return "rules";
    case Untold::none:
      return "none";
  }
  return "all";
}

Packs load_packs(const Settings& settings, const std::vector<ConfigFile>& files, SettingsErrors& errors) {
  Packs packs;
  for (const DestinationSettings& destination : settings.destinations) {
    if (packs.contains(destination.pack)) continue;
    auto pack = fhir_mapper::ProfilePack::load(files, destination.pack);
    if (pack.has_value()) {
      packs.emplace(destination.pack, *pack);
    } else {
      for (const auto& mistake : pack.error()) errors.push_back({mistake.place, mistake.message});
    }
  }
  return packs;
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
  const ConfigFolder profiles{mappings.path.parent_path() / "profiles", ConfigOrigin::shipped};
  read_folder(profiles, ".xml", files.profiles, errors);
  read_folder(profiles, ".tsv", files.profiles, errors);
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
  Packs packs = load_packs(settings, files.profiles, errors);
  if (!errors.empty()) return errors;
  return Configuration{std::move(settings), *mapping, std::move(files), std::move(packs), read_at};
}

fhir_mapper::UnitSettings unit_settings(const Settings& settings, const StorageSettings& storage,
                                        const DestinationSettings& destination, Instant now) {
  fhir_mapper::UnitSettings unit;
  unit.institution_number = settings.facility.institution_number;
  unit.facility_name = settings.facility.name;
  unit.zone = settings.facility.zone.text();
  unit.pack_version = destination.pack_version();
  unit.untold = text_of(destination.untold);
  unit.today = to_date(now, settings.facility.zone);
  unit.today.erase(std::remove(unit.today.begin(), unit.today.end(), '-'), unit.today.end());
  unit.insured_number = form_of(storage.insured_number);
  unit.branch_required = storage.branch_required;
  unit.newest_document_only = storage.problem_list == ProblemList::newest_document;
  return unit;
}

}  // namespace gateway
