#pragma once
// A case, run: what came out against what its author expects. Pure.

#include "fhir_mapper/mapping_case.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fhir_mapper {

struct CaseDifference {
  RuleOrigin origin;  // of the expectation; of the case for what nobody expected
  std::string what;   // "Condition.code.text", "held", "rows left out"
  std::string expected;
  std::string got;
};

struct CaseResult {
  RuleOrigin origin;
  std::string name;
  std::vector<CaseDifference> differences;
  std::set<const RuleIdentity*> rules;  // of the mapping; that gave a value, left out a row or held the unit

  bool passed() const { return differences.empty(); }
};

/// Holds, warnings and rows left out that no expectation names are differences too.
CaseResult run_case(const MappingCase& mapping_case, const Mapping& mapping);

/// What the case would send to a national platform; nothing when it is held or empty.
std::optional<Tree> bundle_of_case(const MappingCase& mapping_case, const Mapping& mapping);

}  // namespace fhir_mapper
