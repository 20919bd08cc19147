#pragma once
// Which rules of a mapping no case touches. Pure.

#include "fhir_mapper/case_run.h"

#include <set>
#include <vector>

namespace fhir_mapper {

/// Rules that gave a value, left out a row or held the unit. `outcome` is of a run with `explain`.
std::set<const RuleIdentity*> used_rules(const UnitOutcome& outcome, const Mapping& mapping);

/// Values and <leave-out>s of which no case shows what they do, in the order of the files.
std::vector<RuleOrigin> untouched_rules(const Mapping& mapping, const std::vector<CaseResult>& results);

}  // namespace fhir_mapper
