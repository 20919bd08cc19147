#pragma once
// The golden documents, mapped by any mapping.

#include "fhir_mapper/mapping.h"

#include <filesystem>
#include <string>
#include <vector>

namespace fhir_mapper::test {

/// Those that a Bundle is made of, in order.
std::vector<std::filesystem::path> golden_documents();

/// The Bundle as JSON; of a unit that is held "held" and why.
std::string golden_bundle(const std::filesystem::path& document, const Mapping& mapping);

}  // namespace fhir_mapper::test
