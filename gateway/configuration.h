#pragma once
// Everything that is read before anything is opened: settings, mapping, code tables. What `check` checks.

#include "fhir_mapper/config_file.h"
#include "fhir_mapper/mapping.h"
#include "fhir_mapper/unit_mapper.h"
#include "gateway/profile_packs.h"
#include "gateway/settings.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gateway {

/// As they were read: what the mapping was made of. Of each the shipped ones first, by name, then the site's,
/// "site/gender.tsv" in an overlay directory that is called so.
struct ConfigurationFiles {
  std::vector<fhir_mapper::ConfigFile> mappings;
  std::vector<fhir_mapper::ConfigFile> tables;
};

/// The profile packs that destinations name, by their ids.
using Packs = std::map<std::string, LoadedPack>;

struct Configuration {
  Settings settings;
  std::shared_ptr<const fhir_mapper::Mapping> mapping;
  ConfigurationFiles files;
  Packs packs;
  std::string pack_fingerprint;  // of the files they are from
  Instant read_at;               // before the first file was opened
};

/// All mistakes of all files. Mappings are the *.xml of the mapping directory, tables the *.tsv of its
/// sibling `terminology`; those in the overlay directory are this site's own. Profile packs are in its
/// sibling `profiles`.
boost::system::result<Configuration, SettingsErrors> load_configuration(
    const std::filesystem::path& settings_file);
/// The same of settings that were read already.
boost::system::result<Configuration, SettingsErrors> load_configuration(Settings settings);

/// What the mapper must know, for documents of `storage` sent to `destination`.
fhir_mapper::UnitSettings unit_settings(const Settings& settings, const StorageSettings& storage,
                                        const DestinationSettings& destination, Instant now);

}  // namespace gateway
