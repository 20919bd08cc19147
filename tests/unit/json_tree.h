#pragma once
// JSON to a tree, so that tests can write resources as they read. "<time>" stands for the snapshot's time and
// "<url 3>" for the URL of entry 3, as json_of() prints them.

#include "fhir_mapper/json_reader.h"

#include <charconv>
#include <string_view>

namespace fhir_mapper::test {

inline Node& with_open_places(const Node& node, Tree& tree);

inline void copy_members(const Node& from, Node& to, Tree& tree) {
  for (const Node& child : from) {
    Node& copy = with_open_places(child, tree);
    if (to.is_array()) {
      tree.append(to, copy);
    } else {
      tree.append(to, LastingText::vouched(tree.keep(child.name())), copy);
    }
  }
}

inline Node& with_open_places(const Node& node, Tree& tree) {
  if (node.is_object() || node.is_array()) {
    Node& copy = node.is_object() ? tree.object() : tree.array();
    copy_members(node, copy, tree);
    return copy;
  }
  const std::string_view written = node.written();
  switch (node.kind()) {
    case Node::Kind::decimal:
      return tree.leaf(tree.number(written));
    case Node::Kind::boolean:
      return tree.leaf(Leaf(written == "true"));
    case Node::Kind::null:
      return tree.leaf(Leaf(nullptr));
    default:
      break;
  }
  if (written == "<time>") return tree.leaf(Leaf(SnapshotTime{}));
  if (!written.starts_with("<url ")) return tree.leaf(tree.text(written));
  std::uint32_t entry = 0;
  std::from_chars(written.data() + 5, written.data() + written.size(), entry);
  return tree.leaf(Leaf(EntryUrl{entry}));
}

/// The root is the object that `json` is.
inline Tree tree_of(std::string_view json) {
  const auto document = read_json(json);
  Tree tree;
  copy_members(document.value().tree.root(), tree.root(), tree);  // throws when the test's JSON is wrong
  return tree;
}

}  // namespace fhir_mapper::test
