#pragma once
// Case files of a mapping: found, read and parsed.

#include "fhir_mapper/mapping_case.h"
#include "gateway/settings.h"

#include <string>
#include <vector>

namespace gateway {

using MappingCases = std::vector<fhir_mapper::MappingCase>;

/// The *.case.xml in the folder `cases` of the mapping directory, then those of the overlay, which win by
/// name.
boost::system::result<MappingCases, SettingsErrors> load_cases(const Settings& settings);

/// Those of files and folders instead.
boost::system::result<MappingCases, SettingsErrors> load_cases(const std::vector<std::string>& paths);

}  // namespace gateway
