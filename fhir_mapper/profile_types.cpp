// The types of FHIR, with their elements as indexes.

#include "fhir_mapper/fhir_element.h"
#include "fhir_mapper/profile_pack_builder.h"
#include "ssmix2/check.h"

#include <algorithm>
#include <bit>

namespace fhir_mapper {
namespace {

SpecialType special_of(std::string_view name) {
  if (name == "Coding") return SpecialType::coding;
  if (name == "CodeableConcept") return SpecialType::concept_;
  if (name == "Extension") return SpecialType::extension;
  if (name == "Identifier") return SpecialType::identifier;
  if (name == "Narrative") return SpecialType::narrative;
  if (name == "Reference") return SpecialType::reference;
  if (name == "Quantity" || name == "Age" || name == "Count" || name == "Distance" || name == "Duration") {
    return SpecialType::quantity;
  }
  return SpecialType::none;
}

/// At most half of the places are taken, so that every search comes to an end.
void index_members(TypePlan& type) {
  KAKEHASHI_CHECK(type.members.size() < std::numeric_limits<std::uint8_t>::max());
  type.by_name.assign(std::bit_ceil(2 * type.members.size() + 1), 0);
  const std::size_t mask = type.by_name.size() - 1;
  for (std::size_t i = 0; i < type.members.size(); ++i) {
    std::size_t at = type.members[i].key.hash() & mask;
    while (type.by_name[at] != 0) at = (at + 1) & mask;
    type.by_name[at] = static_cast<std::uint8_t>(i + 1);
  }
}

}  // namespace

/// Null: there is no such type.
TypePlan* ProfilePackBuilder::type_named(std::string_view name) {
  const TypePlan* const* const known = plan_->type_index.find(name);
  if (known != nullptr) return const_cast<TypePlan*>(*known);  // which this made
  if (elements_of(name).empty()) return nullptr;
  TypePlan& type = plan_->types.emplace_back();
  type.name = keep(name);
  type.is_resource = is_resource_type(name);
  type.is_domain_resource = type.is_resource && name != "Bundle" && name != "Binary" && name != "Parameters";
  type.of_resource = is_resource_type(name.substr(0, name.find('.')));
  type.special = special_of(name);
  type.focus = fhir_type(name);
  plan_->type_index.insert(type.name, &type);
  add_members(type);
  return &type;
}

void ProfilePackBuilder::add_members(TypePlan& type) {
  for (const FhirElement& element : elements_of(type.name)) {
    MemberPlan member;
    member.characters = element.name.data();  // of a constant table
    member.name_size = static_cast<std::uint8_t>(element.name.size());
    member.key = NameKey::of(element.name);
    member.choice = !element.choice.empty();
    const std::string_view group = member.choice ? element.choice : element.name;
    member.stem_size = static_cast<std::uint8_t>(member.choice ? group.size() - 3 : group.size());
    member.type_name = element.type;
    member.repeats = element.repeats;
    member.resource = element.type == "Resource";
    member.primitive = primitive_of(element.type);
    member.group = type.group_of(group);
    if (member.group == kNoGroup) {
      member.group = static_cast<std::uint16_t>(type.groups.size());
      type.groups.push_back(group);
    }
    KAKEHASHI_CHECK(type.groups.size() <= kMostGroups);
    if (element.name == "id") type.id = GroupSet{1} << member.group;
    KAKEHASHI_CHECK(element.name.size() <= std::numeric_limits<std::uint8_t>::max());
    KAKEHASHI_CHECK(element.name.starts_with(member.stem()));
    if (element.required &&
        std::find(type.required.begin(), type.required.end(), member.group) == type.required.end()) {
      type.required.push_back(member.group);
      type.needs |= GroupSet{1} << member.group;
    }
    type.members.push_back(member);
  }
  index_members(type);
  // Only now: a type may hold itself.
  for (std::size_t i = 0; i < type.members.size(); ++i) {
    if (type.members[i].primitive != Primitive::none || type.members[i].resource) continue;
    type.members[i].type = type_named(type.members[i].type_name);
  }
}

}  // namespace fhir_mapper
