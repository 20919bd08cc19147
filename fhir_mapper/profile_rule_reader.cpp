// The rules of a pack that have an id of their own.

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/profile_cause.h"
#include "fhir_mapper/profile_pack_builder.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

/// What the walk itself looks after, because it is asked of every element.
constexpr std::array<std::string_view, 14> kOfTheProgram = {"ele-1", "ext-1", "dom-2", "dom-3", "dom-4",
                                                            "dom-5", "ref-1", "bdl-1", "bdl-2", "bdl-3",
                                                            "bdl-4", "bdl-5", "bdl-7", "bdl-8"};

/// "code.empty() or value.exists() or ...": each decides alone, from the left, as far as they are so simple.
void read_alternatives(std::string_view holds, const TypePlan& type, RulePlan& rule) {
  // The operators that would take what stands before them as their own.
  if (holds.find(" implies ") != std::string_view::npos || holds.find(" xor ") != std::string_view::npos)
    return;
  constexpr std::string_view kOr = " or ";
  while (true) {
    const std::size_t dot = holds.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (dot == std::string_view::npos) return;
    const std::string_view name = holds.substr(0, dot);
    holds.remove_prefix(dot);
    const bool is_empty = holds.starts_with(".empty()");
    if (!is_empty && !holds.starts_with(".exists()")) return;
    holds.remove_prefix(is_empty ? std::string_view(".empty()").size()
                                 : std::string_view(".exists()").size());
    if (!holds.empty() && !holds.starts_with(kOr)) return;
    std::uint16_t group = type.group_of(name);
    if (group == kNoGroup) group = type.group_of(std::string(name) + "[x]");
    if (group == kNoGroup) return;
    (is_empty ? rule.holds_without : rule.holds_with) |= GroupSet{1} << group;
    if (holds.empty()) return;
    holds.remove_prefix(kOr.size());
  }
}

/// "Condition" of "entry.resource.ofType(Condition).all(...)" when nothing stands behind it.
std::string_view entry_needed(std::string_view holds) {
  constexpr std::string_view kBegin = "entry.resource.ofType(";
  const auto demand = demand_on_each(holds);
  if (!demand || !demand->of.starts_with(kBegin) || demand->of.find(')') + 1 != demand->of.size()) return {};
  return demand->of.substr(kBegin.size(), demand->of.size() - kBegin.size() - 1);
}

}  // namespace

RulePlan ProfilePackBuilder::planned(std::size_t index, const FhirPath& holds, const ElementPlan& element) {
  RulePlan rule;
  rule.rule = static_cast<std::uint32_t>(index);
  rule.holds = &plan_->expressions.emplace_back(holds);
  if (auto shortcut = holds.shortcut(element.type == nullptr ? FhirType::unknown : element.type->focus)) {
    rule.shortcut = &plan_->shortcuts.emplace_back(*std::move(shortcut));
  }
  rule.holds_without_entry = entry_needed(rule.holds->expression());  // which the plan shares and keeps
  if (element.type != nullptr) read_alternatives(holds.expression(), *element.type, rule);
  return rule;
}

/// Where the rule is described; a rule that a pack says again is described anew.
std::size_t ProfilePackBuilder::described(const PackNode& node) {
  ProfileRule rule;
  rule.id = node.required("id");
  rule.key = node.has("key") ? node.get("key") : node.get("id");
  const std::string_view severity = node.required("severity");
  if (severity != "error" && severity != "warning") {
    node.error("severity=\"" + std::string(severity) + "\" must be error or warning");
  }
  rule.severity = severity == "warning" ? IssueSeverity::warning : IssueSeverity::error;
  rule.evaluated = node.flag("evaluate", true);
  rule.because = node.get("because");
  rule.attached = node.flag("attached", true);
  if (rule.evaluated != rule.because.empty()) {
    node.error("because=\"...\" says why a rule has evaluate=\"no\", and stands nowhere else");
  }
  for (const PackNode& child : node.children({"ja", "en", "holds"})) {
    child.allow({});
    if (child.kind() == "ja") rule.ja = child.text();
    if (child.kind() == "en") rule.en = child.text();
  }
  if (rule.en.empty()) node.error("<rule> needs a sentence in <en>");
  if (rule.ja.empty()) rule.ja = rule.en;
  const std::string name = rule.id + "/" + rule.key;
  const auto known = rule_index_.find(name);
  if (known != rule_index_.end()) {
    pack_->rules_[known->second] = std::move(rule);
    return known->second;
  }
  const std::size_t index = pack_->rules_.size();
  rule_index_.emplace(name, index);
  rule_index_.emplace(rule.id, index);
  pack_->rules_.push_back(std::move(rule));
  return index;
}

void ProfilePackBuilder::read_rule(const PackNode& node, const Place& place) {
  node.allow({"id", "key", "severity", "at", "native", "evaluate", "because", "attached"});
  const std::size_t index = described(node);
  ElementPlan* const element = element_at(place.root, node.get("at"), node);
  std::string_view holds;
  for (const PackNode& child : node.children({"ja", "en", "holds"})) {
    if (child.kind() == "holds") holds = child.text();
  }
  const bool native = node.flag("native", false);
  if (native &&
      std::find(kOfTheProgram.begin(), kOfTheProgram.end(), node.get("id")) == kOfTheProgram.end() &&
      !node.get("id").starts_with("clins-")) {
    node.error("native=\"yes\" is for rules that the program looks after itself" +
               did_you_mean(node.get("id"), kOfTheProgram));
  }
  if (native || !pack_->rules_[index].evaluated) {
    if (native && !holds.empty()) node.error("a rule with native=\"yes\" needs no <holds>");
    return;
  }
  if (holds.empty()) {
    node.error("<rule> needs <holds>, native=\"yes\" or evaluate=\"no\"");
    return;
  }
  auto compiled = FhirPath::compile(holds);
  if (!compiled) {
    node.error("<holds>: column " + std::to_string(compiled.error().column) + ": " +
               compiled.error().message);
    return;
  }
  if (element == nullptr) return;
  const RulePlan plan = planned(index, *compiled, *element);
  const auto known = std::ranges::find(element->rules, plan.rule, &RulePlan::rule);
  if (known != element->rules.end()) {
    *known = plan;
  } else {
    element->rules.push_back(plan);
  }
}

}  // namespace fhir_mapper
