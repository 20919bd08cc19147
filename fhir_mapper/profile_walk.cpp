#include "fhir_mapper/profile_walk.h"

#include <algorithm>

namespace fhir_mapper {

ProfileIssues ProfileWalk::check(const Node& root, ProfileDemand demand) {
  stack_.reserve(256);
  top(root, demand);
  return std::move(issues_);
}

const TypePlan* ProfileWalk::type_of(std::string_view name) const {
  const TypePlan* const* const found = plan_.type_index.find(name);
  return found == nullptr ? nullptr : *found;
}

void ProfileWalk::add_profile(const ProfileShape& shape, std::size_t begin) {
  if (shape.root == nullptr) return;
  const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(begin);
  if (std::find(from, stack_.end(), shape.root) == stack_.end()) stack_.push_back(shape.root);
}

ProfileWalk::Present ProfileWalk::object(const Node& node, const TypePlan& type, Range demands,
                                         const Frame& frame, Scope& scope) {
  if (++depth_ > kDeepestNode) {
    --depth_;
    error(frame, "depth", "", "stands too deep in other elements", "要素の入れ子が深すぎます");
    return {};
  }
  Present there{.seen = 0};
  std::array<std::uint32_t, kMostGroups> counts;
  std::fill_n(counts.begin(), type.groups.size(), 0u);
  std::size_t content = 0;  // without an id
  std::size_t present = 0;
  for (const Node& child : node) {
    if ((quiet_ && failed_) || full_) break;
    const std::string_view name = child.name();
    const MemberPlan* const known = type.find(name);
    if (known == nullptr) {
      if (name == "resourceType" && type.is_resource) continue;
      ++content;
      ++present;
      const MemberPlan* const primitive = name.starts_with('_') ? type.find(name.substr(1)) : nullptr;
      there.seen |= primitive == nullptr ? ~GroupSet{0} : GroupSet{1} << primitive->group;
      if (primitive == nullptr || primitive->primitive == Primitive::none) {
        unknown_member(child, type, frame);
        collect_fragments(child, scope, 0);
      } else if (const Node* const value = node.find(primitive->name)) {
        shape_beside(*value, child, type, frame);
        beside(*value, child, *primitive, frame, scope);
      } else {
        counts[primitive->group] += static_cast<std::uint32_t>(child.is_array() ? child.size() : 1);
        member(type, node, child, *primitive, demands, frame, scope);
      }
      continue;
    }
    ++present;
    if (name != "id") ++content;
    if (known->choice && counts[known->group] > 0) crowded_choice(*known, frame);
    const auto count = static_cast<std::uint32_t>(child.is_array() ? child.size() : 1);
    counts[known->group] += count;
    there.seen |= GroupSet{1} << known->group;
    if (count > 0) there.valued |= GroupSet{1} << known->group;
    member(type, node, child, *known, demands, frame, scope);
  }
  if (content == 0 && !type.is_resource)
    error(frame, "ele-1", "Element", "has no content", "要素の中身がありません");
  if (present == 0) error(frame, "empty", "", "is an empty object", "空のオブジェクトです");
  cardinality(type, demands, {counts.data(), type.groups.size()}, frame);
  --depth_;
  return there;
}

/// What is not walked because its shape is wrong may still refer to what is contained.
void ProfileWalk::collect_fragments(const Node& node, Scope& scope, std::size_t depth) {
  if (node.kind() == Node::Kind::text && !node.name().empty() && node.written().starts_with('#')) {
    scope.fragments.push_back(node.written().substr(1));
  }
  if (depth == kDeepestNode || (!node.is_object() && !node.is_array())) return;
  for (const Node& child : node) collect_fragments(child, scope, depth + 1);
}

void ProfileWalk::unknown_member(const Node& node, const TypePlan& type, const Frame& frame) {
  if (quiet_ && type.of_resource) return;  // judged once, against FHIR itself
  error(frame, "unknown-element", type.name,
        std::string(node.name()) + " is no element of " + std::string(type.name),
        std::string(node.name()) + "は" + std::string(type.name) + "の要素ではありません");
}

void ProfileWalk::cardinality(const TypePlan& type, Range demands, std::span<const std::uint32_t> counts,
                              const Frame& frame) {
  const auto too_few = [&](std::uint16_t group, std::uint32_t min, const ProfileShape* owner) {
    if (!wanted(IssueSeverity::error)) return;
    const std::string name(type.groups[group]);
    error(frame, "min", name_of(owner, frame),
          name + ": at least " + std::to_string(min) + " needed, " + std::to_string(counts[group]) + " found",
          name + "は" + std::to_string(min) + "個以上必要です（" + std::to_string(counts[group]) + "個）");
  };
  for (const std::uint16_t group : type.required) {
    if (counts[group] == 0) too_few(group, 1, nullptr);
  }
  for (std::size_t i = demands.begin; i < demands.end; ++i) {
    const ElementPlan& element = *stack_[i];
    if (element.type != &type) continue;
    for (const std::uint16_t group : element.counted) {
      const ElementPlan& child = *element.child(group);
      if (counts[group] < child.min) too_few(group, child.min, child.owner);
      if (counts[group] > child.max && wanted(IssueSeverity::error)) {
        const std::string name(type.groups[group]);
        error(frame, "max", name_of(child.owner, frame),
              name + ": at most " + std::to_string(child.max) + " allowed, " + std::to_string(counts[group]) +
                  " found",
              name + "は" + std::to_string(child.max) + "個までです（" + std::to_string(counts[group]) +
                  "個）");
      }
      if (counts[group] != 0) continue;
      for (const SlicingPlan* const slicing : child.slicings) no_slices(*slicing, frame);
    }
  }
}

/// `node` is a member of `object`; of "_birthDate" without a birthDate, that.
void ProfileWalk::member(const TypePlan& type, const Node& object, const Node& node, const MemberPlan& member,
                         Range demands, const Frame& frame, Scope& scope) {
  if (node.kind() == Node::Kind::null) return null_value(node.name(), type, frame);
  const bool only_beside = node.name().starts_with('_');
  if (member.repeats != node.is_array()) {
    collect_fragments(node, scope, 0);
    if (quiet_ && type.of_resource) return;  // judged once, against FHIR itself
    error(frame, "json", "",
          std::string(node.name()) + (member.repeats ? " repeats, so it must be a JSON array"
                                                     : " does not repeat, so it must not be a JSON array"),
          std::string(node.name()) + (member.repeats ? "は繰り返す要素なので配列でなければなりません"
                                                     : "は繰り返さない要素なので配列にできません"));
    return;
  }
  const std::size_t begin = stack_.size();
  bool sliced = false;
  for (std::size_t i = demands.begin; i < demands.end; ++i) {
    if (stack_[i]->type != &type) continue;
    const ElementPlan* const child = stack_[i]->child(member.group);
    if (child == nullptr) continue;
    sliced = sliced || !child->slicings.empty();
    stack_.push_back(child);
  }
  const Range kids{begin, stack_.size()};
  const std::size_t hits = hits_.size();
  const std::string_view of_type = member.choice ? member.type_name : std::string_view();
  if (!node.is_array()) {
    const Frame at{&frame, member.stem, of_type, member.type_name, -1};
    item({only_beside ? nullptr : &node, only_beside ? &node : nullptr, &member, &at, &scope}, kids, 0);
  } else {
    if (node.empty() && !(quiet_ && type.of_resource)) {
      error(frame, "empty", "", std::string(node.name()) + " is an empty array",
            std::string(node.name()) + "は空の配列です");
    }
    std::size_t index = 0;
    for (const Node& one : node) {
      if ((quiet_ && failed_) || full_) break;
      const Frame at{&frame, member.stem, of_type, member.type_name, static_cast<std::ptrdiff_t>(index)};
      const std::size_t place = index++;
      if (one.kind() != Node::Kind::null) {
        item({only_beside ? nullptr : &one, only_beside ? &one : nullptr, &member, &at, &scope}, kids, place);
      } else if (const Node* const instead = beside_null(object, node.name(), place)) {
        item({nullptr, instead, &member, &at, &scope}, kids, place);
      } else {
        null_value(node.name(), type, frame);
        nothing_at_all(at);
      }
    }
  }
  if (sliced) {
    for (std::size_t i = kids.begin; i < kids.end; ++i) {
      for (const SlicingPlan* const slicing : stack_[i]->slicings) count_slices(*slicing, hits, frame);
    }
  }
  hits_.resize(hits);
  stack_.resize(begin);
}

/// What JSON keeps beside values that are there: _birthDate, or _given with an item for each.
void ProfileWalk::beside(const Node& value, const Node& around, const MemberPlan& member, const Frame& frame,
                         Scope& scope) {
  const std::string_view of_type = member.choice ? member.type_name : std::string_view();
  const auto one = [&](const Node* own, const Node& node, std::ptrdiff_t index) {
    const Frame at{&frame, member.stem, of_type, member.type_name, index};
    beside({own, &node, &member, &at, &scope});
  };
  if (!around.is_array()) return one(&value, around, -1);
  std::ptrdiff_t index = 0;
  for (const Node& node : around) {
    const Node* const own = value.at(static_cast<std::size_t>(index));
    // What stands instead of a null was walked as an item; what is too many has no value.
    const bool walked = own != nullptr && own->kind() == Node::Kind::null;
    if (!walked && node.kind() != Node::Kind::null) one(own == nullptr ? nullptr : &value, node, index);
    ++index;
  }
}

/// What is demanded of the item lies on top of the stack, and what follows from its value is put above it.
void ProfileWalk::item(const Item& item, Range kids, std::size_t index) {
  const std::size_t begin = item.member->choice ? demands_of_choice(item, kids) : kids.begin;
  for (std::size_t i = kids.begin; i < kids.end; ++i) {
    for (const SlicingPlan* const slicing : stack_[i]->slicings) slice(item, *slicing, index);
  }
  if (item.member->resource) {
    nested(item, begin);
  } else if (item.member->primitive != Primitive::none) {
    primitive(item, begin);
  } else {
    complex(item, begin);
  }
  stack_.resize(kids.end);
}

/// Copies those that allow this type of the choice, and tells of the others.
std::size_t ProfileWalk::demands_of_choice(const Item& item, Range kids) {
  const std::size_t begin = stack_.size();
  for (std::size_t i = kids.begin; i < kids.end; ++i) {
    const ElementPlan* const element = stack_[i];
    const auto& allowed = element->types;
    if (allowed.empty() ||
        std::find(allowed.begin(), allowed.end(), item.member->type_name) != allowed.end()) {
      stack_.push_back(element);
      continue;
    }
    if (!wanted(IssueSeverity::error)) continue;
    std::string types;
    for (const std::string_view type : allowed) types.append(types.empty() ? "" : ", ").append(type);
    error(*item.frame, "type", name_of(element->owner, *item.frame),
          "must be of type " + types + ", not " + std::string(item.member->type_name),
          "型は" + types + "でなければなりません（" + std::string(item.member->type_name) + "は使えません）");
  }
  return begin;
}

/// Profiles of data types and resources that elements ask for.
void ProfileWalk::add_profiles_of(std::size_t begin, const Item& item) {
  for (std::size_t i = begin; i < stack_.size(); ++i) {
    const ElementPlan& element = *stack_[i];
    if (element.profiles.size() == 1) {
      const ProfileShape& shape = *element.profiles.front();
      if (!item.member->resource || shape.type_name == text_of(*item.value, "resourceType"))
        add_profile(shape, begin);
    } else if (!element.profiles.empty()) {
      const bool any =
          std::any_of(element.profiles.begin(), element.profiles.end(), [&](const ProfileShape* shape) {
            return conforms_as(*item.value, *shape, *item.scope, *item.frame);
          });
      if (!any) {
        error(*item.frame, "profile", name_of(element.owner, *item.frame),
              "conforms to none of the profiles that are allowed here",
              "ここで使えるどのプロファイルにも合っていません");
      }
    }
  }
}

void ProfileWalk::complex(const Item& item, std::size_t begin) {
  const Frame& frame = *item.frame;
  if (item.value == nullptr || !item.value->is_object()) {
    return error(*frame.up, "json", "", std::string(frame.name) + " must be a JSON object",
                 std::string(frame.name) + "はJSONのオブジェクトでなければなりません");
  }
  const TypePlan& type = *item.member->type;
  add_profiles_of(begin, item);
  if (type.own != nullptr) stack_.push_back(type.own);
  if (type.special == SpecialType::extension) extension(item, begin);
  values(item, begin);
  special(item, type, begin);
  const Present present = object(*item.value, type, {begin, stack_.size()}, frame, *item.scope);
  rules(*item.value, &type, present, begin, frame, *item.scope);
}

}  // namespace fhir_mapper
