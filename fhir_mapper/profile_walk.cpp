#include "fhir_mapper/profile_walk.h"

#include "fhir_mapper/profile_world.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

const Node* unless_null(const Node* node) {
  return node == nullptr || node->kind() == Node::Kind::null ? nullptr : node;
}

}  // namespace

ProfileIssues ProfileWalk::check(const Node& root, ProfileDemand demand) {
  stack_.reserve(256);
  top(root, demand);
  return std::move(issues_);
}

void ProfileWalk::top(const Node& root, ProfileDemand demand) {
  const std::string_view type_name = text_of(root, "resourceType");
  const Frame nowhere{nullptr, "$", {}, {}, -1};
  if (type_name.empty()) {
    return error(nowhere, demand == ProfileDemand::clins_submission ? "clins" : "json", "",
                 "is no FHIR resource: it has no resourceType",
                 "FHIRリソースではありません（resourceTypeがありません）");
  }
  const TypePlan* const type = type_of(type_name);
  const Frame frame{nullptr, type_name, {}, type_name, -1};
  const ProfileShape* demanded = nullptr;
  if (demand == ProfileDemand::clins_submission) {
    for (const std::string_view url : plan_.container) {
      const ProfileShape* const shape = plan_.profile(url);
      if (shape != nullptr && shape->type_name == type_name) demanded = shape;
    }
    if (demanded == nullptr) {
      return error(nowhere, "clins", "", std::string(type_name) + " is nothing that is submitted to CLINS",
                   std::string(type_name) + "は電子カルテ情報共有サービスに送信するリソースではありません");
    }
  }
  if (type == nullptr || !type->is_resource) {
    if (!plan_.resource_names.contains(type_name)) {
      return error(frame, "type", "", "there is no resource type " + std::string(type_name),
                   std::string(type_name) + "というリソース型はありません");
    }
    return tell(IssueSeverity::warning, frame, "no-profile", "",
                "resources of this type are not checked here", "この型のリソースは検査の対象外です");
  }
  Scope scope{&root, type, nullptr, nullptr, nullptr, {}, false};
  if (demanded != nullptr) add_profile(*demanded, 0);
  resource(root, *type, 0, frame, scope);
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

void ProfileWalk::resource(const Node& node, const TypePlan& type, std::size_t begin, const Frame& frame,
                           Scope& scope) {
  if (type.own != nullptr) stack_.push_back(type.own);
  claims(node, type, begin, frame, scope);
  const std::size_t demands = stack_.size();
  const std::size_t errors = errors_;
  Entries entries;
  const bool is_bundle = type.name == "Bundle";
  if (is_bundle) {
    entries = entries_of(node);
    scope.bundle = &entries;
  }
  object(node, type, {begin, stack_.size()}, frame, scope);
  rules(node, type.name, begin, frame, scope);
  if (is_bundle) bundle(node, entries, frame);
  if (type.is_domain_resource) domain_resource(node, frame, scope);
  if (errors_ != errors) return;
  // Without an error it keeps each of them: what refers to it need not look again.
  for (std::size_t i = begin; i < demands; ++i) {
    const ProfileShape* const shape = stack_[i]->owner;
    if (shape != nullptr && shape->root == stack_[i]) conforming_.push_back({&node, shape});
  }
}

/// meta.profile: each profile that a resource says it keeps.
void ProfileWalk::claims(const Node& node, const TypePlan& type, std::size_t begin, const Frame& frame,
                         const Scope& scope) {
  if (quiet_) return;  // asked is one profile alone
  const Node* const meta = node.find("meta");
  const Node* const profiles = meta == nullptr ? nullptr : meta->find("profile");
  bool any = false;
  if (profiles != nullptr && profiles->is_array()) {
    const Frame at_meta{&frame, "meta", {}, "Meta", -1};
    std::ptrdiff_t index = 0;
    for (const Node& profile : *profiles) {
      const Frame at{&at_meta, "profile", {}, "canonical", index++};
      if (profile.kind() != Node::Kind::text) continue;
      any = true;
      claim(profile.written(), type, begin, at);
    }
  }
  const bool demanded = frame.up == nullptr && stack_.size() > begin + (type.own == nullptr ? 0 : 1);
  if (any || demanded || scope.container != nullptr) return;
  tell(IssueSeverity::warning, frame, "no-profile", type.name,
       "says no profile in meta.profile: only what FHIR and the resource around demand is checked",
       "meta.profileがないため、FHIRの基本仕様と外側のリソースの要求だけを検査しました");
}

void ProfileWalk::claim(std::string_view canonical, const TypePlan& type, std::size_t begin,
                        const Frame& at) {
  const ProfileShape* const shape = plan_.profile(canonical);
  const std::size_t bar = canonical.find('|');
  if (shape == nullptr) {
    const bool ours = canonical.starts_with("http://jpfhir.jp/") ||
                      canonical.starts_with("https://jpfhir.jp/") ||
                      canonical.starts_with("http://hl7.org/fhir/StructureDefinition/") ||
                      canonical.starts_with("http://hl7.org/fhir/ValueSet/");
    // FHIR's own definitions are no profiles, but whoever names one is right.
    constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";
    if (canonical.starts_with(kBase) && canonical.substr(kBase.size(), bar - kBase.size()) == type.name)
      return;
    return tell(ours ? IssueSeverity::error : IssueSeverity::warning, at, "profile-unknown", "",
                "there is no such profile in " + pack_.id() + ": " + std::string(canonical),
                pack_.id() + "にないプロファイルです: " + std::string(canonical));
  }
  if (shape->type_name != type.name) {
    return error(
        at, "profile-type", shape->name,
        "is a profile of " + std::string(shape->type_name) + ", not of " + std::string(type.name),
        std::string(shape->type_name) + "のプロファイルであり、" + std::string(type.name) + "には使えません");
  }
  if (bar == std::string_view::npos) {
    if (plan_.version_required && shape->url.find("/core/") == std::string_view::npos) {
      tell(IssueSeverity::warning, at, "profile-version", shape->name,
           "names no version; write |" + std::string(plan_.version) + " behind it",
           "版の指定がありません。|" + std::string(plan_.version) + "を付けてください");
    }
  } else if (const std::string_view version = canonical.substr(bar + 1);
             version != plan_.version && version != shape->version &&
             !(shape->version.empty() && shape->url.find("/core/") != std::string_view::npos)) {
    tell(IssueSeverity::warning, at, "profile-version", shape->name,
         "asks for version " + std::string(version) + "; checked against " + std::string(plan_.version),
         "版" + std::string(version) + "が指定されていますが、" + std::string(plan_.version) +
             "で検査しました");
  }
  add_profile(*shape, begin);
}

void ProfileWalk::object(const Node& node, const TypePlan& type, Range demands, const Frame& frame,
                         Scope& scope) {
  if (++depth_ > kDeepestNode) {
    --depth_;
    return error(frame, "depth", "", "stands too deep in other elements", "要素の入れ子が深すぎます");
  }
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
      if (primitive == nullptr || primitive->primitive == Primitive::none) {
        unknown_member(child, type, frame);
        collect_fragments(child, scope, 0);
      } else if (const Node* const value = node.find(primitive->name)) {
        beside(*value, child, *primitive, frame, scope);
      } else {
        counts[primitive->group] += static_cast<std::uint32_t>(child.is_array() ? child.size() : 1);
        member(type, child, *primitive, demands, frame, scope, true);
      }
      continue;
    }
    ++present;
    if (name != "id") ++content;
    if (known->choice && counts[known->group] > 0) crowded_choice(*known, frame);
    counts[known->group] += static_cast<std::uint32_t>(child.is_array() ? child.size() : 1);
    const bool may_have_beside = has_beside && known->primitive != Primitive::none;
    const Node* const beside = may_have_beside ? node.find("_" + std::string(name)) : nullptr;
    if (beside != nullptr) shape_beside(child, *beside, type, frame);
    member(type, child, *known, demands, frame, scope, beside);
  }
  if (content == 0 && !type.is_resource)
    error(frame, "ele-1", "Element", "has no content", "要素の中身がありません");
  if (present == 0) error(frame, "empty", "", "is an empty object", "空のオブジェクトです");
  cardinality(type, demands, {counts.data(), type.groups.size()}, frame);
  --depth_;
}

/// What is not walked because its shape is wrong may still refer to what is contained.
void ProfileWalk::collect_fragments(const Node& node, Scope& scope, std::size_t depth) {
  if (node.kind() == Node::Kind::text && node.written().starts_with('#')) {
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

void ProfileWalk::member(const TypePlan& type, const Node& node, const MemberPlan& member, Range demands,
                         const Frame& frame, Scope& scope, const Node* beside) {
  const bool only_beside = beside == &node;
  if (node.kind() == Node::Kind::null) return null_value(node.name(), type, frame);
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
      const Node* const own = beside == nullptr || only_beside ? nullptr : beside->at(index);
      const Node* const value = only_beside ? nullptr : unless_null(&one);
      const Node* const extended = unless_null(only_beside ? &one : own);
      ++index;
      if (value == nullptr && (extended == nullptr || member.primitive == Primitive::none)) {
        null_value(node.name(), type, frame);
        nothing_at_all(at);
        continue;
      }
      item({value, extended, &member, &at, &scope}, kids, index - 1);
    }
    for (; beside != nullptr && beside->is_array() && index < beside->size(); ++index) {
      const Frame at{&frame, member.stem, of_type, member.type_name, static_cast<std::ptrdiff_t>(index)};
      item({nullptr, unless_null(beside->at(index)), &member, &at, &scope}, kids, index);
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
  const auto one = [&](const Node& node, std::ptrdiff_t index) {
    const Frame at{&frame, member.stem, of_type, member.type_name, index};
    beside({&value, &node, &member, &at, &scope});
  };
  if (!around.is_array()) return one(around, -1);
  std::ptrdiff_t index = 0;
  for (const Node& node : around) one(node, index++);
}

void ProfileWalk::item(const Item& item, Range kids, std::size_t index) {
  const std::size_t begin = stack_.size();
  for (std::size_t i = kids.begin; i < kids.end; ++i) {
    const ElementPlan* const element = stack_[i];
    if (item.member->choice && !element->types.empty() &&
        std::find(element->types.begin(), element->types.end(), item.member->type_name) ==
            element->types.end()) {
      if (wanted(IssueSeverity::error)) {
        std::string types;
        for (const std::string_view type : element->types)
          types.append(types.empty() ? "" : ", ").append(type);
        error(*item.frame, "type", name_of(element->owner, *item.frame),
              "must be of type " + types + ", not " + std::string(item.member->type_name),
              "型は" + types + "でなければなりません（" + std::string(item.member->type_name) +
                  "は使えません）");
      }
      continue;
    }
    stack_.push_back(element);
  }
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
  stack_.resize(begin);
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
  object(*item.value, type, {begin, stack_.size()}, frame, *item.scope);
  rules(*item.value, type.name, begin, frame, *item.scope);
}

/// A resource inside of another.
void ProfileWalk::nested(const Item& item, std::size_t begin) {
  const Frame& frame = *item.frame;
  const std::string_view name = item.value == nullptr ? "" : text_of(*item.value, "resourceType");
  if (name.empty()) {
    if (item.value != nullptr && !item.value->is_object()) {
      error(*frame.up, "json", "", std::string(frame.name) + " must be a JSON object",
            std::string(frame.name) + "はJSONのオブジェクトでなければなりません");
    }
    return error(frame, "type", "", "must be a resource with its resourceType",
                 "resourceTypeのあるリソースでなければなりません");
  }
  const TypePlan* const type = type_of(name);
  if (type == nullptr || !type->is_resource) {
    if (!plan_.resource_names.contains(name)) {
      error(frame, "type", "", "there is no resource type " + std::string(name),
            std::string(name) + "というリソース型はありません");
    }
    return;
  }
  if (quiet_) return;  // each resource is judged for itself
  const bool contained = frame.name == "contained";
  Scope inner{item.value, type, nullptr, item.scope->bundle, nullptr, {}, false};
  if (contained) {
    inner.container = item.scope->container == nullptr ? item.scope : item.scope->container;
    inner.entry = item.scope->entry;
  }
  const Frame named{frame.up, frame.name, {}, name, frame.index};
  add_profiles_of(begin, item);
  resource(*item.value, *type, begin, named, inner);
  if (!contained) return;
  auto& outer = inner.container->fragments;
  outer.insert(outer.end(), inner.fragments.begin(), inner.fragments.end());
  // Whoever refers to the resource around may be contained without being referred to.
  if (inner.refers_up) outer.push_back(text_of(*item.value, "id"));
}

void ProfileWalk::rules(const Node& node, std::string_view type_name, std::size_t begin, const Frame& frame,
                        Scope& scope) {
  for (std::size_t i = begin; i < stack_.size(); ++i) {
    if (stack_[i]->rules.empty()) continue;
    const World world(*this, scope);
    for (const RulePlan* const rule : stack_[i]->rules) {
      if ((quiet_ && failed_) || full_) return;
      run_rule(*rule, node, type_name, frame, world, stack_[i]->owner);
    }
  }
}

void ProfileWalk::run_rule(const RulePlan& rule, const Node& node, std::string_view type_name,
                           const Frame& frame, const World& world, const ProfileShape* owner) {
  const ProfileRule& described = (*plan_.described)[rule.rule];
  if (quiet_ && (described.severity == IssueSeverity::warning || !described.attached)) return;
  const FhirPath::Verdict verdict = rule.holds->test(node, type_name, world);
  if (verdict == FhirPath::Verdict::holds || !wanted(described.severity)) return;
  // What no profile demands is asked only of those that say they keep the profile.
  if (!described.attached && (owner == nullptr || !claims_profile(node, *owner))) return;
  std::string name = described.id;
  if (described.key != described.id) name += "/" + described.key;
  if (verdict == FhirPath::Verdict::unevaluable) {
    name += "/unevaluable";
  } else if (!described.attached) {
    name += "/unattached";
  }
  tell(described.severity, frame, name, name_of(owner, frame), described.en, described.ja);
}

bool ProfileWalk::wanted(IssueSeverity severity) {
  if (quiet_ && severity == IssueSeverity::error) failed_ = true;
  return !quiet_ && !full_;
}

void ProfileWalk::tell(IssueSeverity severity, const Frame& frame, std::string_view rule,
                       std::string_view owner, std::string en, std::string ja) {
  if (!wanted(severity)) return;
  ProfileIssue issue{severity,           location(frame), std::string(rule),
                     std::string(owner), std::move(en),   std::move(ja)};
  for (const ProfileIssue& known : issues_) {
    // What FHIR demands and a profile repeats is told once.
    if (known.location == issue.location && known.rule == issue.rule && known.en == issue.en) return;
  }
  issues_.push_back(std::move(issue));
  if (severity == IssueSeverity::error) ++errors_;
  full_ = issues_.size() >= kMostIssues;
}

std::string ProfileWalk::location(const Frame& frame) {
  std::string text;
  if (frame.up != nullptr) text = location(*frame.up) + ".";
  text += frame.name;
  if (!frame.of_type.empty()) text.append(".ofType(").append(frame.of_type).append(")");
  if (frame.index >= 0) text.append("[").append(std::to_string(frame.index)).append("]");
  return text;
}

std::string_view ProfileWalk::name_of(const ProfileShape* shape, const Frame& frame) {
  if (shape != nullptr) return shape->name;
  const std::string_view type = frame.type_name;
  return type.substr(0, type.find('.'));
}

}  // namespace fhir_mapper
