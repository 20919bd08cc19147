#pragma once
// Everything that is read before anything is opened: settings, mapping, code tables. What `check` checks.

#include "fhir_mapper/config_file.h"
#include "fhir_mapper/mapping.h"
#include "fhir_mapper/unit_mapper.h"
#include "gateway/settings.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace gateway {

/// The files that count, as bytes: what a mapping is loaded from.
struct MappingFiles {
  std::vector<fhir_mapper::ConfigFile> mappings;
  std::vector<fhir_mapper::ConfigFile> tables;
};

struct Configuration {
  Settings settings;
  std::shared_ptr<const fhir_mapper::Mapping> mapping;
  MappingFiles files = {};  // of `mapping`
};

/// All mistakes of all files. Mappings are the *.xml of the mapping directory, tables the *.tsv of its
/// sibling `terminology`; a file of the same name in the overlay directory replaces the shipped one.
boost::system::result<Configuration, SettingsErrors> load_configuration(
    const std::filesystem::path& settings_file);

/// What the mapper must know, for documents of `storage` sent to `destination`.
fhir_mapper::UnitSettings unit_settings(const Settings& settings, const StorageSettings& storage,
                                        const DestinationSettings& destination, Instant now);

}  // namespace gateway
