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
  std::string_view text;              // of a text, date or time; of a quantity its unit
  const Node* owner = nullptr;        // the object in which an element stands under its name; may be null
  FhirPathNumber number;

  FhirPathValue() = default;
  /// Of an element what an element has, member by member; therefore `node` and `owner` stand apart. Most
  /// items are copied right after they were made, and a processor waits where it reads in one what it wrote
  /// in parts.
  FhirPathValue(const FhirPathValue& other) { *this = other; }
  FhirPathValue& operator=(const FhirPathValue& other) {
    kind = other.kind;
    is_bare = other.is_bare;
    type = other.type;
    node = other.node;
    owner = other.owner;
    if (kind == Kind::element) return *this;
    truth = other.truth;
    text = other.text;
    number = other.number;
    return *this;
  }

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
