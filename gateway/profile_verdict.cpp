#include "gateway/profile_verdict.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace gateway {
namespace {

using fhir_mapper::Explanation;
using fhir_mapper::IssueSeverity;
using fhir_mapper::ProfileIssue;
using fhir_mapper::ProfileIssues;
using fhir_mapper::UnitOutcome;
using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;

constexpr std::string_view kEntry = "Bundle.entry[";
constexpr std::string_view kResource = "].resource";

/// "value.ofType(Quantity).unit" is "valueQuantity.unit" in JSON, and so in explanations.
std::string in_json(std::string_view element) {
  constexpr std::string_view kOfType = ".ofType(";
  std::string json(element);
  for (auto at = json.find(kOfType); at != std::string::npos; at = json.find(kOfType, at)) {
    json.erase(at, kOfType.size());
    if (at < json.size() && json[at] >= 'a' && json[at] <= 'z')
      json[at] = static_cast<char>(json[at] - 'a' + 'A');
    if (const auto close = json.find(')', at); close != std::string::npos) json.erase(close, 1);
  }
  return json;
}

struct Target {
  std::size_t entry = 0;
  std::string element;  // empty: the resource itself
};

std::optional<Target> target_of(std::string_view location) {
  if (!location.starts_with(kEntry)) return std::nullopt;
  location.remove_prefix(kEntry.size());
  Target target;
  const auto number = std::from_chars(location.data(), location.data() + location.size(), target.entry);
  location.remove_prefix(static_cast<std::size_t>(number.ptr - location.data()));
  if (number.ec != std::errc() || !location.starts_with(kResource)) return std::nullopt;
  location.remove_prefix(kResource.size());
  if (location.starts_with('.')) location.remove_prefix(1);
  target.element = in_json(location);
  return target;
}

/// Whether `element` is `outer` or stands in it.
bool is_in(std::string_view element, std::string_view outer) {
  if (outer.empty()) return true;
  if (!element.starts_with(outer)) return false;
  return element.size() == outer.size() || element[outer.size()] == '.' || element[outer.size()] == '[';
}

/// A value of the message, not a constant of the rules or of the settings.
bool is_of_message(const Explanation& explanation) {
  return !explanation.source.empty() && explanation.source[0] >= 'A' && explanation.source[0] <= 'Z';
}

bool is_error(const ProfileIssue& issue) {
  return issue.severity == IssueSeverity::error;
}

/// Of a rule about the whole Bundle the resource that breaks it.
const std::string& place_to_look_at(const ProfileIssue& issue) {
  return issue.cause.empty() ? issue.location : issue.cause;
}

const UnitOutcome::ExplainedResource* resource_at(std::string_view location,
                                                  const ExplainedResources& explained) {
  const auto target = target_of(location);
  return target && target->entry < explained.size() ? &explained[target->entry] : nullptr;
}

std::string other_rules(const ProfileIssues& issues, const std::string& first) {
  std::set<std::string> rules;
  for (const ProfileIssue& issue : issues) {
    if (is_error(issue) && issue.rule != first) rules.insert(issue.rule);
  }
  std::string text;
  for (const std::string& rule : rules) text.append(text.empty() ? "; and " : ", ").append(rule);
  return text;
}

SafeText text_of(const ProfileIssue& issue, const ExplainedResources& explained, const std::string& others) {
  std::string text = issue.rule + " at " + issue.location;
  if (!issue.cause.empty()) text.append(" because of ").append(issue.cause);
  const auto* const resource = resource_at(place_to_look_at(issue), explained);
  // Of a whole resource no single value is to blame.
  const auto* const explanation = issue.cause.empty() ? explanation_at(issue.location, explained) : nullptr;
  // Many rows have one order: where the value is of that, it does not tell which row.
  if (resource != nullptr && !resource->row.empty() &&
      (explanation == nullptr || !explanation->source.starts_with(resource->row))) {
    text.append(", in the row ").append(resource->row);
  }
  if (explanation != nullptr) {
    text.append(", of ").append(explanation->source);
    text.append(" by ").append(explanation->rule).append(" (").append(explanation->place).append(")");
  }
  // Rules, locations, rows, sources and places are words of packs, mappings and FHIR: none is a value.
  return SafeText::vouched(text + others);
}

std::set<std::string> rules_of(const ProfileIssues& issues, IssueSeverity severity) {
  std::set<std::string> rules;
  for (const ProfileIssue& issue : issues) {
    if (issue.severity == severity) rules.insert(issue.rule);
  }
  return rules;
}

}  // namespace

const Explanation* explanation_at(std::string_view location, const ExplainedResources& explained) {
  auto target = target_of(location);
  if (!target || target->entry >= explained.size()) return nullptr;
  const auto& elements = explained[target->entry].elements;
  while (true) {
    const auto found = std::find_if(elements.begin(), elements.end(), [&](const Explanation& each) {
      return is_of_message(each) && is_in(each.element, target->element);
    });
    if (found != elements.end()) return &*found;
    const auto exact = std::find_if(elements.begin(), elements.end(),
                                    [&](const Explanation& each) { return each.element == target->element; });
    if (exact != elements.end()) return &*exact;
    if (target->element.empty()) return nullptr;
    const auto cut = target->element.find_last_of(".[");
    target->element.resize(cut == std::string::npos ? 0 : cut);
  }
}

std::optional<Breach> broken_by(const ProfileIssues& issues, const ExplainedResources& explained) {
  const auto first = std::find_if(issues.begin(), issues.end(), is_error);
  if (first == issues.end()) return std::nullopt;
  Breach breach{
      Failure(FailureCode::profile_broken, {}, text_of(*first, explained, other_rules(issues, first->rule))),
      {}};
  const auto* const resource = resource_at(place_to_look_at(*first), explained);
  if (resource != nullptr) breach.document = resource->document;
  return breach;
}

std::size_t count_errors(const ProfileIssues& issues) {
  return static_cast<std::size_t>(std::count_if(issues.begin(), issues.end(), is_error));
}

std::vector<Failure> warned_by(const ProfileIssues& issues) {
  std::map<std::string, std::size_t> counts;
  for (const ProfileIssue& issue : issues) {
    if (issue.severity == IssueSeverity::warning) ++counts[issue.rule];
  }
  std::vector<Failure> warnings;
  for (const auto& [rule, count] : counts) {
    warnings.emplace_back(
        FailureCode::profile_warned, ssmix2::Place(),
        SafeText::vouched(rule + ", " + std::to_string(count) + (count == 1 ? " time" : " times")));
  }
  return warnings;
}

std::set<std::string> rules_broken_by(const ProfileIssues& issues) {
  return rules_of(issues, IssueSeverity::error);
}

std::set<std::string> rules_warned_by(const ProfileIssues& issues) {
  return rules_of(issues, IssueSeverity::warning);
}

}  // namespace gateway
