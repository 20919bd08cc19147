// Elements of the tree: members by name and by type. Part of FhirPathEvaluation.
#include "fhir_mapper/fhir_path_evaluation.h"

#include <algorithm>
#include <span>

namespace fhir_mapper {
namespace {

using Kind = FhirPathValue::Kind;
using System = FhirPathType::System;

FhirType type_in(std::span<const FhirMember> members, FhirType owner) {
  const auto found = std::ranges::lower_bound(members, owner, {}, &FhirMember::owner);
  return found == members.end() || found->owner != owner ? FhirType::unknown : found->type;
}

/// "_birthDate" stands beside "birthDate".
bool is_beside(std::string_view member, std::string_view name) {
  return member.size() == name.size() + 1 && member.front() == '_' && member.substr(1) == name;
}

bool is_system(const FhirPathValue& value, System system) {
  switch (value.kind) {
    case Kind::boolean:
      return system == System::boolean;
    case Kind::number:
      return system == (value.number.whole().has_value() ? System::integer : System::decimal);
    case Kind::text:
      return system == System::string;
    case Kind::date:
      return system == (value.text.find('T') == std::string_view::npos ? System::date : System::date_time);
    case Kind::time:
      return system == System::time;
    case Kind::quantity:
      return system == System::quantity;
    case Kind::element:
      break;
  }
  return false;
}

}  // namespace

FhirType FhirPathEvaluation::type_of(const Value& value) const {
  // Where any resource may stand, and of resources that contain others, the resource itself says what it is.
  if (value.kind != Kind::element || value.type != known_types().resource) return value.type;
  const Node* const type = value.node->find("resourceType");
  return type == nullptr ? value.type : fhir_type(type->written());
}

/// An element whose type nobody knows fails the evaluation: it stands in a resource that the table of
/// elements does not have, and may be of any type.
bool FhirPathEvaluation::is_of(const Value& value, const FhirPathType& type) {
  if (value.kind != Kind::element) return is_system(value, type.system);
  if (value.type == FhirType::unknown) fail();
  if (type.fhir == FhirType::unknown) return false;
  const FhirKnownTypes& known = known_types();
  if (value.type != known.resource) return is_kind_of(value.type, type.fhir);
  // Nothing is a kind of a resource that is not abstract: its name decides, without looking for its number.
  const Node* const own = value.node->find("resourceType");
  if (own != nullptr && same_text(own->written(), name_of(type.fhir))) return true;
  const bool is_abstract = type.fhir == known.resource || type.fhir == known.domain_resource;
  return is_abstract && is_kind_of(type_of(value), type.fhir);
}

FhirType FhirPathEvaluation::type_of_member(const Value& item, const FhirPathStep& step) const {
  return step.always != FhirType::unknown ? step.always : step.type_in(type_of(item));
}

bool FhirPathEvaluation::visit_members(const Value& item, const FhirPathStep& step, const Way& rest) {
  if (!goes_on()) return false;
  const bool is_primitive = !item.node->is_object();
  const Node* const object = is_primitive ? beside(item) : item.node;
  if (object == nullptr) return true;
  if (const Node* const member = object->find(step.name)) {
    return visit_element(*member, type_of_member(item, step), object, rest);
  }
  if (const Node* const bare = object->find(step.beside)) {
    return visit_bare(*bare, step.type_in(type_of(item)), rest);
  }
  if (is_primitive || (!step.is_choice_somewhere && type_of(item) != FhirType::unknown)) return true;
  return visit_choice(item, step, rest);
}

/// `value` is whichever of valueString, valueCode … is there.
bool FhirPathEvaluation::visit_choice(const Value& item, const FhirPathStep& step, const Way& rest) {
  const FhirType owner = type_of(item);
  if (owner != FhirType::unknown) {
    const FhirMember* const member = step.of(owner);
    if (member == nullptr || !member->is_choice) return true;
  }
  const Node* bare = nullptr;
  for (const Node& member : *item.node) {
    const bool is_apart = member.name().starts_with('_');
    const FhirType type = choice_type(member.name().substr(is_apart ? 1 : 0), step.name);
    if (type == FhirType::unknown) continue;
    if (!is_apart) return visit_element(member, type, item.node, rest);
    bare = &member;
  }
  return bare == nullptr || visit_bare(*bare, choice_type(bare->name().substr(1), step.name), rest);
}

bool FhirPathEvaluation::visit_element(const Node& node, FhirType type, const Node* owner, const Way& rest) {
  if (!node.is_array()) return go(Value::of(node, type, owner), rest);
  for (const Node& item : node) {
    if (!goes_on() || !go(Value::of(item, type, nullptr), rest)) return false;
  }
  return true;
}

bool FhirPathEvaluation::visit_bare(const Node& node, FhirType type, const Way& rest) {
  if (!node.is_object()) return true;
  Value value = Value::of(node, type, nullptr);
  value.is_bare = true;
  return go(value, rest);
}

void FhirPathEvaluation::push_element(const Node& node, FhirType type, const Node* owner) {
  if (!node.is_array()) return push(Value::of(node, type, owner));
  for (const Node& item : node) push(Value::of(item, type, nullptr));
}

void FhirPathEvaluation::push_bare(const Node& node, FhirType type) {
  if (!node.is_object()) return;
  Value value = Value::of(node, type, nullptr);
  value.is_bare = true;
  push(value);
}

const Node* FhirPathEvaluation::beside(const Value& item) {
  if (item.owner == nullptr) return nullptr;
  for (const Node& member : *item.owner) {
    if (is_beside(member.name(), item.node->name())) return &member;
  }
  return nullptr;
}

void FhirPathEvaluation::push_children(const Value& item) {
  if (item.kind != Kind::element) return;
  const bool is_object = item.node->is_object();
  const Node* const object = is_object ? item.node : beside(item);
  if (object == nullptr) return;
  const FhirType owner = is_object && !item.is_bare ? type_of(item) : FhirType::unknown;
  for (const Node& member : *object) {
    if (!goes_on()) return;
    const std::string_view name = member.name();
    if (name == "resourceType") continue;
    const bool is_apart = name.starts_with('_');
    const std::string_view plain = name.substr(is_apart ? 1 : 0);
    if (is_apart && object->find(plain) != nullptr) continue;
    const auto members = members_named(plain);
    const bool is_extension = owner == FhirType::unknown && plain == "extension";
    const FhirType type = is_extension ? known_types().extension : type_in(members, owner);
    if (is_apart) {
      push_bare(member, type);
    } else {
      push_element(member, type, object);
    }
  }
}

void FhirPathEvaluation::descendants(const Range& input, bool deep) {
  const std::size_t first = top();
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    const Value item = stack_[i];
    push_children(item);
  }
  for (std::size_t i = first; deep && i < top() && goes_on(); ++i) {
    const Value item = stack_[i];
    push_children(item);
  }
}

void FhirPathEvaluation::item(const Operation& operation, const Scope& scope) {
  const std::size_t base = top();
  const Range input = input_of(operation, scope);
  const std::size_t first = top();
  const auto index = whole_argument(operation, 0, scope);
  if (index.has_value() && *index >= 0 && static_cast<std::size_t>(*index) < input.size()) {
    push_copy(input.begin + static_cast<std::size_t>(*index));
  }
  bring_down(base, first);
}

void FhirPathEvaluation::as_type(const Operation& operation, const Scope& scope) {
  Few few;
  look(operation.input, scope, few);
  if (few.count > 1) fail();
  if (failed_ || few.count == 0) return;
  if (is_of(*few.first, plan_.types[operation.detail])) push(*few.first);
}

void FhirPathEvaluation::extension(const Operation& operation, const Range& input) {
  const auto url = text_argument(operation, 0, {input});
  if (!url.has_value()) return;
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    const Value item = stack_[i];
    if (item.kind != Kind::element) continue;
    const Node* const object = item.node->is_object() ? item.node : beside(item);
    const Node* const extensions = object == nullptr ? nullptr : object->find("extension");
    if (extensions == nullptr) continue;
    for (const Node& each : *extensions) {
      const Node* const its_url = each.find("url");
      if (its_url != nullptr && its_url->text() == *url)
        push(Value::of(each, known_types().extension, nullptr));
    }
  }
}

void FhirPathEvaluation::resolve(const Range& input) {
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    const Value item = stack_[i];
    if (item.kind != Kind::element || item.is_bare) continue;
    const Node* const resource = world_.resolve(*item.node);
    if (resource != nullptr) push(Value::of(*resource, known_types().resource, nullptr));
  }
}

}  // namespace fhir_mapper
