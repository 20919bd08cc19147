#pragma once
// The tree of a FHIR resource: ordered, so that the same input gives the same bytes, with decimals as text
// and with places that are filled in when a snapshot is sent.

#include "fhir_mapper/decimal.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fhir_mapper {

/// The time of the snapshot (Bundle.timestamp, meta.lastUpdated of the Bundle).
struct SnapshotTime {
  friend bool operator==(const SnapshotTime&, const SnapshotTime&) = default;
};

/// The fullUrl of entry `index`, or a reference to it. The platform wants a new UUID at every sending.
struct EntryUrl {
  std::size_t index = 0;
  friend bool operator==(const EntryUrl&, const EntryUrl&) = default;
};

class Node {
 public:
  using Member = std::pair<std::string, Node>;
  using Object = std::vector<Member>;
  using Array = std::vector<Node>;
  using Value = std::variant<Object, Array, std::string, Decimal, bool, SnapshotTime, EntryUrl>;

  Node() : value_(Object{}) {}
  Node(Value value) : value_(std::move(value)) {}
  Node(const char* text) : value_(std::string(text)) {}

  const Value& value() const { return value_; }

  bool is_object() const { return std::holds_alternative<Object>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }

  /// Member of an object; null when there is none or this is no object.
  const Node* find(std::string_view name) const;
  Node* find(std::string_view name);
  /// The member, made as an empty object (or with `fresh`) when it is not there.
  Node& member(std::string_view name, Node fresh = {});

  bool empty() const;

 private:
  Value value_;
};

}  // namespace fhir_mapper
