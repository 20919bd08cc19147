#include "fhir_mapper/overlay.h"

#include "fhir_mapper/closest_name.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace fhir_mapper {
namespace {

class OverlayRun {
 public:
  explicit OverlayRun(RuleTree& tree) : tree_(tree) {}

  void apply(const RuleElement& change) {
    if (change.kind() == "replace") {
      replace(change);
    } else if (change.kind() == "remove") {
      remove(change);
    } else if (change.kind() == "add") {
      add(change);
    } else {
      change.error("unknown element <" + std::string(change.kind()) +
                   ">; <replace>, <remove> or <add> may stand here");
    }
  }

 private:
  void replace(const RuleElement& change) {
    check_names(change, {"rule"});
    if (change.children.empty())
      return change.error("<replace> needs the rules that stand instead; <remove> needs none");
    const auto position = find_rule(change, "rule");
    if (!position) return;
    take_out(change, *position);
    insert(change.children, *position->siblings, position->index);
  }

  void remove(const RuleElement& change) {
    check_names(change, {"rule", "reason"});
    if (!change.children.empty())
      change.error("nothing may stand inside <remove>; <replace> puts rules instead");
    if (text_of(change, "reason").empty()) {
      change.error("<remove> needs the attribute reason: whoever reads the mapping later wants to know it");
    }
    const auto position = find_rule(change, "rule");
    if (position) take_out(change, *position);
  }

  void add(const RuleElement& change) {
    check_names(change, {"to", "before", "after"});
    const bool to = !text_of(change, "to").empty();
    const bool before = !text_of(change, "before").empty();
    const bool after = !text_of(change, "after").empty();
    if (to + before + after != 1) {
      return change.error(
          "<add> needs one of: to (at the end of that resource, template or object), before, after");
    }
    if (change.children.empty()) return change.error("<add> needs the rules to add");
    const auto position = find_rule(change, to ? "to" : before ? "before" : "after");
    if (!position) return;
    if (to) {
      if (!takes_rules(position->element().kind())) {
        return change.error("<add to=\"" + text_of(change, "to") + "\">: nothing may stand inside a <" +
                            std::string(position->element().kind()) + ">; before or after may be meant");
      }
      auto& children = position->element().children;
      insert(change.children, children, children.size());
    } else {
      insert(change.children, *position->siblings, position->index + (after ? 1 : 0));
    }
  }

  void take_out(const RuleElement& change, const RuleTree::Position& position) {
    tree_.changes.push_back({change, std::move(position.element())});
    position.siblings->erase(position.siblings->begin() + static_cast<std::ptrdiff_t>(position.index));
  }

  static bool takes_rules(std::string_view kind) {
    return kind == "resource" || kind == "template" || kind == "object" || kind == "first";
  }

  static void insert(const std::vector<RuleElement>& rules, std::vector<RuleElement>& siblings,
                     std::size_t index) {
    siblings.insert(siblings.begin() + static_cast<std::ptrdiff_t>(index), rules.begin(), rules.end());
  }

  std::optional<RuleTree::Position> find_rule(const RuleElement& change, const char* attribute) {
    const std::string address = text_of(change, attribute);
    if (address.empty()) {
      change.error("<" + std::string(change.kind()) + "> needs the attribute " + attribute +
                   " with the address of a rule, like condition/code.text");
      return std::nullopt;
    }
    const auto found = tree_.find(address);
    if (found.size() == 1) return found.front();
    if (found.empty()) {
      const auto near = tree_.addresses_near(address);
      const std::vector<std::string_view> names(near.begin(), near.end());
      change.error("there is no rule \"" + address + "\"" + did_you_mean(address, names) +
                   "; `kakehashi mapping show` lists their addresses");
    } else {
      change.error(std::to_string(found.size()) + " rules are called \"" + address +
                   "\"; replace the rule around them, or the whole resource");
    }
    return std::nullopt;
  }

  static std::string text_of(const RuleElement& change, const char* attribute) {
    return change.node.attribute(attribute).value();
  }

  static void check_names(const RuleElement& change, std::initializer_list<std::string_view> known) {
    for (const pugi::xml_attribute attribute : change.node.attributes()) {
      if (std::find(known.begin(), known.end(), attribute.name()) != known.end()) continue;
      std::string names;
      for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
      change.error("unknown attribute \"" + std::string(attribute.name()) + "\" of <" +
                   std::string(change.kind()) + ">; there are: " + names);
    }
  }

  RuleTree& tree_;
};

}  // namespace

void apply_overlay(const MappingFile& overlay, RuleTree& tree) {
  OverlayRun run(tree);
  for (const RuleElement& change : read_element(overlay, overlay.root()).children) run.apply(change);
}

}  // namespace fhir_mapper
