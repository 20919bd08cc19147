#include "gateway/configuration.h"

#include "fhir_mapper/mapping_loader.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

namespace gateway {
namespace {

using fhir_mapper::ConfigFile;

/// Files by name: what is read later replaces what was read before.
class ConfigFiles {
 public:
  void read(const std::filesystem::path& directory, const std::string& extension, SettingsErrors& errors) {
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      const auto& path = entry->path();
      if (path.extension() != extension) continue;
      std::ifstream stream(path, std::ios::binary);
      std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      if (!stream) {
        errors.push_back({path.string(), "cannot be read; check its permissions"});
      }
      files_[path.filename().string()] = std::move(bytes);
    }
    if (error) errors.push_back({directory.string(), "cannot be listed: " + error.message()});
  }

  std::vector<ConfigFile> list() const {
    std::vector<ConfigFile> all;
    for (const auto& [name, bytes] : files_) all.push_back({name, bytes});
    return all;
  }

 private:
  std::map<std::string, std::string> files_;
};

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

}  // namespace

boost::system::result<Configuration, SettingsErrors> load_configuration(
    const std::filesystem::path& settings_file) {
  auto settings = load_settings(settings_file);
  if (!settings.has_value()) return settings.error();
  SettingsErrors errors;
  ConfigFiles mappings;
  ConfigFiles tables;
  mappings.read(settings->mapping_directory, ".xml", errors);
  tables.read(settings->mapping_directory.parent_path() / "terminology", ".tsv", errors);
  if (!settings->overlay_directory.empty()) {
    mappings.read(settings->overlay_directory, ".xml", errors);
    tables.read(settings->overlay_directory, ".tsv", errors);
  }
  if (!errors.empty()) return errors;
  MappingFiles files{mappings.list(), tables.list()};
  auto mapping = fhir_mapper::load_mapping(files.mappings, files.tables);
  if (!mapping.has_value()) {
    for (const auto& mistake : mapping.error()) errors.push_back({mistake.place, mistake.message});
    return errors;
  }
  return Configuration{std::move(*settings), *mapping, std::move(files)};
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
