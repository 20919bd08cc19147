#include "fhir_mapper/rule_coverage.h"

#include "fhir_mapper/row_mapper.h"
#include "ssmix2/segment_group.h"

namespace fhir_mapper {
namespace {

void collect_values(const std::vector<Rule>& rules, std::vector<RuleOrigin>& origins) {
  for (const Rule& rule : rules) {
    if (rule.kind == Rule::Kind::value) origins.push_back(rule.origin);
    collect_values(rule.children, origins);
  }
}

void collect_leave_outs(const UnitDocument& document, const ResourceRule& rule, std::set<std::string>& used) {
  const Variables none;
  for (const ssmix2::Row& row : rows_of(*document.message, document.name.key.type, rule.row)) {
    const Scope scope{.row = &row, .variables = &none};
    std::vector<const LeaveOut*> reasons;
    for (const LeaveOut& leave_out : rule.leave_out) {
      if (holds(leave_out.when, scope)) reasons.push_back(&leave_out);
    }
    if (reasons.size() == 1) used.insert(reasons.front()->origin.text());
  }
}

/// A rule that holds the unit is told in the failure's detail alone: "birthDate by patient.xml:36".
void collect_holding(const ssmix2::Failure& hold, std::set<std::string>& used) {
  constexpr std::string_view kBefore = " by ";
  const std::string_view detail = hold.detail.view();
  const std::size_t at = detail.rfind(kBefore);
  if (at != std::string_view::npos) used.emplace(detail.substr(at + kBefore.size()));
}

}  // namespace

std::set<std::string> used_rules(const UnitInput& input, const UnitOutcome& outcome, const Mapping& mapping) {
  std::set<std::string> used;
  for (const auto& resource : outcome.explanations) {
    for (const Explanation& element : resource.elements) used.insert(element.rule);
  }
  for (const ssmix2::Failure& hold : outcome.holds) collect_holding(hold, used);
  if (outcome.rows_left_out == 0) return used;
  for (const UnitDocument& document : input.documents) {
    const ResourceRule* rule = mapping.find(info(input.unit.kind).resource_type, document.name.key.type);
    if (rule != nullptr) collect_leave_outs(document, *rule, used);
  }
  return used;
}

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
