#pragma once
// Which rules of a mapping no case touches. Pure.

#include "fhir_mapper/case_run.h"

#include <vector>

namespace fhir_mapper {

/// Values that no case saw in its output, and <leave-out>s that in no case were a row's only reason, in the
/// order of the mapping; a rule of a fragment counts once, wherever it is used.
std::vector<RuleOrigin> untouched_rules(const Mapping& mapping, const std::vector<CaseResult>& results);

}  // namespace fhir_mapper
