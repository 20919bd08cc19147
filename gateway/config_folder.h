#pragma once
// One folder of the configuration, read.

#include "fhir_mapper/config_file.h"
#include "gateway/settings.h"

#include <filesystem>
#include <string>
#include <vector>

namespace gateway {

struct ConfigFolder {
  std::filesystem::path path;
  fhir_mapper::ConfigOrigin origin;

  /// What a person is told: a site's file is named with its folder, or it would be taken for the shipped one.
  std::string name_of(const std::filesystem::path& file) const;
};

/// The files with that extension, by name: the order in a folder is nobody's.
void read_folder(const ConfigFolder& folder, const std::string& extension,
                 std::vector<fhir_mapper::ConfigFile>& files, SettingsErrors& errors);

}  // namespace gateway
