#pragma once
// The tree of a FHIR resource: ordered, so that the same input gives the same bytes, with decimals as text
// and with places that are filled in when a snapshot is sent.
//
// Names of elements and the constants of a mapping are most of a resource. They are not copied: a tree points
// into the mapping it was made with (or at literals) and must not outlive it.

#include "fhir_mapper/decimal.h"

#include <cstddef>
#include <optional>
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

/// Text that outlives the tree.
struct ConstantText {
  std::string_view text;
  friend bool operator==(const ConstantText&, const ConstantText&) = default;
};

class Node {
 public:
  using Member = std::pair<std::string_view, Node>;  // the name outlives the tree
  using Object = std::vector<Member>;
  using Array = std::vector<Node>;
  using Value = std::variant<Object, Array, std::string, ConstantText, Decimal, bool, SnapshotTime, EntryUrl>;

  Node() : value_(Object{}) {}
  Node(Value value) : value_(std::move(value)) {}
  Node(const char* text) : value_(std::string(text)) {}
  /// `text` outlives the tree.
  static Node constant(std::string_view text) { return Node(Value(ConstantText{text})); }

  const Value& value() const { return value_; }

  bool is_object() const { return std::holds_alternative<Object>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }

  /// Nothing when this is no text.
  std::optional<std::string_view> text() const;

  /// Member of an object; null when there is none or this is no object.
  const Node* find(std::string_view name) const;
  Node* find(std::string_view name);
  /// The member, made as an empty object (or with `fresh`) when it is not there. `name` outlives the tree.
  Node& member(std::string_view name);
  Node& member(std::string_view name, Node fresh);

  bool empty() const;

 private:
  Value value_;
};

}  // namespace fhir_mapper
