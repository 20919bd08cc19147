#include "tests/unit/fhir_mapper/profile_elements.h"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace fhir_mapper::test {
namespace {

// Slices of a table are told as one a system; a profile written by hand has fewer.
constexpr std::size_t kMostSlicesByName = 40;

std::string cardinality_of(std::uint32_t min, std::uint32_t max) {
  return std::to_string(min) + ".." + (max == kUnlimited ? "*" : std::to_string(max));
}

void collect(const ElementPlan& element, const std::string& path, Facts& facts) {
  if (element.fixed) facts[path].emplace(*element.fixed);
  if (element.pattern) facts[path].emplace(*element.pattern);
  if (element.pattern_coding) {
    facts[joined(path, "coding.system")].emplace(element.pattern_coding->first);
    facts[joined(path, "coding.code")].emplace(element.pattern_coding->second);
  }
  if (element.type == nullptr) return;
  for (std::size_t group = 0; group < element.type->groups.size(); ++group) {
    const ElementPlan* const child = element.child(static_cast<std::uint16_t>(group));
    if (child != nullptr) collect(*child, joined(path, element.type->groups[group]), facts);
  }
}

Facts facts_of(const SlicePlan& slice) {
  Facts facts;
  if (slice.element != nullptr) collect(*slice.element, "", facts);
  if (slice.profile != nullptr) {
    facts["meta.profile"].emplace(slice.profile->url);
  }
  return facts;
}

bool agree(const Facts& facts, const SlicePlan& slice) {
  bool one = false;
  for (const auto& [path, texts] : facts_of(slice)) {
    const auto said = facts.find(path);
    if (said == facts.end()) continue;
    if (std::ranges::none_of(texts, [&](const auto& text) { return said->second.contains(text); }))
      return false;
    one = true;
  }
  return one;
}

std::string system_of(const SlicePlan& slice) {
  const Facts facts = facts_of(slice);
  const auto system = facts.find("system");
  return system == facts.end() ? std::string() : *system->second.begin();
}

/// "JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS"
std::string tail_of(const std::string& system) {
  const std::string_view before = "/CodeSystem/";
  const std::size_t at = system.find(before);
  return at == std::string::npos ? system : system.substr(at + before.size());
}

void add_by_name(const SlicingPlan& slicing, std::vector<SliceView>& found) {
  for (const SlicePlan& slice : slicing.slices) {
    found.push_back({std::string(slice.name), cardinality_of(slice.min, slice.max), {&slice}, &slicing});
  }
}

void add_by_system(const SlicingPlan& slicing, std::vector<SliceView>& found) {
  std::map<std::string, std::size_t> known;
  for (const SlicePlan& slice : slicing.slices) {
    const auto [at, fresh] = known.emplace(system_of(slice), found.size());
    if (fresh) {
      found.push_back({std::string(slice.name), cardinality_of(slice.min, slice.max), {&slice}, &slicing});
    } else {
      SliceView& view = found[at->second];
      view.name = tail_of(at->first);
      view.slices.push_back(&slice);
    }
  }
}

/// A step without a slice is in every slice.
bool same_step(std::string_view wanted, std::string_view written) {
  if (wanted.find(':') == std::string_view::npos) written = written.substr(0, written.find(':'));
  return wanted == written;
}

/// Of "code.coding:medisRecordNo.code".
std::vector<std::string_view> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  while (!path.empty()) {
    const std::size_t end = path.find('.');
    steps.push_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
  }
  return steps;
}

}  // namespace

void ElementView::add(const ElementPlan* element) {
  if (element == nullptr) return;
  layers_.push_back(element);
  if (element->type != nullptr) type_ = element->type;
  for (const ProfileShape* const profile : element->profiles) {
    if (profile->root != nullptr && profile->root != element) add_profile(*profile);
  }
}

void ElementView::add_profile(const ProfileShape& profile) {
  if (profile.root == nullptr) return;
  add(profile.root);
  if (type_ == nullptr) type_ = profile.type;
}

ElementView ElementView::child(std::uint16_t group) const {
  ElementView view;
  std::size_t types = 0;
  for (const MemberPlan& member : type_->members) {
    if (member.group != group) continue;
    view.repeats_ = member.repeats;
    view.of_resources_ = member.resource;
    if (!member.choice || ++types == 1) view.type_ = member.type;
  }
  if (types > 1) view.type_ = nullptr;
  view.required_ = std::ranges::count(type_->required, group) > 0;
  for (const ElementPlan* const layer : layers_) {
    // Its children are numbered by the type that it was written for.
    if (layer->type == type_) view.add(layer->child(group));
  }
  return view;
}

ElementView ElementView::as(const MemberPlan& member) const {
  ElementView view = *this;
  view.type_ = member.type;
  return view;
}

ElementView ElementView::in(const SliceView& slice) const {
  ElementView view = *this;
  view.required_ = false;
  const SlicePlan& first = *slice.slices.front();
  view.add(first.element);
  if (slice.slicing->by == SlicingPlan::By::profile) view.add_profile(*first.profile);
  return view;
}

std::string ElementView::cardinality() const {
  std::uint32_t min = required_ ? 1 : 0;
  std::uint32_t max = repeats_ ? kUnlimited : 1;
  for (const ElementPlan* const layer : layers_) {
    min = std::max(min, layer->min);
    max = std::min(max, layer->max);
  }
  return cardinality_of(min, max);
}

bool ElementView::is_constrained() const {
  return std::ranges::any_of(layers_, [](const ElementPlan* layer) {
    return layer->min > 0 || layer->fixed || layer->pattern || layer->pattern_coding ||
           (layer->owner != nullptr && layer->codes != nullptr) || !layer->types.empty() ||
           !layer->slicings.empty();
  });
}

std::vector<SliceView> ElementView::slices() const {
  std::vector<SliceView> found;
  std::set<const SlicingPlan*> seen;
  for (const ElementPlan* const layer : layers_) {
    for (const SlicingPlan* const slicing : layer->slicings) {
      if (slicing->by == SlicingPlan::By::type || !seen.insert(slicing).second) continue;
      std::vector<SliceView> of_slicing;
      if (slicing->slices.size() > kMostSlicesByName) {
        add_by_system(*slicing, of_slicing);
      } else {
        add_by_name(*slicing, of_slicing);
      }
      for (SliceView& slice : of_slicing) {
        if (std::ranges::find(found, slice.name, &SliceView::name) == found.end()) found.push_back(slice);
      }
    }
  }
  return found;
}

const ProfileShape& profile_named(const ProfilePack& pack, std::string_view name) {
  for (const ProfileShape& shape : pack.plan().profiles) {
    if (shape.name == name) return shape;
  }
  throw std::runtime_error("no profile " + std::string(name));
}

bool may_be(const Facts& facts, const SliceView& slice) {
  if (slice.slicing->by == SlicingPlan::By::url) {
    const auto urls = facts.find("url");
    return urls != facts.end() && std::ranges::any_of(urls->second, [&](const std::string& url) {
             const auto* const index = slice.slicing->by_text.find(url);
             return index != nullptr && &slice.slicing->slices[*index] == slice.slices.front();
           });
  }
  return std::ranges::any_of(slice.slices, [&](const SlicePlan* each) { return agree(facts, *each); });
}

std::string joined(const std::string& element, std::string_view child) {
  if (child.empty()) return element;
  return element.empty() ? std::string(child) : element + "." + std::string(child);
}

bool is_at_or_below(std::string_view written, std::string_view element) {
  const auto of = steps_of(written);
  const auto wanted = steps_of(element);
  return of.size() >= wanted.size() &&
         std::ranges::equal(wanted, std::span(of).first(wanted.size()), same_step);
}

bool is_itself_at_or_below(std::string_view written, std::string_view element) {
  const auto of = steps_of(written);
  const auto wanted = steps_of(element);
  if (of.size() < wanted.size() || !same_step(wanted.back(), of[wanted.size() - 1])) return false;
  return std::ranges::equal(std::span(wanted).first(wanted.size() - 1),
                            std::span(of).first(wanted.size() - 1));
}

}  // namespace fhir_mapper::test
