// Repetitions that a profile tells apart: which slice each is, and how many of each there may be.

#include "fhir_mapper/profile_walk.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

std::string slice_name(const SlicingPlan& slicing, const SlicePlan& slice) {
  return std::string(slicing.path) + ":" + std::string(slice.name);
}

}  // namespace

bool claims_profile(const Node& resource, const ProfileShape& shape) {
  const Node* const meta = resource.find("meta");
  const Node* const profiles = meta == nullptr ? nullptr : meta->find("profile");
  if (profiles == nullptr) return false;
  for (const Node& profile : *profiles) {
    const std::string_view claimed = profile.written();
    if (begins_so(claimed, shape.url) &&
        (claimed.size() == shape.url.size() || claimed[shape.url.size()] == '|'))
      return true;
  }
  return false;
}

bool ProfileWalk::passes(const SliceTest& test, const Node& node) const {
  return passes_at(test, 0, node);
}

bool ProfileWalk::passes_at(const SliceTest& test, std::size_t step, const Node& node) const {
  if (node.is_array()) {
    return any_of(node, [&](const Node& one) { return passes_at(test, step, one); });
  }
  if (step < test.path.size()) {
    const std::string_view name = test.path[step];
    const Node* const next = node.find(name);
    if (next != nullptr) return passes_at(test, step + 1, *next);
    return test.kind == SliceTest::Kind::absent || test.kind == SliceTest::Kind::any;
  }
  switch (test.kind) {
    case SliceTest::Kind::equals:
      return same_text(node.written(), test.text) && node.kind() != Node::Kind::object;
    case SliceTest::Kind::coding: {
      const Node* const codings = node.find("coding");
      return codings != nullptr && any_of(*codings, [&](const Node& coding) {
               return same_text(text_of(coding, "system"), test.system) &&
                      same_text(text_of(coding, "code"), test.text);
             });
    }
    case SliceTest::Kind::codes: {
      if (!node.is_object()) return test.codes->has_code(node.written()) != Known::no;
      const auto is_member = [&](const Node& coding) {
        const std::string_view code = text_of(coding, "code");
        return !code.empty() && test.codes->has(text_of(coding, "system"), code) != Known::no;
      };
      const Node* const codings = node.find("coding");
      if (codings == nullptr) return is_member(node);
      return any_of(*codings, is_member);
    }
    case SliceTest::Kind::parts:
      return std::all_of(test.parts.begin(), test.parts.end(),
                         [&](const SliceTest& part) { return passes(part, node); });
    case SliceTest::Kind::absent:
      return false;
    case SliceTest::Kind::present:
    case SliceTest::Kind::any:
      return true;
  }
  return false;
}

/// By profile: what conforms is in the slice, and what says so in meta.profile is judged by it.
std::size_t ProfileWalk::slice_by_profile(const Item& item, const SlicingPlan& slicing) {
  const std::string_view type = text_of(*item.value, "resourceType");
  for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
    const ProfileShape& shape = *slicing.slices[i].profile;
    if (shape.type_name == type && claims_profile(*item.value, shape)) return i;
  }
  for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
    const ProfileShape& shape = *slicing.slices[i].profile;
    if (shape.type_name != type || shape.root == nullptr) continue;
    const TypePlan* const known = type_of(type);
    Scope inner{item.value,
                known,
                item.scope->container == nullptr ? item.scope : item.scope->container,
                item.scope->bundle,
                item.scope->entry,
                {},
                false};
    if (conforms_as(*item.value, shape, inner, *item.frame)) return i;
  }
  return kNoSlice;
}

std::size_t ProfileWalk::find_slice(const Item& item, const SlicingPlan& slicing) {
  const Node& value = *item.value;
  switch (slicing.by) {
    case SlicingPlan::By::url: {
      const std::uint16_t* const found = slicing.by_text.find(text_of(value, "url"));
      return found == nullptr ? kNoSlice : *found;
    }
    case SlicingPlan::By::texts: {
      std::array<char, 512> key;
      std::size_t size = 0;
      for (const std::string_view name : slicing.keys) {
        const Node* member = value.find(name);
        if (member != nullptr && member->is_array()) member = member->at(0);  // told already
        const bool is_text = member != nullptr && member->kind() == Node::Kind::text;
        const std::string_view text = is_text ? member->written() : std::string_view();
        if (size + text.size() + 1 > key.size()) return kNoSlice;
        std::copy(text.begin(), text.end(), key.begin() + static_cast<std::ptrdiff_t>(size));
        size += text.size();
        key[size++] = '\n';
      }
      const std::uint16_t* const found = slicing.by_text.find({key.data(), size});
      return found == nullptr ? kNoSlice : *found;
    }
    case SlicingPlan::By::profile:
      return slice_by_profile(item, slicing);
    case SlicingPlan::By::type:
      for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
        const auto& types = slicing.slices[i].types;
        if (std::find(types.begin(), types.end(), item.member->type_name) != types.end()) return i;
      }
      return kNoSlice;
    case SlicingPlan::By::resource_profile: {
      const Node* const resource = value.find("resource");
      const std::string_view type = resource == nullptr ? "" : text_of(*resource, "resourceType");
      for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
        if (same_text(slicing.slices[i].profile->type_name, type)) return i;
      }
      return kNoSlice;
    }
    case SlicingPlan::By::values:
      break;
  }
  for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
    const auto& tests = slicing.slices[i].tests;
    if (std::all_of(tests.begin(), tests.end(), [&](const SliceTest& test) { return passes(test, value); }))
      return i;
  }
  return kNoSlice;
}

void ProfileWalk::slice(const Item& item, const SlicingPlan& slicing, std::size_t index) {
  if (item.value == nullptr) return;
  const bool by_value = slicing.by != SlicingPlan::By::type;
  if (by_value && !item.value->is_object()) return;
  const std::size_t found = find_slice(item, slicing);
  hits_.push_back({&slicing, found, index});
  if (found != kNoSlice) {
    stack_.push_back(slicing.slices[found].element);
  } else if (slicing.rules == SlicingPlan::Rules::closed) {
    if (!wanted(IssueSeverity::error)) return;
    std::string names;
    for (const SlicePlan& one : slicing.slices) names.append(names.empty() ? "" : ", ").append(one.name);
    error(*item.frame, "slice-closed", name_of(slicing.owner, *item.frame),
          "is none of " + names + ", and nothing else may stand here",
          names + "のどれにも当てはまらず、ほかの値は使えません");
  } else if (!slicing.escape_systems.empty()) {
    escape(item, slicing);
  }
}

void ProfileWalk::escape(const Item& item, const SlicingPlan& slicing) {
  const std::string_view system = text_of(*item.value, "system");
  const auto& systems = slicing.escape_systems;
  const auto is_one = [system](std::string_view end) { return system.ends_with(end); };
  if (std::none_of(systems.begin(), systems.end(), is_one)) return;
  const ProfileRule& rule = (*plan_.described)[slicing.escape_rule];
  const CodeSystemPlan* const* const known = plan_.system_index.find(system);
  const bool beyond = known != nullptr && (*known)->beyond_warns;
  tell(beyond ? IssueSeverity::warning : rule.severity, *item.frame, rule.id,
       name_of(slicing.owner, *item.frame), rule.en, rule.ja);
}

void ProfileWalk::no_slices(const SlicingPlan& slicing, const Frame& frame) {
  for (const std::uint16_t index : slicing.required) {
    const SlicePlan& slice = slicing.slices[index];
    if (!wanted(IssueSeverity::error)) return;
    const std::string name = slice_name(slicing, slice);
    error(frame, "slice-min", name, name + ": at least " + std::to_string(slice.min) + " needed, 0 found",
          name + "は" + std::to_string(slice.min) + "個以上必要です（0個）");
  }
}

void ProfileWalk::count_slices(const SlicingPlan& slicing, std::size_t hits, const Frame& frame) {
  // Few items are counted by comparing them with each other, many in a table: a slicing may have hundreds of
  // slices, and a hostile resource thousands of items.
  constexpr std::size_t kFewItems = 8;
  const std::size_t items = hits_.size() - hits;
  std::vector<std::uint32_t> counts;
  if (items > kFewItems) {
    counts.assign(slicing.slices.size(), 0);
    for (std::size_t i = hits; i < hits_.size(); ++i) {
      if (hits_[i].slicing == &slicing && hits_[i].slice != kNoSlice) ++counts[hits_[i].slice];
    }
  }
  const auto count = [&](std::size_t slice) {
    if (!counts.empty()) return counts[slice];
    std::uint32_t found = 0;
    for (std::size_t i = hits; i < hits_.size(); ++i) {
      if (hits_[i].slicing == &slicing && hits_[i].slice == slice) ++found;
    }
    return found;
  };
  for (const std::uint16_t slice : slicing.required) tell_count(slicing, slice, count(slice), frame);
  for (std::size_t i = hits; i < hits_.size() && !full_; ++i) {
    if (hits_[i].slicing != &slicing || hits_[i].slice == kNoSlice) continue;
    const std::size_t slice = hits_[i].slice;
    const std::uint32_t found = count(slice);
    if (found <= slicing.slices[slice].max) continue;
    tell_count(slicing, slice, found, frame);
    break;  // of this slicing one is enough to know where to look
  }
  if (slicing.ordered || slicing.rules == SlicingPlan::Rules::open_at_end)
    order_of_slices(slicing, hits, frame);
}

void ProfileWalk::tell_count(const SlicingPlan& slicing, std::size_t index, std::uint32_t found,
                             const Frame& frame) {
  const SlicePlan& slice = slicing.slices[index];
  const bool too_few = found < slice.min;
  if ((!too_few && found <= slice.max) || !wanted(IssueSeverity::error)) return;
  const std::string name = slice_name(slicing, slice);
  const std::string limit = std::to_string(too_few ? slice.min : slice.max);
  const std::string shown = std::to_string(found);
  error(frame, too_few ? "slice-min" : "slice-max", name,
        name + (too_few ? ": at least " : ": at most ") + limit + (too_few ? " needed, " : " allowed, ") +
            shown + " found",
        name + "は" + limit + (too_few ? "個以上必要です（" : "個までです（") + shown + "個）");
}

void ProfileWalk::order_of_slices(const SlicingPlan& slicing, std::size_t hits, const Frame& frame) {
  std::size_t last = 0;
  bool open = false;
  for (std::size_t i = hits; i < hits_.size(); ++i) {
    if (hits_[i].slicing != &slicing) continue;
    const std::size_t slice = hits_[i].slice;
    const bool unsliced = slice == kNoSlice;
    const bool wrong = unsliced ? false
                                : (slicing.ordered && slice < last) ||
                                      (slicing.rules == SlicingPlan::Rules::open_at_end && open);
    if (wrong) {
      const std::string path(slicing.path);
      return error(frame, "slice-order", name_of(slicing.owner, frame),
                   path + " do not stand in the order of their slices",
                   path + "の並び順がスライスの順と違います");
    }
    open = open || unsliced;
    if (!unsliced) last = slice;
  }
}

}  // namespace fhir_mapper
