#pragma once
// The children of a case's <expect>, read.

#include "fhir_mapper/case_element.h"
#include "fhir_mapper/mapping_case.h"

#include <vector>

namespace fhir_mapper {

/// What is wrong is told to the file of `expect`.
std::vector<Expectation> read_expectations(const MappingFile& file, pugi::xml_node expect);

}  // namespace fhir_mapper
