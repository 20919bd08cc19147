#pragma once
// JSON as a tree, for tests of what reads trees. Numbers keep their digits.

#include "fhir_mapper/fhir_tree.h"

#include <string_view>

namespace fhir_mapper::test {

Tree tree_of(std::string_view json);

}  // namespace fhir_mapper::test
