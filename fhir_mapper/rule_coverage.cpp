#include "fhir_mapper/rule_coverage.h"

#include <set>

namespace fhir_mapper {
namespace {

void collect_values(const std::vector<Rule>& rules, std::vector<RuleOrigin>& origins) {
  for (const Rule& rule : rules) {
    if (rule.kind == Rule::Kind::value) origins.push_back(rule.origin);
    collect_values(rule.children, origins);
  }
}

}  // namespace

std::vector<RuleOrigin> untouched_rules(const Mapping& mapping, const std::vector<CaseResult>& results) {
  std::vector<RuleOrigin> rules;
  for (const ResourceRule& resource : mapping.resources()) {
    for (const LeaveOut& leave_out : resource.leave_out) rules.push_back(leave_out.origin);
    collect_values(resource.rules, rules);
  }
  std::set<std::string> seen;
  for (const CaseResult& result : results) seen.insert(result.rules.begin(), result.rules.end());
  std::vector<RuleOrigin> untouched;
  for (const RuleOrigin& origin : rules) {
    if (seen.insert(origin.text()).second) untouched.push_back(origin);
  }
  return untouched;
}

}  // namespace fhir_mapper
