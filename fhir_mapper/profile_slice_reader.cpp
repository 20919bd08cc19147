// Slicings of a pack: repetitions told apart by their values, types, profiles or urls.

#include "fhir_mapper/profile_pack_builder.h"

#include <algorithm>
#include <tuple>

namespace fhir_mapper {

void ProfilePackBuilder::read_slicing(const PackNode& node, const Place& place) {
  node.allow({"path", "by", "rules", "ordered"});
  ElementPlan* const sliced = element_at(place.root, node.required("path"), node);
  if (sliced == nullptr) return;
  SlicingPlan& slicing = plan_->slicings.emplace_back();
  const std::string_view path = node.get("path");
  const std::size_t dot = path.rfind('.');
  slicing.path = keep(dot == std::string_view::npos ? path : path.substr(dot + 1));
  slicing.owner = place.shape;
  slicing.ordered = node.flag("ordered", false);
  const std::string_view rules = node.required("rules");
  if (rules == "closed") {
    slicing.rules = SlicingPlan::Rules::closed;
  } else if (rules == "openAtEnd") {
    slicing.rules = SlicingPlan::Rules::open_at_end;
  } else if (rules != "open") {
    node.error("rules=\"" + std::string(rules) + "\" must be one of: open, closed, openAtEnd");
  }
  sliced->slicings.push_back(&slicing);
  for (const PackNode& child : node.children({"slice", "slices"})) {
    if (child.kind() == "slice") {
      read_slice(child, place, *sliced, slicing);
    } else {
      read_slices(child, place, *sliced, slicing);
    }
  }
  open_slicings_.emplace_back(&slicing, node);
}

void ProfilePackBuilder::read_slice(const PackNode& node, const Place& place, const ElementPlan& sliced,
                                    SlicingPlan& slicing) {
  node.allow({"name", "min", "max", "type", "profile", "target", "fixed", "pattern", "pattern-coding",
              "codes", "strength", "max-length"});
  SlicePlan slice;
  slice.name = keep(node.required("name"));
  slice.min = node.number("min").value_or(0);
  if (node.has("max") && node.get("max") != "*") slice.max = node.number("max").value_or(kUnlimited);
  if (slice.min > slice.max) node.error("min is more than max");
  ElementPlan& element = new_element(place.shape, sliced.type);
  read_says(node, element);
  read_content(node, {place.shape, element});
  slice.element = &element;
  slice.types = element.types;
  if (!element.profiles.empty()) slice.profile = element.profiles.front();
  slicing.slices.push_back(std::move(slice));
}

/// One slice for each item of a table: a system, a display, and the codes that may stand beside it.
void ProfilePackBuilder::read_slices(const PackNode& node, const Place& place, const ElementPlan& sliced,
                                     SlicingPlan& slicing) {
  node.allow({"table", "group", "system"});
  node.children({});
  const PackTable* const table = files_.table(node, node.required("table"));
  if (table == nullptr) return;
  const auto rows = table->groups.find(node.required("group"));
  const std::string_view system = keep(node.required("system"));
  if (rows == table->groups.end() || table->columns.size() != 4 || sliced.type == nullptr ||
      sliced.type->special != SpecialType::coding) {
    node.error("<slices> stand in the slicing of a Coding, and the table " + table->name +
               " must have rows of group " + std::string(node.get("group")) +
               " with the columns group, item, display, code");
    return;
  }
  CodeSetPlan* codes = nullptr;
  std::string_view item;
  for (const auto& row : rows->second) {
    if (codes == nullptr || row[1] != item) {
      item = row[1];
      const std::string_view name = keep(std::string(row[0]) + "/" + std::string(item));
      ElementPlan& element = new_element(place.shape, sliced.type);
      for (const std::string_view member : {"system", "display", "code"}) {
        child_at(element, sliced.type->group_of(member)).min = 1;
      }
      child_at(element, sliced.type->group_of("system")).fixed = system;
      child_at(element, sliced.type->group_of("display")).fixed = keep(row[2]);
      codes = &plan_->sets.emplace_back();
      codes->id = name;
      codes->parts.push_back({system, nullptr, true, {}});
      child_at(element, sliced.type->group_of("code")).codes = codes;
      slicing.slices.push_back({name, 0, 1, &element, {}, {}, nullptr});
    }
    codes->parts.front().codes.insert(keep(row[3]), 1);
  }
}

SlicingPlan* ProfilePackBuilder::slicing_of(const ElementPlan& element, SlicingPlan::By by,
                                            const ProfileShape* owner) {
  for (const SlicingPlan* const slicing : element.slicings) {
    if (slicing->by == by && slicing->owner == owner) return const_cast<SlicingPlan*>(slicing);
  }
  return nullptr;
}

/// An extension is a slice by its url, and the most frequent one.
void ProfilePackBuilder::read_extension(const PackNode& node, const Place& place) {
  node.allow({"name", "path", "url", "min", "max"});
  ElementPlan* const sliced = element_at(place.root, node.required("path"), node);
  if (sliced == nullptr) return;
  if (sliced->type == nullptr || sliced->type->special != SpecialType::extension) {
    node.error("path=\"" + std::string(node.get("path")) + "\" leads to no extension");
    return;
  }
  SlicingPlan* slicing = slicing_of(*sliced, SlicingPlan::By::url, place.shape);
  if (slicing == nullptr) {
    slicing = &plan_->slicings.emplace_back();
    slicing->by = SlicingPlan::By::url;
    slicing->path = "extension";
    slicing->owner = place.shape;
    sliced->slicings.push_back(slicing);
  }
  const std::string_view url = keep(node.required("url"));
  if (url.find(':') != std::string_view::npos) profile_named(node, url);
  if (slicing->by_text.contains(url)) node.error("there is an <extension> with this url already");
  SlicePlan slice;
  slice.name = keep(node.required("name"));
  slice.min = node.number("min").value_or(0);
  if (node.has("max") && node.get("max") != "*") slice.max = node.number("max").value_or(kUnlimited);
  ElementPlan& element = new_element(place.shape, sliced->type);
  read_content(node, {place.shape, element});
  slice.element = &element;
  slicing->by_text.insert(url, static_cast<std::uint16_t>(slicing->slices.size()));
  if (slice.min > 0) slicing->required.push_back(static_cast<std::uint16_t>(slicing->slices.size()));
  slicing->slices.push_back(std::move(slice));
  if (place.shape != nullptr && &place.root == place.shape->root && node.get("path") == "extension") {
    place.shape->parts.push_back(url);
  }
}

/// What must not stand outside of the slices: items whose system ends with one of `systems`.
void ProfilePackBuilder::read_escape(const PackNode& node, const Place& place) {
  node.allow({"path", "rule", "systems"});
  const ElementPlan* const sliced = element_at(place.root, node.required("path"), node);
  const auto rule = rule_index_.find(node.required("rule"));
  if (sliced == nullptr) return;
  if (rule == rule_index_.end()) {
    node.error("there is no <rule id=\"" + std::string(node.get("rule")) + "\"> before this");
    return;
  }
  for (const SlicingPlan* const slicing : sliced->slicings) {
    if (slicing->by == SlicingPlan::By::url || slicing->owner != place.shape) continue;
    auto* const changed = const_cast<SlicingPlan*>(slicing);  // which this made
    changed->escape_rule = rule->second;
    for (const std::string_view system : node.words("systems"))
      changed->escape_systems.push_back(keep(system));
    return;
  }
  node.error("path=\"" + std::string(node.get("path")) + "\" is not sliced");
}

SliceTest ProfilePackBuilder::test_of(const ElementPlan* element, std::vector<std::string_view> path) const {
  SliceTest test;
  test.path = std::move(path);
  if (element == nullptr) return test;
  if (element->fixed || element->pattern) {
    test.kind = SliceTest::Kind::equals;
    test.text = element->fixed ? *element->fixed : *element->pattern;
  } else if (element->pattern_coding) {
    test.kind = SliceTest::Kind::coding;
    std::tie(test.system, test.text) = *element->pattern_coding;
  } else if (element->codes != nullptr) {
    test.kind = SliceTest::Kind::codes;
    test.codes = element->codes;
  } else {
    for (std::uint16_t group = 0; group < element->children.size(); ++group) {
      const ElementPlan* const child = element->child(group);
      if (child == nullptr) continue;
      SliceTest part = test_of(child, {element->type->groups[group]});
      if (part.kind == SliceTest::Kind::equals || part.kind == SliceTest::Kind::coding ||
          part.kind == SliceTest::Kind::parts) {
        test.parts.push_back(std::move(part));
      }
    }
    test.kind = !test.parts.empty() ? SliceTest::Kind::parts
                : element->max == 0 ? SliceTest::Kind::absent
                : element->min > 0  ? SliceTest::Kind::present
                                    : SliceTest::Kind::any;
  }
  return test;
}

void ProfilePackBuilder::find_tests(const PackNode& node, SlicingPlan& slicing) {
  const auto discriminators = node.words("by");
  if (discriminators.empty()) node.error("<slicing> needs by=\"...\", such as value:system");
  for (const std::string_view by : discriminators) {
    const std::size_t colon = std::min(by.find(':'), by.size());
    const std::string_view kind = by.substr(0, colon);
    const std::string_view path = by.substr(std::min(colon + 1, by.size()));
    if (by == "type:$this") {
      slicing.by = SlicingPlan::By::type;
    } else if (by == "profile:$this" || by == "profile:resource") {
      slicing.by = path == "$this" ? SlicingPlan::By::profile : SlicingPlan::By::resource_profile;
    } else if ((kind != "value" && kind != "pattern" && kind != "exists") || path.empty()) {
      node.error("by=\"" + std::string(by) +
                 "\" must be value:, pattern: or exists: with a path, type:$this, profile:$this or "
                 "profile:resource");
      return;
    }
    for (SlicePlan& slice : slicing.slices) {
      if (slicing.by != SlicingPlan::By::values) {
        if (path != "resource" || slice.element->type == nullptr) continue;
        const ElementPlan* const resource = slice.element->child(slice.element->type->group_of("resource"));
        if (resource != nullptr && !resource->profiles.empty()) slice.profile = resource->profiles.front();
        continue;
      }
      const ElementPlan* element = slice.element;
      std::vector<std::string_view> steps;
      for (std::string_view rest = path == "$this" ? "" : path; !rest.empty();) {
        const std::size_t dot = std::min(rest.find('.'), rest.size());
        steps.push_back(keep(rest.substr(0, dot)));
        rest.remove_prefix(std::min(dot + 1, rest.size()));
        if (element != nullptr && element->type != nullptr) {
          element = element->child(element->type->group_of(steps.back()));
        }
      }
      slice.tests.push_back(test_of(element, std::move(steps)));
    }
  }
  for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
    const SlicePlan& slice = slicing.slices[i];
    if (slice.min > 0) slicing.required.push_back(static_cast<std::uint16_t>(i));
    const bool by_profile =
        slicing.by == SlicingPlan::By::profile || slicing.by == SlicingPlan::By::resource_profile;
    if (by_profile && slice.profile == nullptr)
      node.error("slice " + std::string(slice.name) + " names no profile");
    if (slicing.by == SlicingPlan::By::type && slice.types.empty()) {
      node.error("slice " + std::string(slice.name) + " names no type");
    }
  }
  index_by_texts(slicing);
}

/// When every slice is told by fixed texts of the item's own members, they are looked up at once.
void ProfilePackBuilder::index_by_texts(SlicingPlan& slicing) {
  if (slicing.by != SlicingPlan::By::values || slicing.slices.size() < 4) return;
  TextIndex<std::uint16_t> index;
  for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
    std::string key;
    for (const SliceTest& test : slicing.slices[i].tests) {
      if (test.kind != SliceTest::Kind::equals || test.path.size() != 1) return;
      key.append(test.text).append(1, '\n');
    }
    const std::string_view kept = keep(key);
    if (index.contains(kept)) return;
    index.insert(kept, static_cast<std::uint16_t>(i));
  }
  for (const SliceTest& test : slicing.slices.front().tests) slicing.keys.push_back(test.path.front());
  slicing.by_text = std::move(index);
  slicing.by = SlicingPlan::By::texts;
}

}  // namespace fhir_mapper
