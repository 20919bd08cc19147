// Rules with an id of their own, and how what is wrong is told.

#include "fhir_mapper/profile_cause.h"
#include "fhir_mapper/profile_world.h"

#include <algorithm>

namespace fhir_mapper {

/// `type` is null for a primitive value.
void ProfileWalk::rules(const Node& node, const TypePlan* type, const Present& present, std::size_t begin,
                        const Frame& frame, Scope& scope) {
  const World world(*this, scope);
  for (std::size_t i = begin; i < stack_.size(); ++i) {
    if (!includes(stack_[i]->asks, Asks::rules)) continue;
    const bool knows = type != nullptr && stack_[i]->type == type;
    for (const RulePlan& rule : stack_[i]->rules) {
      if ((quiet_ && failed_) || full_) return;
      if (knows && ((rule.holds_without & ~present.seen) | (rule.holds_with & present.valued)) != 0) continue;
      if (holds_at_once(rule, node, scope)) continue;
      run_rule(rule, node, type, frame, world, *stack_[i]);
    }
  }
}

/// Where no entry of a Bundle is of the type that the rule is about.
bool ProfileWalk::holds_at_once(const RulePlan& rule, const Node& node, const Scope& scope) {
  if (rule.holds_without_entry.empty() || scope.bundle == nullptr || &node != scope.resource) return false;
  const auto& types = scope.bundle->resource_types;
  return std::ranges::none_of(
      types, [&rule](std::string_view type) { return same_text(type, rule.holds_without_entry); });
}

/// Where the expression's shortcut, which is of the type that its element has, tells.
std::optional<FhirPath::Verdict> ProfileWalk::verdict_at_once(const RulePlan& rule, const Node& node) {
  if (rule.shortcut == nullptr) return std::nullopt;
  switch (rule.shortcut->ask(node)) {
    case FhirPathShortcut::Answer::yes:
      return FhirPath::Verdict::holds;
    case FhirPathShortcut::Answer::no:
      return FhirPath::Verdict::fails;
    case FhirPathShortcut::Answer::nothing:
      return FhirPath::Verdict::nothing;
    case FhirPathShortcut::Answer::open:
      break;
  }
  return std::nullopt;
}

void ProfileWalk::run_rule(const RulePlan& rule, const Node& node, const TypePlan* type, const Frame& frame,
                           const World& world, const ElementPlan& element) {
  if (quiet_ && !rule.decides) return;
  const bool is_its_type = element.type == nullptr || element.type == type;
  const auto at_once = is_its_type ? verdict_at_once(rule, node) : std::nullopt;
  if (at_once == FhirPath::Verdict::holds) return;
  const auto focus = [&] { return type == nullptr ? fhir_type(frame.type_name) : type->focus; };
  const FhirPath::Verdict verdict = at_once ? *at_once : rule.holds->test(node, focus(), world);
  if (verdict == FhirPath::Verdict::holds) return;
  const ProfileShape* const owner = element.owner;
  const ProfileRule& described = (*plan_.described)[rule.rule];
  if (!wanted(described.severity)) return;
  // What no profile demands is asked only of those that say they keep the profile.
  if (!described.attached && (owner == nullptr || !claims_profile(node, *owner))) return;
  std::string name = described.id;
  if (described.key != described.id) name += "/" + described.key;
  if (verdict == FhirPath::Verdict::unevaluable) {
    name += "/unevaluable";
  } else if (!described.attached) {
    name += "/unattached";
  }
  const std::size_t before = issues_.size();
  tell(described.severity, frame, name, name_of(owner, frame), described.en, described.ja);
  if (issues_.size() == before || type == nullptr || type->name != "Bundle") return;
  if (const auto entry = entry_that_breaks(*rule.holds, node, world)) {
    issues_.back().cause = location(frame) + ".entry[" + std::to_string(*entry) + "].resource";
  }
}

bool ProfileWalk::wanted(IssueSeverity severity) {
  if (quiet_ && severity == IssueSeverity::error) failed_ = true;
  return !quiet_ && !full_ && (severity == IssueSeverity::error || warnings_ < kMostIssues);
}

void ProfileWalk::tell(IssueSeverity severity, const Frame& frame, std::string_view rule,
                       std::string_view owner, std::string en, std::string ja) {
  if (!wanted(severity)) return;
  ProfileIssue issue{severity,           location(frame), std::string(rule),
                     std::string(owner), std::move(en),   std::move(ja)};
  for (const ProfileIssue& known : issues_) {
    // What FHIR demands and a profile repeats is told once.
    if (known.location == issue.location && known.rule == issue.rule && known.en == issue.en) return;
  }
  issues_.push_back(std::move(issue));
  // Counted apart: an error behind a thousand warnings decides all the same.
  ++(severity == IssueSeverity::error ? errors_ : warnings_);
  full_ = errors_ >= kMostIssues;
}

void ProfileWalk::append_location(const Frame& frame, std::string& text) {
  if (frame.up != nullptr) {
    append_location(*frame.up, text);
    text += '.';
  }
  text += frame.name;
  if (frame.is_choice) text.append(".ofType(").append(frame.type_name).append(")");
  if (frame.index >= 0) text.append("[").append(std::to_string(frame.index)).append("]");
}

std::string ProfileWalk::location(const Frame& frame) {
  constexpr std::size_t kUsual = 96;
  std::string text;
  text.reserve(kUsual);
  append_location(frame, text);
  return text;
}

std::string_view ProfileWalk::name_of(const ProfileShape* shape, const Frame& frame) {
  if (shape != nullptr) return shape->name;
  const std::string_view type = frame.type_name;
  return type.substr(0, type.find('.'));
}

}  // namespace fhir_mapper
