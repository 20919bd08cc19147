#include "fhir_mapper/row_mapper.h"

#include "fhir_mapper/condition.h"
#include "fhir_mapper/replaced_character.h"
#include "fhir_mapper/rule_value.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using ssmix2::FailureCode;
using ssmix2::Place;
using ssmix2::SafeText;

std::size_t count_of_values(const Node& node) {
  std::size_t count = 0;
  for (const auto& [key, child] : node.object()) {
    count += 1;
    if (const auto* items = std::get_if<Node::Array>(&child.value())) count += items->size();
    if (child.is_object()) count += count_of_values(child);
  }
  return count;
}

std::string path_text(const Path& path) {
  std::string text;
  for (const PathStep& step : path) text.append(text.empty() ? "" : ".").append(step.name);
  return text;
}

/// "code.coding[1].code": the index an appended element will get.
std::string element_path(const Path& path, const Node& target, const std::string& prefix) {
  std::string text = prefix;
  const Node* at = &target;
  for (const PathStep& step : path) {
    if (text.size() > prefix.size()) text += '.';
    text += step.name;
    at = at == nullptr ? nullptr : at->find(step.name);
    if (step.append) text += "[" + std::to_string(at == nullptr ? 0 : at->array().size()) + "]";
    if (step.append) at = nullptr;
  }
  return text;
}

/// An <object> may stand beside values for the same element: it adds to them and never wipes them out.
void set(Node& element, Node value) {
  if (!element.is_object() || !value.is_object()) {
    element = std::move(value);
    return;
  }
  for (auto& [name, member] : value.object()) element.member(name) = std::move(member);
}

// The loader has refused paths that FHIR does not have: an element has one shape everywhere.
void put(const Path& path, Node& target, Node value) {
  Node* at = &target;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const PathStep& step = path[i];
    const bool last = i + 1 == path.size();
    if (step.append) {
      auto& items = at->member(step.name, Node(Node::Array{})).array();
      items.push_back(last ? std::move(value) : Node());
      at = &items.back();
    } else if (last) {
      set(at->member(step.name), std::move(value));
    } else {
      at = &at->member(step.name);
    }
  }
}

std::string text_of(const Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value())) return *text;
  if (const auto* decimal = std::get_if<Decimal>(&node.value())) return decimal->text();
  if (const auto* truth = std::get_if<bool>(&node.value())) return *truth ? "true" : "false";
  return "";
}

/// Builds one resource; objects that come out empty or are dropped leave no trace.
class ResourceBuilder {
 public:
  ResourceBuilder(const MappingContext& context, MappedRow& out) : context_(context), out_(out) {}

  /// False when the object must be dropped. `prefix` is the element path so far, kept for the trace only.
  bool apply(const std::vector<Rule>& rules, const RowScope& scope, Node& target, const std::string& prefix) {
    for (const Rule& rule : rules) {
      if (!apply(rule, scope, target, prefix)) return false;
    }
    return true;
  }

 private:
  bool decide(const Rule& rule, const RowScope& scope) {
    if (rule.when.alternatives.empty()) return true;
    if (auto unreadable = find_unreadable(rule.when, scope)) out_.holds.push_back(std::move(*unreadable));
    if (context_.trace) trace_decision(rule.when, *rule.identity, scope, out_.trace);
    return holds(rule.when, scope);
  }

  bool apply(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    // Of an object with each="..." every repetition is asked by itself.
    if (!rule.each && !decide(rule, scope)) return true;
    switch (rule.kind) {
      case Rule::Kind::value:
        return apply_value(rule, scope, target, prefix);
      case Rule::Kind::object:
        apply_object(rule, scope, target, prefix);
        return true;
      case Rule::Kind::first:
        return apply_first(rule, scope, target, prefix);
    }
    return true;
  }

  /// The first child that adds something wins; the others are not looked at.
  bool apply_first(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    const std::size_t warned = out_.warnings.size();
    const std::size_t before = count_of_values(target);
    for (const Rule& child : rule.children) {
      const std::size_t warned_before_child = out_.warnings.size();
      if (!apply(child, scope, target, prefix)) return false;
      if (count_of_values(target) == before) continue;
      // What an alternative could not use and a later one did is no loss: "(-)" is no number, but it is text.
      out_.warnings.erase(out_.warnings.begin() + static_cast<std::ptrdiff_t>(warned),
                          out_.warnings.begin() + static_cast<std::ptrdiff_t>(warned_before_child));
      return true;
    }
    return true;
  }

  void apply_object(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    if (!rule.each) return add_object(rule, scope, target, prefix);
    for (const RowScope& inner : scope.each(*rule.each)) {
      if (decide(rule, inner)) add_object(rule, inner, target, prefix);
    }
  }

  void add_object(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    Node object;
    const std::size_t traced = out_.trace.size();
    const std::string inner = context_.trace ? element_path(rule.path, target, prefix) + "." : std::string();
    if (apply(rule.children, scope, object, inner) && !object.empty()) {
      put(rule.path, target, std::move(object));
    } else {
      out_.trace.forget_mapped_since(traced);
    }
  }

  bool apply_value(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    TakenValue taken = take_value(rule, scope, context_.zone);
    if (taken.unknown && rule.unknown_is_todo) note_unknown(rule, scope, taken);
    if (context_.trace) trace(rule, taken, element_path(rule.path, target, prefix));
    if (taken.node) {
      put(rule.path, target, std::move(*taken.node));
      return true;
    }
    if (rule.if_missing == IfMissing::hold || taken.problem == FailureCode::map_bad_value) {
      complain(rule, scope, taken);
    }
    return rule.if_missing != IfMissing::drop;
  }

  void complain(const Rule& rule, const RowScope& scope, const TakenValue& taken) {
    Place place;
    if (!taken.parts.empty()) {
      place = scope.place_of(*taken.parts.front().source, taken.parts.front().found);
    } else if (taken.first_asked != nullptr) {
      place = scope.place_of(*taken.first_asked, {});
    }
    auto& list = rule.if_missing == IfMissing::hold ? out_.holds : out_.warnings;
    list.push_back({taken.problem.value_or(FailureCode::map_missing_element), std::move(place),
                    SafeText::vouched(path_text(rule.path) + " by " + rule.identity->origin.text())});
  }

  void note_unknown(const Rule& rule, const RowScope& scope, const TakenValue& taken) {
    out_.missing_codes.push_back({.table = taken.unknown->code.table(),
                                  .system = std::string(taken.unknown->code.system),
                                  .code = taken.unknown->code.code,
                                  .rule = rule.identity->text(),
                                  .place = scope.place_of(*taken.unknown->source, taken.unknown->found),
                                  .holds = !taken.node && rule.if_missing == IfMissing::hold});
  }

  void trace(const Rule& rule, const TakenValue& taken, const std::string& element) {
    TracedValue traced{.rule = rule.identity, .element = element};
    traced.use = taken.node ? TracedValue::Use::mapped : TracedValue::Use::unusable;
    if (taken.node) traced.output = text_of(*taken.node);
    if (taken.translation) traced.table_rows = taken.translation->trail();
    for (const TakenValue::Part& part : taken.parts) {
      traced.value = part.found.value();
      traced.source = part.source->text;
      out_.trace.add(traced);
      if (part.found.selector().raw().empty()) continue;
      out_.trace.add({.use = TracedValue::Use::decided,
                      .rule = rule.identity,
                      .value = part.found.selector(),
                      .source = part.source->text});
    }
    if (!taken.parts.empty() || !taken.node) return;
    traced.source = rule.constant ? "constant" : "otherwise";
    out_.trace.add(std::move(traced));
  }

  const MappingContext& context_;
  MappedRow& out_;
};

}  // namespace

MappedRow map_row(const ResourceRule& rule, const RowScope& scope, const MappingContext& context) {
  MappedRow mapped;
  mapped.resource.member("resourceType") = Node(rule.type.c_str());
  ResourceBuilder(context, mapped).apply(rule.rules, scope, mapped.resource, "");
  if (const auto path = find_unreadable_code(mapped.resource)) {
    const ssmix2::Segment& row = scope.row().segment();
    mapped.holds.push_back({FailureCode::map_bad_value,
                            {.segment = rule.row, .occurrence = row.occurrence()},
                            SafeText::vouched(*path + " has a character that could not be read")});
  }
  return mapped;
}

}  // namespace fhir_mapper
