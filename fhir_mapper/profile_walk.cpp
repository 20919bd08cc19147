#include "fhir_mapper/profile_walk.h"

#include <algorithm>

namespace fhir_mapper {

ProfileIssues ProfileWalk::check(const Node& root, ProfileDemand demand) {
  // More lies on them seldom.
  stack_.reserve(64);
  hits_.reserve(32);
  conforming_.reserve(32);
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

ProfileWalk::Present ProfileWalk::object(const Object& object) {
  const auto& [node, type, demands, frame, scope] = object;
  if (++depth_ > kDeepestNode) {
    --depth_;
    error(frame, "depth", "", "stands too deep in other elements", "要素の入れ子が深すぎます");
    return {};
  }
  GroupSet asked = 0;
  for (const ElementPlan* const demand : at(demands)) {
    if (demand->type == &type) asked |= demand->asked;
  }
  Present there{0, 0, {}};  // first of what is odd alone
  Count count;
  GroupSet seen = 0;
  bool is_odd = false;  // has a member that is no element, or stands beside one
  for (const Node& child : node) {
    if ((quiet_ && failed_) || full_) break;
    const MemberPlan* const known = type.find(child.name());
    if (known == nullptr) {
      if (type.is_resource && child.is_named("resourceType")) continue;
      is_odd = true;
      odd_member(object, child, there);
      continue;
    }
    const GroupSet group = GroupSet{1} << known->group;
    if (known->choice && ((count.present | there.count.present) & group) != 0) crowded_choice(*known, frame);
    count.add(group, child);
    seen |= group;
    const bool is_asked = (asked & group) != 0;
    if (!is_asked && known->is_leaf() && child.is_leaf()) {
      leaf(child, *known, frame, scope);
    } else {
      member(object, child, *known, is_asked ? demands : Range{});
    }
  }
  if (!is_odd && (seen & ~type.id) == 0 && !type.is_resource)
    error(frame, "ele-1", "Element", "has no content", "要素の中身がありません");
  if (!is_odd && seen == 0) error(frame, "empty", "", "is an empty object", "空のオブジェクトです");
  there.seen |= seen;
  there.valued = count.present;
  there.count.repeated |= count.repeated | (count.present & there.count.present);
  there.count.present |= count.present;
  cardinality(object, there.count);
  --depth_;
  return there;
}

/// "_birthDate", or what is no element at all.
void ProfileWalk::odd_member(const Object& object, const Node& node, Present& there) {
  const std::string_view name = node.name();
  const MemberPlan* const primitive = name.starts_with('_') ? object.type.find(name.substr(1)) : nullptr;
  const GroupSet group = primitive == nullptr ? ~GroupSet{0} : GroupSet{1} << primitive->group;
  there.seen |= group;
  if (primitive == nullptr || primitive->primitive == Primitive::none) {
    unknown_member(node, object.type, object.frame);
    collect_fragments(node, object.scope, 0);
  } else if (const Node* const value = object.node.find(primitive->name())) {
    shape_beside(*value, node, object.type, object.frame);
    beside(*value, node, *primitive, object.frame, object.scope);
  } else {
    there.count.add(group, node);
    member(object, node, *primitive, object.demands);
  }
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

/// How many there are of each group.
ProfileWalk::Counts ProfileWalk::counts_of(const Node& object, const TypePlan& type) {
  Counts counts{};
  for (const Node& child : object) {
    const std::string_view name = child.name();
    const MemberPlan* known = type.find(name);
    if (known == nullptr && name.starts_with('_')) {
      known = type.find(name.substr(1));
      if (known != nullptr &&
          (known->primitive == Primitive::none || object.find(known->name()) != nullptr)) {
        continue;
      }
    }
    if (known == nullptr) continue;
    counts[known->group] += static_cast<std::uint32_t>(child.is_array() ? child.size() : 1);
  }
  return counts;
}

void ProfileWalk::cardinality(const Object& object, const Count& count) {
  const TypePlan& type = object.type;
  const Frame& frame = object.frame;
  const Range demands = object.demands;
  bool holds = (type.needs & ~count.present) == 0;
  for (const ElementPlan* const demand : at(demands)) {
    holds = holds && (demand->type != &type || demand->holds(count.present, count.repeated));
  }
  if (holds) return;
  const Counts counts = counts_of(object.node, type);
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
  for (const ElementPlan* const demand : at(demands)) {
    const ElementPlan& element = *demand;
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

/// `node` is a member of `object`; of "_birthDate" without a birthDate, that. `demands`: those of the object
/// that may ask for something of it.
void ProfileWalk::member(const Object& object, const Node& node, const MemberPlan& member, Range demands) {
  if (node.kind() == Node::Kind::null) return null_value(node.name(), object.type, object.frame);
  if (member.repeats != node.is_array()) return misshapen(object, node, member);
  const std::size_t begin = stack_.size();
  const std::size_t hits = hits_.size();
  const GroupSet group = GroupSet{1} << member.group;
  Asks asks = Asks::nothing;
  for (std::size_t i = demands.begin; i < demands.end; ++i) {
    const ElementPlan& element = *stack_[i];
    if (element.type != &object.type || (element.asked & group) == 0) continue;
    const ElementPlan* const child = element.children.data()[member.group];  // which the set says is there
    asks = asks | child->asks;
    stack_.push_back(child);
  }
  const Range kids = demands_from(begin);
  const bool sliced = includes(asks, Asks::slices);
  if (node.is_array()) {
    repetitions(object, node, member, kids, sliced);
  } else {
    const bool only_beside = node.name().starts_with('_');
    const Frame at = Frame::of(member, object.frame, -1);
    item({only_beside ? nullptr : &node, only_beside ? &node : nullptr, &member, &at, &object.scope}, kids,
         sliced, 0);
  }
  if (sliced) {
    for (std::size_t i = kids.begin; i < kids.end; ++i) {
      for (const SlicingPlan* const slicing : stack_[i]->slicings) {
        count_slices(*slicing, hits, object.frame);
      }
    }
    hits_.resize(hits);
  }
  drop_to(begin);
}

void ProfileWalk::repetitions(const Object& object, const Node& node, const MemberPlan& member, Range kids,
                              bool sliced) {
  const auto& [around, type, demands, frame, scope] = object;
  if (node.empty() && !(quiet_ && type.of_resource)) {
    error(frame, "empty", "", std::string(node.name()) + " is an empty array",
          std::string(node.name()) + "は空の配列です");
  }
  const bool only_beside = node.name().starts_with('_');
  std::size_t index = 0;
  for (const Node& one : node) {
    if ((quiet_ && failed_) || full_) break;
    const Frame at = Frame::of(member, frame, static_cast<std::ptrdiff_t>(index));
    const std::size_t place = index++;
    if (one.kind() != Node::Kind::null) {
      item({only_beside ? nullptr : &one, only_beside ? &one : nullptr, &member, &at, &scope}, kids, sliced,
           place);
    } else if (const Node* const instead = beside_null(around, node.name(), place)) {
      item({nullptr, instead, &member, &at, &scope}, kids, sliced, place);
    } else {
      null_value(node.name(), type, frame);
      nothing_at_all(at);
    }
  }
}

/// An array where one value is wanted, or the other way round.
void ProfileWalk::misshapen(const Object& object, const Node& node, const MemberPlan& member) {
  collect_fragments(node, object.scope, 0);
  if (quiet_ && object.type.of_resource) return;  // judged once, against FHIR itself
  error(object.frame, "json", "",
        std::string(node.name()) + (member.repeats ? " repeats, so it must be a JSON array"
                                                   : " does not repeat, so it must not be a JSON array"),
        std::string(node.name()) + (member.repeats ? "は繰り返す要素なので配列でなければなりません"
                                                   : "は繰り返さない要素なので配列にできません"));
}

/// What JSON keeps beside values that are there: _birthDate, or _given with an item for each.
void ProfileWalk::beside(const Node& value, const Node& around, const MemberPlan& member, const Frame& frame,
                         Scope& scope) {
  const auto one = [&](const Node* own, const Node& node, std::ptrdiff_t index) {
    const Frame at = Frame::of(member, frame, index);
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
void ProfileWalk::item(const Item& item, Range kids, bool sliced, std::size_t index) {
  const std::size_t begin = item.member->choice ? demands_of_choice(item, kids) : kids.begin;
  for (std::size_t i = kids.begin; sliced && i < kids.end; ++i) {
    for (const SlicingPlan* const slicing : stack_[i]->slicings) slice(item, *slicing, index);
  }
  if (item.member->resource) {
    nested(item, begin);
  } else if (item.member->primitive != Primitive::none) {
    primitive(item, begin);
  } else {
    complex(item, begin);
  }
  drop_to(kids.end);
}

/// Copies those that allow this type of the choice, and tells of the others.
std::size_t ProfileWalk::demands_of_choice(const Item& item, Range kids) {
  const std::size_t begin = stack_.size();
  for (std::size_t i = kids.begin; i < kids.end; ++i) {
    const ElementPlan* const element = stack_[i];
    const auto& allowed = element->types;
    const auto is_this = [&item](std::string_view type) { return same_text(type, item.member->type_name); };
    if (allowed.empty() || std::ranges::any_of(allowed, is_this)) {
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
      if (!item.member->resource || same_text(shape.type_name, text_of(*item.value, "resourceType")))
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
  if (includes(asks_from(begin), Asks::profiles)) add_profiles_of(begin, item);
  if (type.own != nullptr) stack_.push_back(type.own);
  if (type.special == SpecialType::extension) extension(item, begin);
  const Asks asks = asks_from(begin);
  if (includes(asks, Asks::value)) values(item, begin);
  special(item, type, begin);
  const Present present = object({*item.value, type, demands_from(begin), frame, *item.scope});
  if (includes(asks, Asks::rules)) rules(*item.value, &type, present, begin, frame, *item.scope);
}

/// All that is asked of what lies on the stack from there on.
Asks ProfileWalk::asks_from(std::size_t begin) const {
  Asks asks = Asks::nothing;
  for (const ElementPlan* const demand : at(demands_from(begin))) asks = asks | demand->asks;
  return asks;
}

}  // namespace fhir_mapper
