// The profiles of a pack: elements and what they must be.

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/fhir_element.h"
#include "fhir_mapper/profile_pack_builder.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

Asks asks_of(const ElementPlan& element) {
  const auto when = [](bool asked, Asks what) { return asked ? what : Asks::nothing; };
  const bool has_children = std::any_of(element.children.begin(), element.children.end(),
                                        [](const ElementPlan* child) { return child != nullptr; });
  return when(element.fixed || element.pattern || element.pattern_coding || element.max_length > 0 ||
                  element.codes != nullptr,
              Asks::value) |
         when(!element.profiles.empty(), Asks::profiles) | when(!element.targets.empty(), Asks::targets) |
         when(!element.rules.empty(), Asks::rules) | when(!element.slicings.empty(), Asks::slices) |
         when(has_children, Asks::children) | when(!element.types.empty(), Asks::types);
}

}  // namespace

ElementPlan& ProfilePackBuilder::new_element(const ProfileShape* owner, const TypePlan* type) {
  ElementPlan& element = plan_->elements.emplace_back();
  element.owner = owner;
  element.type = type;
  return element;
}

void ProfilePackBuilder::declare_profile(const PackNode& node) {
  node.allow({"url", "name", "type", "version", "context", "modifier", "judged"});
  const std::string_view url = node.required("url");
  const std::string_view type = node.required("type");
  if (url.empty() || type.empty()) return;
  if (shapes_.contains(url)) {
    node.error("there is a <profile> " + std::string(url) + " already; <change> changes one");
    return;
  }
  ProfileShape& shape = plan_->profiles.emplace_back();
  shape.url = keep(url);
  shape.name = keep(node.required("name"));
  shape.version = keep(node.get("version"));
  shape.type_name = keep(type);
  shape.modifier = node.flag("modifier", false);
  for (const std::string_view word : node.words("context")) shape.contexts.push_back(keep(word));
  shapes_.emplace(shape.url, &shape);
  plan_->profile_index.insert(shape.url, &shape);
  if (!node.flag("judged", true)) return;
  shape.type = type_named(type);
  if (shape.type == nullptr) {
    node.error("type=\"" + std::string(type) + "\" is no type of FHIR that is known here" +
               did_you_mean(type, resource_types()));
    return;
  }
  shape.root = &new_element(&shape, shape.type);
}

void ProfilePackBuilder::read_type(const PackNode& node) {
  node.allow({"name"});
  const std::string_view name = node.required("name");
  TypePlan* const type = type_named(name);
  if (type == nullptr) {
    node.error("<type name=\"" + std::string(name) + "\"> is no type of FHIR that is known here" +
               did_you_mean(name, resource_types()));
    return;
  }
  ElementPlan*& own = own_[type->name];
  if (own == nullptr) own = &new_element(nullptr, type);
  type->own = own;
  read_content(node, {nullptr, *own});
}

void ProfilePackBuilder::read_profile(const PackNode& node) {
  const auto found = shapes_.find(node.get("url"));
  if (found == shapes_.end()) return;  // told when it was declared
  ProfileShape* const shape = found->second;
  if (shape->root == nullptr) {
    node.children({});
    return;
  }
  read_content(node, {shape, const_cast<ElementPlan&>(*shape->root)});  // which this made
}

void ProfilePackBuilder::read_change(const PackNode& node) {
  node.allow({"profile", "system", "beyond"});
  if (node.has("system")) return change_system(node);
  const auto shape = shapes_.find(node.required("profile"));
  if (shape == shapes_.end() || shape->second->root == nullptr) {
    node.error("there is no <profile url=\"" + std::string(node.get("profile")) + "\"> to change");
    return;
  }
  read_content(node, {shape->second, const_cast<ElementPlan&>(*shape->second->root)});
}

void ProfilePackBuilder::read_content(const PackNode& node, const Place& place) {
  for (const PackNode& child : node.children({"element", "extension", "slicing", "escape", "rule"})) {
    if (child.kind() == "element") read_element(child, place);
    if (child.kind() == "extension") read_extension(child, place);
    if (child.kind() == "slicing") read_slicing(child, place);
    if (child.kind() == "escape") read_escape(child, place);
    if (child.kind() == "rule") read_rule(child, place);
  }
}

ElementPlan& ProfilePackBuilder::child_at(ElementPlan& parent, std::uint16_t group) {
  if (const ElementPlan* const known = parent.child(group)) return const_cast<ElementPlan&>(*known);
  const MemberPlan* only = nullptr;
  bool single = true;
  for (const MemberPlan& member : parent.type->members) {
    if (member.group != group) continue;
    single = only == nullptr;
    only = &member;
  }
  ElementPlan& child = new_element(parent.owner, single ? only->type : nullptr);
  parent.children.resize(parent.type->groups.size());
  parent.children[group] = &child;
  return child;
}

/// Null: there is no such element, and that was told at `node`.
ElementPlan* ProfilePackBuilder::element_at(ElementPlan& from, std::string_view path, const PackNode& node) {
  ElementPlan* at = &from;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    const std::string_view step = rest.substr(0, dot);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    if (at->type == nullptr) {
      node.error("path=\"" + std::string(path) + "\": what stands before " + std::string(step) +
                 " has no elements, or it is a choice whose one type must be said first");
      return nullptr;
    }
    const std::uint16_t group = at->type->group_of(step);
    if (group == kNoGroup) {
      node.error("path=\"" + std::string(path) + "\": " + std::string(at->type->name) + " has no element " +
                 std::string(step) + did_you_mean(step, at->type->groups));
      return nullptr;
    }
    at = &child_at(*at, group);
  }
  return at;
}

void ProfilePackBuilder::read_element(const PackNode& node, const Place& place) {
  node.allow({"path", "min", "max", "type", "profile", "target", "fixed", "pattern", "fixed-coding",
              "pattern-coding", "codes", "strength", "max-length"});
  node.children({});
  ElementPlan* const element = element_at(place.root, node.required("path"), node);
  if (element == nullptr) return;
  if (const auto min = node.number("min")) element->min = *min;
  if (node.get("max") == "*") {
    element->max = kUnlimited;
  } else if (const auto max = node.number("max")) {
    element->max = *max;
  }
  if (element->min > element->max) node.error("min is more than max");
  read_says(node, *element);
}

void ProfilePackBuilder::read_says(const PackNode& node, ElementPlan& element) {
  read_types(node, element);
  read_targets(node, element);
  for (const std::string_view url : node.words("profile")) {
    if (const ProfileShape* const shape = profile_named(node, url)) element.profiles.push_back(shape);
  }
  if (node.has("fixed")) element.fixed = keep(node.get("fixed"));
  if (node.has("pattern")) element.pattern = keep(node.get("pattern"));
  for (const char* const coding : {"fixed-coding", "pattern-coding"}) {
    if (!node.has(coding)) continue;
    const std::string_view given = keep(node.get(coding));
    const std::size_t bar = given.rfind('|');
    if (bar == std::string_view::npos) {
      node.error(std::string(coding) + "=\"...\" must be a system, | and a code");
      continue;
    }
    element.pattern_coding = {given.substr(0, bar), given.substr(bar + 1)};
  }
  if (node.has("codes")) element.codes = codes_named(node);
  if (node.has("strength") && node.get("strength") != "required") {
    if (node.get("strength") != "extensible" && node.get("strength") != "preferred") {
      node.error("strength=\"" + std::string(node.get("strength")) +
                 "\" must be one of: required, extensible, preferred");
    }
    element.codes = nullptr;  // a recommendation; nothing is wrong without it
  }
  if (const auto length = node.number("max-length")) element.max_length = *length;
}

void ProfilePackBuilder::read_types(const PackNode& node, ElementPlan& element) {
  const auto words = node.words("type");
  if (words.empty()) return;
  element.types.clear();
  for (const std::string_view word : words) {
    if (primitive_of(word) == Primitive::none && type_named(word) == nullptr) {
      node.error("type=\"" + std::string(word) + "\" is no type of FHIR that is known here");
    }
    element.types.push_back(keep(word));
  }
  if (element.types.size() == 1) element.type = type_named(element.types.front());
}

void ProfilePackBuilder::read_targets(const PackNode& node, ElementPlan& element) {
  const auto words = node.words("target");
  if (!words.empty()) element.targets.clear();
  for (const std::string_view word : words) {
    if (word.find(':') == std::string_view::npos) {
      if (!plan_->resource_names.contains(word)) {
        node.error("target=\"" + std::string(word) + "\" is no resource type of <names kind=\"resource\">");
      }
      element.targets.push_back({keep(word), nullptr});
    } else if (const ProfileShape* const shape = profile_named(node, word)) {
      element.targets.push_back({shape->type_name, shape});
    }
  }
}

const CodeSetPlan* ProfilePackBuilder::codes_named(const PackNode& node) {
  const CodeSetPlan* const* const found = plan_->set_index.find(node.get("codes"));
  if (found != nullptr) return *found;
  node.error("there are no <codes id=\"" + std::string(node.get("codes")) + "\">");
  return nullptr;
}

const ProfileShape* ProfilePackBuilder::profile_named(const PackNode& node, std::string_view url) {
  const auto found = shapes_.find(url);
  if (found != shapes_.end()) return found->second;
  node.error("there is no <profile url=\"" + std::string(url) + "\">");
  return nullptr;
}

/// What the walk has to look at, so that it need not look whether it has to.
void ProfilePackBuilder::sum_up() {
  for (ElementPlan& element : plan_->elements) {
    element.asks = asks_of(element);
    for (RulePlan& rule : element.rules) {
      const ProfileRule& described = pack_->rules_[rule.rule];
      rule.decides = described.severity == IssueSeverity::error && described.attached;
    }
  }
  for (ElementPlan& element : plan_->elements) {
    for (std::size_t group = 0; group < element.children.size(); ++group) {
      const ElementPlan* const child = element.children[group];
      if (child == nullptr) continue;
      const GroupSet bit = GroupSet{1} << group;
      if (child->asks != Asks::nothing) element.asked |= bit;
      const bool slices = std::any_of(child->slicings.begin(), child->slicings.end(),
                                      [](const SlicingPlan* slicing) { return !slicing->required.empty(); });
      if (child->min == 0 && child->max == kUnlimited && !slices) continue;
      element.counted.push_back(static_cast<std::uint16_t>(group));
      if (child->min > 0 || slices) element.needed |= bit;
      if (child->max == 1) element.at_most_one |= bit;
      if (child->min > 1 || (child->max != 1 && child->max != kUnlimited)) element.other |= bit;
    }
    if (element.other != 0) element.asks = element.asks | Asks::numbers;
  }
}

}  // namespace fhir_mapper
