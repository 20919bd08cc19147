#include "fhir_mapper/row_mapper.h"

#include "fhir_mapper/conversion.h"
#include "fhir_mapper/replaced_character.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::Place;
using ssmix2::SafeText;

// libstdc++ matches by recursion: a value of some ten thousand characters would end the process. No code is
// that long.
constexpr std::size_t kLongestMatched = 1000;

/// Whether the whole of `text` matches;
bool matches_whole(const std::regex& pattern, const std::string& text, std::smatch& groups) {
  return text.size() <= kLongestMatched && std::regex_match(text, groups, pattern);
}

/// Whether the clause compares codes. A pattern may be one of free text.
bool compares_codes(const Clause& clause) {
  switch (clause.test) {
    case Clause::Test::equals:
    case Clause::Test::differs:
    case Clause::Test::in_table:
    case Clause::Test::not_in_table:
      return true;
    case Clause::Test::present:
    case Clause::Test::absent:
    case Clause::Test::matches:
      return false;
  }
  return false;
}

bool holds(const Clause& clause, const Scope& scope) {
  const Found found = find(clause.source, scope);
  const auto is_value = [&found](const std::string& value) { return value == found.text; };
  switch (clause.test) {
    case Clause::Test::present:
      return !found.empty();
    case Clause::Test::absent:
      return found.empty();
    case Clause::Test::equals:
      return std::any_of(clause.values.begin(), clause.values.end(), is_value);
    case Clause::Test::differs:
      return std::none_of(clause.values.begin(), clause.values.end(), is_value);
    case Clause::Test::in_table:
      return !found.empty() && clause.table->find(found.text) != nullptr;
    case Clause::Test::not_in_table:
      return !found.empty() && clause.table->find(found.text) == nullptr;
    case Clause::Test::matches: {
      std::smatch groups;
      return matches_whole(*clause.pattern, found.text, groups);
    }
  }
  return false;
}

/// A value rule's result before it is put into the tree.
struct Taken {
  std::optional<Node> node;
  Place place;
  std::string source;
  std::string table;
  // Why there is nothing although the source said something.
  std::optional<FailureCode> problem;
  std::string missing_code;  // the first that the table does not know
  Place missing_at;
};

/// Builds one resource; objects that come out empty or are dropped leave no trace.
class ResourceBuilder {
 public:
  ResourceBuilder(const MappingContext& context, MappedRow& out) : context_(context), out_(out) {}

  /// False when the object must be dropped. `prefix` is the element path so far, kept for --explain only.
  bool apply(const std::vector<Rule>& rules, Scope scope, Node& target, const std::string& prefix) {
    for (const Rule& rule : rules) {
      if (!apply(rule, scope, target, prefix)) return false;
    }
    return true;
  }

 private:
  bool decide(const Condition& condition, const Scope& scope) {
    if (auto unreadable = find_unreadable(condition, scope)) out_.holds.push_back(std::move(*unreadable));
    return fhir_mapper::holds(condition, scope);
  }

  bool apply(const Rule& rule, const Scope& scope, Node& target, const std::string& prefix) {
    // Of an object with each="..." every repetition is asked by itself.
    if (!rule.each && !decide(rule.when, scope)) return true;
    switch (rule.kind) {
      case Rule::Kind::value:
        return apply_value(rule, scope, target, prefix);
      case Rule::Kind::object:
        return apply_object(rule, scope, target, prefix);
      case Rule::Kind::first:
        return apply_first(rule, scope, target, prefix);
    }
    return true;
  }

  /// The first child that adds something wins; the others are not looked at.
  bool apply_first(const Rule& rule, const Scope& scope, Node& target, const std::string& prefix) {
    const std::size_t warned = out_.warnings.size();
    for (const Rule& child : rule.children) {
      const std::size_t warned_before_child = out_.warnings.size();
      const auto before = content_of_children(target);
      if (!apply(child, scope, target, prefix)) return false;
      if (content_of_children(target) == before) continue;
      // What an alternative could not use and a later one did is no loss: "(-)" is no number, but it is text.
      out_.warnings.erase(out_.warnings.begin() + static_cast<std::ptrdiff_t>(warned),
                          out_.warnings.begin() + static_cast<std::ptrdiff_t>(warned_before_child));
      return true;
    }
    return true;
  }

  bool apply_object(const Rule& rule, const Scope& scope, Node& target, const std::string& prefix) {
    if (!rule.each) {
      add_object(rule, scope, target, prefix);
      return true;
    }
    for (const auto& [value, place] : repetitions(*rule.each, scope)) {
      Scope inner = scope;
      inner.current = &value;
      inner.current_place = place;
      if (decide(rule.when, inner)) add_object(rule, inner, target, prefix);
    }
    return true;
  }

  void add_object(const Rule& rule, const Scope& scope, Node& target, const std::string& prefix) {
    Node object;
    const std::size_t explained = out_.explanations.size();
    const std::string element = context_.explain ? element_path(rule.path, target, prefix) : std::string();
    if (apply(rule.children, scope, object, element + ".") && !object.empty()) {
      put(rule.path, target, std::move(object));
    } else {
      out_.explanations.resize(explained);
    }
  }

  bool apply_value(const Rule& rule, const Scope& scope, Node& target, const std::string& prefix) {
    Taken taken = take(rule, scope);
    if (!taken.missing_code.empty()) {
      out_.missing_codes.push_back({rule.table->name(), rule.table_system, std::move(taken.missing_code),
                                    rule.origin.text(), taken.missing_at,
                                    !taken.node && rule.if_missing == IfMissing::hold});
    }
    if (taken.node) {
      if (context_.explain) {
        out_.explanations.push_back(
            {element_path(rule.path, target, prefix), "", rule.origin.text(), taken.source, taken.table});
      }
      put(rule.path, target, std::move(*taken.node));
      return true;
    }
    const SafeText detail = SafeText::vouched(path_text(rule.path) + " by " + rule.origin.text());
    const FailureCode code = taken.problem.value_or(FailureCode::map_missing_element);
    if (rule.if_missing == IfMissing::hold) {
      out_.holds.push_back({code, taken.place, detail});
    } else if (taken.problem == FailureCode::map_bad_value) {
      out_.warnings.push_back({code, taken.place, detail});
    }
    return rule.if_missing != IfMissing::drop;
  }

  Taken take(const Rule& rule, const Scope& scope) const {
    if (rule.constant)
      return {convert(rule.conversion, *rule.constant, context_.zone), {}, "constant", {}, {}, {}, {}};
    Taken taken = rule.join ? take_joined(rule, scope) : take_first(rule, scope);
    if (!taken.node && rule.otherwise) {
      taken.node = convert(rule.conversion, *rule.otherwise, context_.zone);
      taken.source = "otherwise";
      taken.table.clear();
    }
    return taken;
  }

  Taken take_first(const Rule& rule, const Scope& scope) const {
    Taken nothing;
    for (const Source& source : rule.from) {
      Taken taken = take_one(rule, source, scope);
      if (taken.missing_code.empty()) {
        taken.missing_code = nothing.missing_code;
        taken.missing_at = nothing.missing_at;
      }
      if (taken.node) return taken;
      // The place named for a missing value is the first that was looked at, unless a later one had a
      // problem.
      if (nothing.place.segment.empty() || (taken.problem && !nothing.problem)) nothing = std::move(taken);
    }
    return nothing;
  }

  Taken take_one(const Rule& rule, const Source& source, const Scope& scope) const {
    const Found found = find(source, scope);
    Taken taken{{}, found.place, source.text, {}, {}, {}, {}};
    if (found.entry_url) {
      taken.node = Node(Node::Value(*found.entry_url));
      return taken;
    }
    if (found.text.empty()) return taken;
    if (!found.place.segment.empty()) taken.source = to_text(found.place).str();
    std::string text = found.text;
    if (rule.matches && !match(*rule.matches, text)) return taken;
    if (rule.table != nullptr) {
      const CodeRow* row = rule.table->find(text, rule.table_system);
      if (row == nullptr) {
        taken.problem = FailureCode::map_no_code;
        taken.missing_code = text;
        taken.missing_at = found.place;
        return taken;
      }
      taken.table = rule.table->name() + ".tsv:" + std::to_string(row->line);
      text = column_of(*row, rule.column);
    }
    if (text.empty()) return taken;
    taken.node = converted(rule, text);
    if (!taken.node) taken.problem = FailureCode::map_bad_value;
    return taken;
  }

  /// Whether `text` matches; it becomes the first group when the pattern has one.
  static bool match(const std::regex& pattern, std::string& text) {
    std::smatch groups;
    if (!matches_whole(pattern, text, groups)) return false;
    if (groups.size() > 1) text = groups[1].str();
    return true;
  }

  std::optional<Node> converted(const Rule& rule, const std::string& text) const {
    if (!rule.format) return convert(rule.conversion, text, context_.zone);
    std::string formatted = *rule.format;
    return convert(rule.conversion, formatted.replace(formatted.find("{}"), 2, text), context_.zone);
  }

  Taken take_joined(const Rule& rule, const Scope& scope) const {
    Taken taken;
    std::string joined;
    for (const Source& source : rule.from) {
      const Found found = find(source, scope);
      if (taken.place.segment.empty()) taken.place = found.place;
      if (found.text.empty()) continue;
      joined.append(joined.empty() ? "" : *rule.join).append(found.text);
      taken.source.append(taken.source.empty() ? "" : " ").append(source.text);
    }
    if (joined.empty()) return taken;
    taken.node = converted(rule, joined);
    if (!taken.node) taken.problem = FailureCode::map_bad_value;
    return taken;
  }

  static const std::string& column_of(const CodeRow& row, Rule::TableColumn column) {
    switch (column) {
      case Rule::TableColumn::code:
        return row.to_code;
      case Rule::TableColumn::display:
        return row.to_display;
      case Rule::TableColumn::system:
        return row.to_system;
    }
    return row.to_code;
  }

  /// An <object> may stand beside values for the same element: it adds to them and never wipes them out.
  static void set(Node& element, Node value) {
    if (!element.is_object() || !value.is_object()) {
      element = std::move(value);
      return;
    }
    for (auto& [name, member] : value.object()) element.member(name) = std::move(member);
  }

  // The loader has refused mappings that use one element in two shapes (element_shape.h).
  static void put(const Path& path, Node& target, Node value) {
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

  static std::size_t content_of_children(const Node& node) {
    std::size_t count = 0;
    for (const auto& [key, child] : node.object()) {
      count += 1;
      if (const auto* items = std::get_if<Node::Array>(&child.value())) count += items->size();
      if (child.is_object()) count += content_of_children(child);
    }
    return count;
  }

  static std::string path_text(const Path& path) {
    std::string text;
    for (const PathStep& step : path) text.append(text.empty() ? "" : ".").append(step.name);
    return text;
  }

  /// "code.coding[1].code": the index an appended element will get.
  static std::string element_path(const Path& path, const Node& target, const std::string& prefix) {
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

  const MappingContext& context_;
  MappedRow& out_;
};

}  // namespace

bool holds(const Condition& condition, const Scope& scope) {
  return std::all_of(condition.begin(), condition.end(),
                     [&scope](const Clause& clause) { return holds(clause, scope); });
}

std::optional<Failure> find_unreadable(const Condition& condition, const Scope& scope) {
  for (const Clause& clause : condition) {
    if (!compares_codes(clause)) continue;
    const Found found = find(clause.source, scope);
    if (!has_replaced_character(found.text)) continue;
    return Failure{FailureCode::map_bad_value, found.place,
                   "a code that a rule asks for has a character that could not be read"};
  }
  return std::nullopt;
}

MappedRow map_row(const ResourceRule& rule, const ssmix2::Row& row, const Variables& variables,
                  const MappingContext& context) {
  MappedRow mapped;
  mapped.resource.member("resourceType") = Node(rule.type.c_str());
  const Scope scope{.row = &row, .variables = &variables};
  ResourceBuilder(context, mapped).apply(rule.rules, scope, mapped.resource, "");
  if (const auto path = find_unreadable_code(mapped.resource)) {
    mapped.holds.push_back({FailureCode::map_bad_value,
                            {.segment = rule.row, .occurrence = row.segment().occurrence()},
                            SafeText::vouched(*path + " has a character that could not be read")});
  }
  return mapped;
}

}  // namespace fhir_mapper
