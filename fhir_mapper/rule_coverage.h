#pragma once
// Which rules of a mapping no case touches. Pure.

#include "fhir_mapper/case_run.h"

#include <set>
#include <string>
#include <vector>

namespace fhir_mapper {

/// "condition.xml:12" of each value that is in the output or holds the unit, and of each <leave-out> that was
/// a row's only reason: of several reasons none is seen to work. `outcome` is of a run with `explain`.
std::set<std::string> used_rules(const UnitInput& input, const UnitOutcome& outcome, const Mapping& mapping);

/// Values that no case saw in its output and that held none, and <leave-out>s that in no case were a row's
/// only reason, in the order of the mapping; a rule of a fragment counts once, wherever it is used.
std::vector<RuleOrigin> untouched_rules(const Mapping& mapping, const std::vector<CaseResult>& results);

}  // namespace fhir_mapper
