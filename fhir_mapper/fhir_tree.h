#pragma once
// Owns the nodes of resources while they are made, and their texts. They are many small pieces with one life:
// they lie side by side and are freed at once. A tree points into the mapping it was made with and must not
// outlive it. One thread at a time.

#include "fhir_mapper/arena.h"
#include "fhir_mapper/decimal.h"
#include "fhir_mapper/fhir_node.h"

#include <string_view>

namespace fhir_mapper {

class Tree {
 public:
  Tree();
  Tree(Tree&& other) noexcept;  // which has no root afterwards
  Tree& operator=(Tree&& other) noexcept;

  const Node& root() const { return *root_; }
  /// An object.
  Node& root() { return *root_; }

  /// Nodes that stand nowhere yet.
  Node& object() { return make(Node::Kind::object); }
  Node& array() { return make(Node::Kind::array); }
  Node& leaf(const Leaf& leaf);

  /// A copy that lives as long as the tree.
  std::string_view keep(std::string_view text);
  Leaf text(std::string_view text) { return {Node::Kind::text, keep(text)}; }
  Leaf decimal(const Decimal& decimal) { return {Node::Kind::decimal, keep(decimal.text())}; }
  /// What JSON has for a number, with its own digits.
  Leaf number(std::string_view json) { return {Node::Kind::decimal, keep(json)}; }

  /// The member of that name; a new one when there is none.
  Node& object_at(Node& object, LastingText name) { return member(object, name, Node::Kind::object); }
  Node& array_at(Node& object, LastingText name) { return member(object, name, Node::Kind::array); }
  /// `value` stood nowhere. What was there under that name is replaced, but an object adds its members to an
  /// object and an array its items to an array. Whether anything was replaced.
  bool set(Node& object, LastingText name, Node& value);
  bool set(Node& object, LastingText name, const Leaf& value) { return set(object, name, leaf(value)); }
  /// `item` stood nowhere.
  void append(Node& array, Node& item);
  /// The same with a member whose name the caller knows to be new, as a reader of objects of any size does.
  void append(Node& object, LastingText name, Node& member);

 private:
  Node& make(Node::Kind kind);
  Node& member(Node& object, LastingText name, Node::Kind kind);
  static Node* find(Node& object, std::string_view name);
  static void link(Node& parent, Node& child);

  Arena memory_;
  Node* root_;
};

}  // namespace fhir_mapper
