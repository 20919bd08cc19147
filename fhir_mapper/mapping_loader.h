#pragma once
// Mapping files and code tables, compiled. Takes bytes, not paths: tests and fuzzers need no files.

#include "fhir_mapper/mapping.h"

#include <string>
#include <vector>

namespace fhir_mapper {

/// Every mistake in every file, each with file:line:column and what would be right.
boost::system::result<std::shared_ptr<const Mapping>, ConfigErrors> load_mapping(
    const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables);

}  // namespace fhir_mapper
