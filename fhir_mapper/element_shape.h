#pragma once
// Whether the rules of a resource agree about the shape of each element: a value or an object, one or
// several.

#include "fhir_mapper/mapping.h"

#include <string>
#include <vector>

namespace fhir_mapper {

struct ShapeConflict {
  RuleOrigin origin;  // of the rule that disagrees with an earlier one
  std::string message;
};

/// Rules that disagree could not be put into one tree: "code" cannot be a value here and an object there.
std::vector<ShapeConflict> find_shape_conflicts(const std::vector<Rule>& rules);

}  // namespace fhir_mapper
