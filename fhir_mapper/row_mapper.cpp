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
    if (step.append) text += "[" + std::to_string(at == nullptr ? 0 : at->size()) + "]";
    if (step.append) at = nullptr;
  }
  return text;
}

/// What became of a rule.
enum class Applied {
  nothing,
  something,  // there is more in the resource than before
  drop,       // the object around it must not come out
};

/// Builds one resource; objects that come out empty or are dropped leave no trace.
class ResourceBuilder {
 public:
  ResourceBuilder(const MappingContext& context, Tree& tree, MappedRow& out)
      : context_(context), tree_(tree), out_(out) {}

  /// `prefix` is the element path so far, kept for the trace only.
  Applied apply(const std::vector<Rule>& rules, const RowScope& scope, Node& target,
                const std::string& prefix) {
    Applied all = Applied::nothing;
    for (const Rule& rule : rules) {
      const Applied one = apply(rule, scope, target, prefix);
      if (one == Applied::drop) return one;
      if (one == Applied::something) all = one;
    }
    return all;
  }

 private:
  bool decide(const Rule& rule, const RowScope& scope) {
    if (rule.when.alternatives.empty()) return true;
    if (auto unreadable = find_unreadable(rule.when, scope, context_.may_be_unreadable)) {
      out_.holds.push_back(std::move(*unreadable));
    }
    if (context_.trace) trace_decision(rule.when, *rule.identity, scope, out_.trace);
    return holds(rule.when, scope);
  }

  Applied apply(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    switch (rule.kind) {
      case Rule::Kind::value:
        return decide(rule, scope) ? apply_value(rule, scope, target, prefix) : Applied::nothing;
      case Rule::Kind::object:
        return apply_object(rule, scope, target, prefix);
      case Rule::Kind::first:
        return decide(rule, scope) ? apply_first(rule, scope, target, prefix) : Applied::nothing;
    }
    return Applied::nothing;
  }

  /// The first child that adds something wins; the others are not looked at. if-missing="drop" of a child
  /// counts when no other one had anything either.
  Applied apply_first(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    const std::size_t warned = out_.warnings.size();
    Applied none = Applied::nothing;
    for (const Rule& child : rule.children) {
      const std::size_t warned_before_child = out_.warnings.size();
      const Applied applied = apply(child, scope, target, prefix);
      if (applied == Applied::drop) none = applied;
      if (applied != Applied::something) continue;
      // What an alternative could not use and a later one did is no loss: "(-)" is no number, but it is text.
      out_.warnings.erase(out_.warnings.begin() + static_cast<std::ptrdiff_t>(warned),
                          out_.warnings.begin() + static_cast<std::ptrdiff_t>(warned_before_child));
      return applied;
    }
    return none;
  }

  Applied apply_object(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    if (!rule.each) {
      return decide(rule, scope) ? add_object(rule, scope, target, prefix) : Applied::nothing;
    }
    // Every repetition is asked by itself.
    const auto repetitions = scope.each(*rule.each);
    if (repetitions.size() > RowScope::kMostRepetitions) {
      out_.holds.push_back({FailureCode::map_bad_value, scope.place_of(*rule.each, {}),
                            SafeText::vouched("more than " + std::to_string(RowScope::kMostRepetitions) +
                                              " repetitions, by " + rule.identity->origin.text())});
      return Applied::nothing;
    }
    Applied all = Applied::nothing;
    for (const RowScope& inner : repetitions) {
      if (decide(rule, inner) && add_object(rule, inner, target, prefix) == Applied::something)
        all = Applied::something;
    }
    return all;
  }

  Applied add_object(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    Node& object = tree_.object();
    const std::size_t traced = out_.trace.size();
    const std::string inner = context_.trace ? element_path(rule.path, target, prefix) + "." : std::string();
    if (apply(rule.children, scope, object, inner) == Applied::something) {
      if (put(rule.path, target, object)) out_.trace.overwrite_before(traced);
      return Applied::something;
    }
    out_.trace.forget_mapped_since(traced);
    return Applied::nothing;
  }

  Applied apply_value(const Rule& rule, const RowScope& scope, Node& target, const std::string& prefix) {
    // Most rules are constants: they ask nothing and are never missing.
    if (rule.constant_leaf && !context_.trace) {
      put(rule.path, target, tree_.leaf(*rule.constant_leaf));
      return Applied::something;
    }
    const TakenValue taken = take_value(rule, scope, context_.zone, tree_);
    if (taken.unknown) note_unknown(rule, scope, taken);
    const std::size_t traced = out_.trace.size();
    if (context_.trace) trace(rule, taken, element_path(rule.path, target, prefix));
    if (taken.leaf) {
      // What another source serves for is wrong all the same: the time of a specimen is not that of its
      // result.
      if (taken.bad) {
        out_.warnings.push_back(failure_of(rule, scope, scope.place_of(*taken.bad->source, taken.bad->found),
                                           FailureCode::map_bad_value));
      }
      if (put(rule.path, target, tree_.leaf(*taken.leaf))) out_.trace.overwrite_before(traced);
      return Applied::something;
    }
    if (rule.if_missing == IfMissing::hold || taken.problem == FailureCode::map_bad_value) {
      complain(rule, scope, taken);
    }
    return rule.if_missing == IfMissing::drop ? Applied::drop : Applied::nothing;
  }

  /// Whether another rule's value was replaced. The loader has refused paths that FHIR does not have: an
  /// element has one shape everywhere.
  bool put(const Path& path, Node& target, Node& value) {
    bool replaced = false;
    Node* at = &target;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const auto name = LastingText::vouched(path[i].name);
      const bool last = i + 1 == path.size();
      if (path[i].append) {
        Node& item = last ? value : tree_.object();
        tree_.append(tree_.array_at(*at, name), item);
        at = &item;
      } else if (last) {
        replaced = tree_.set(*at, name, value);
      } else {
        at = &tree_.object_at(*at, name);
      }
    }
    return replaced;
  }

  void complain(const Rule& rule, const RowScope& scope, const TakenValue& taken) {
    Place place;
    if (!taken.parts.empty()) {
      place = scope.place_of(*taken.parts.front().source, taken.parts.front().found);
    } else if (taken.first_asked != nullptr) {
      place = scope.place_of(*taken.first_asked, {});
    }
    auto& list = rule.if_missing == IfMissing::hold ? out_.holds : out_.warnings;
    const FailureCode problem = taken.problem.value_or(FailureCode::map_missing_element);
    list.push_back(failure_of(rule, scope, std::move(place), rule.held_as.value_or(problem)));
  }

  ssmix2::Failure failure_of(const Rule& rule, const RowScope& scope, Place place, FailureCode code) const {
    std::string detail = path_text(rule.path);
    // Many rows have one order and one visit: a place there does not tell which row waits for it.
    const ssmix2::Segment& segment = scope.row().segment();
    const Place row{.segment = std::string(segment.name()), .occurrence = segment.occurrence()};
    if (place.segment != row.segment || place.occurrence != row.occurrence) {
      detail += " of the row " + to_text(row).str();
    }
    detail += " by " + rule.identity->origin.text();
    return {code, std::move(place), SafeText::vouched(std::move(detail))};
  }

  void note_unknown(const Rule& rule, const RowScope& scope, const TakenValue& taken) {
    const auto& [part, table, system, code] = *taken.unknown;
    out_.missing_codes.push_back({.table = table,
                                  .system = system,
                                  .code = code,
                                  .rule = rule.identity->text(),
                                  .place = scope.place_of(*part.source, part.found),
                                  .holds = !taken.leaf && rule.if_missing == IfMissing::hold});
  }

  void trace(const Rule& rule, const TakenValue& taken, const std::string& element) {
    TracedValue traced{.rule = rule.identity, .element = element};
    traced.use = taken.leaf ? TracedValue::Use::mapped : TracedValue::Use::unusable;
    if (taken.leaf) traced.output = taken.leaf->written();
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
    for (const TakenValue::Part& part : taken.unusable) {
      out_.trace.add({.use = TracedValue::Use::unusable,
                      .rule = rule.identity,
                      .value = part.found.value(),
                      .source = part.source->text,
                      .element = element});
    }
    if (!taken.parts.empty() || !taken.leaf) return;
    traced.source = rule.constant ? "constant" : "otherwise";
    out_.trace.add(std::move(traced));
  }

  const MappingContext& context_;
  Tree& tree_;
  MappedRow& out_;
};

}  // namespace

MappedRow map_row(const ResourceRule& rule, const RowScope& scope, const MappingContext& context,
                  Tree& tree) {
  MappedRow mapped;
  mapped.resource = &tree.object();
  tree.set(*mapped.resource, "resourceType", Leaf(LastingText::vouched(rule.type)));
  ResourceBuilder(context, tree, mapped).apply(rule.rules, scope, *mapped.resource, "");
  const auto path = context.may_be_unreadable ? find_unreadable_code(*mapped.resource) : std::nullopt;
  if (path) {
    const ssmix2::Segment& row = scope.row().segment();
    mapped.holds.push_back({FailureCode::map_bad_value,
                            {.segment = rule.row, .occurrence = row.occurrence()},
                            SafeText::vouched(*path + " has a character that could not be read")});
  }
  return mapped;
}

}  // namespace fhir_mapper
