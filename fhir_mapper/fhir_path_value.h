#pragma once
// One item of a collection while an expression is evaluated: an element of the tree, or a value that the
// expression states or makes. Copied a lot, so it owns nothing: texts are the tree's, the plan's or the
// evaluation's.

#include "fhir_mapper/fhir_node.h"
#include "fhir_mapper/fhir_path_number.h"
#include "fhir_mapper/fhir_type.h"

#include <cstdint>
#include <string_view>

namespace fhir_mapper {

struct FhirPathValue {
  enum class Kind : std::uint8_t { element, boolean, number, text, date, time, quantity };

  Kind kind = Kind::element;
  bool truth = false;
  /// An element without a value: `node` is what JSON keeps beside it (_birthDate).
  bool is_bare = false;
  FhirType type = FhirType::unknown;  // of an element; "Resource" where its resourceType says which
  const Node* node = nullptr;         // of an element
  const Node* owner = nullptr;        // the object in which an element stands under its name; may be null
  std::string_view text;              // of a text, date or time; of a quantity its unit
  FhirPathNumber number;

  static FhirPathValue of(bool truth) {
    FhirPathValue value;
    value.kind = Kind::boolean;
    value.truth = truth;
    return value;
  }
  static FhirPathValue of(FhirPathNumber number) {
    FhirPathValue value;
    value.kind = Kind::number;
    value.number = number;
    return value;
  }
  static FhirPathValue of(std::string_view text, Kind kind = Kind::text) {
    FhirPathValue value;
    value.kind = kind;
    value.text = text;
    return value;
  }
  static FhirPathValue of(const Node& node, FhirType type, const Node* owner) {
    FhirPathValue value;
    value.node = &node;
    value.type = type;
    value.owner = owner;
    return value;
  }
};

}  // namespace fhir_mapper
