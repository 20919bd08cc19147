#include "fhir_mapper/rule_coverage.h"

#include <algorithm>

namespace fhir_mapper {

std::set<const RuleIdentity*> used_rules(const UnitOutcome& outcome, const Mapping& mapping) {
  std::set<const RuleIdentity*> used = outcome.rules_applied;
  // A rule that holds the unit is told in the failure's detail alone: "birthDate by patient.xml:36".
  for (const RuleIdentity& rule : mapping.rules()) {
    const std::string detail = " by " + rule.origin.text();
    const bool holds = std::any_of(outcome.holds.begin(), outcome.holds.end(), [&detail](const auto& hold) {
      return hold.detail.view().ends_with(detail);
    });
    if (holds) used.insert(&rule);
  }
  return used;
}

std::vector<RuleOrigin> untouched_rules(const Mapping& mapping, const std::vector<CaseResult>& results) {
  std::set<const RuleIdentity*> used;
  for (const CaseResult& result : results) used.insert(result.rules.begin(), result.rules.end());
  std::vector<RuleOrigin> untouched;
  for (const RuleIdentity& rule : mapping.rules()) {
    const bool counts = rule.kind == RuleIdentity::Kind::value || rule.kind == RuleIdentity::Kind::leave_out;
    if (counts && !used.contains(&rule)) untouched.push_back(rule.origin);
  }
  return untouched;
}

}  // namespace fhir_mapper
