// What FHIR's JSON demands beyond JSON: null and what stands beside values.

#include "fhir_mapper/profile_walk.h"

namespace fhir_mapper {

/// FHIR has null only where an array of values and the one of their extensions must have the same length.
void ProfileWalk::null_value(std::string_view name, const TypePlan& type, const Frame& frame) {
  if (quiet_ && type.of_resource) return;  // judged once, against FHIR itself
  error(frame, "json", "", std::string(name) + " is null", std::string(name) + "がnullです");
}

/// What "_given" has for a null of "given"; null: nothing.
const Node* ProfileWalk::beside_null(const Node& object, std::string_view name, std::size_t index) {
  const Node* const beside = object.find("_" + std::string(name));
  const Node* const own = beside == nullptr ? nullptr : beside->at(index);
  return own == nullptr || own->kind() == Node::Kind::null ? nullptr : own;
}

void ProfileWalk::nothing_at_all(const Frame& frame) {
  error(frame, "ele-1", "Element", "has neither a value nor an extension", "値もextensionもありません");
}

/// What stands beside a value is an object; beside an array of values: "_given" has an item, or null, for
/// each of "given".
void ProfileWalk::shape_beside(const Node& node, const Node& beside, const TypePlan& type,
                               const Frame& frame) {
  if (quiet_ && type.of_resource) return;  // judged once, against FHIR itself
  const std::string name(beside.name());
  if (!node.is_array() && !beside.is_object()) {
    error(frame, "json", "", name + " must be a JSON object",
          name + "はJSONのオブジェクトでなければなりません");
  }
  if (!node.is_array() || !beside.is_array()) return;
  if (beside.empty()) error(frame, "empty", "", name + " is an empty array", name + "は空の配列です");
  if (node.size() == beside.size()) return;
  error(frame, "json", "", name + " and " + std::string(node.name()) + " differ in length",
        name + "と" + std::string(node.name()) + "の長さが異なります");
}

void ProfileWalk::crowded_choice(const MemberPlan& member, const Frame& frame) {
  const std::string name(member.stem());
  error(frame, "max", "", name + "[x]: one type alone is allowed", name + "[x]の型は1つだけです");
}

}  // namespace fhir_mapper
