#pragma once
// The golden documents, mapped by any mapping.

#include "fhir_mapper/mapping.h"

#include <filesystem>
#include <string>
#include <vector>

namespace fhir_mapper::test {

/// Those that a Bundle is made of, in order.
std::vector<std::filesystem::path> golden_documents();

/// Whether it is of tests/golden/clinical: a hospital with code tables of its own under JP-CLINS 1.5.3, or
/// under the version that its folder names.
bool is_clinical(const std::filesystem::path& document);

/// The shipped mapping; for a clinical document with that hospital's tables.
const Mapping& golden_mapping(const std::filesystem::path& document);

/// The Bundle as JSON; of a unit that is held "held" and why.
std::string golden_bundle(const std::filesystem::path& document, const Mapping& mapping);

}  // namespace fhir_mapper::test
