#pragma once
// JSON of a test as a tree: the product only writes JSON.

#include "fhir_mapper/fhir_tree.h"

#include <string_view>

namespace fhir_mapper::test {

/// An object. A null, as it stands in _given, becomes an empty object.
Tree tree_of(std::string_view json);

}  // namespace fhir_mapper::test
