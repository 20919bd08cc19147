#include "fhir_mapper/fhir_tree.h"

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace fhir_mapper {

Tree::Tree() : root_(&object()) {}

Tree::Tree(Tree&& other) noexcept
    : memory_(std::move(other.memory_)), root_(std::exchange(other.root_, nullptr)) {}

Tree& Tree::operator=(Tree&& other) noexcept {
  memory_ = std::move(other.memory_);
  root_ = std::exchange(other.root_, nullptr);
  return *this;
}

Node& Tree::make(Node::Kind kind) {
  static_assert(std::is_trivially_destructible_v<Node>, "nodes are freed without being destroyed");
  return *new (memory_.allocate(sizeof(Node), alignof(Node))) Node(kind);
}

Node& Tree::leaf(const Leaf& leaf) {
  Node& node = make(leaf.kind_);
  node.text_ = leaf.text_;
  node.entry_ = leaf.entry_;
  return node;
}

std::string_view Tree::keep(std::string_view text) {
  if (text.empty()) return {};
  char* const copy = static_cast<char*>(memory_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

Node* Tree::find(Node& object, std::string_view name) {
  return const_cast<Node*>(std::as_const(object).find(name));
}

void Tree::link(Node& parent, Node& child) {
  (parent.last_ == nullptr ? parent.first_ : parent.last_->next_) = &child;
  parent.last_ = &child;
}

Node& Tree::member(Node& object, LastingText name, Node::Kind kind) {
  if (Node* existing = find(object, name.text())) return *existing;
  Node& fresh = make(kind);
  fresh.name_ = name.text();
  link(object, fresh);
  return fresh;
}

bool Tree::set(Node& object, LastingText name, Node& value) {
  Node* const existing = find(object, name.text());
  if (existing == nullptr) {
    value.name_ = name.text();
    link(object, value);
    return false;
  }
  if (existing->is_object() && value.is_object()) {
    bool replaced = false;
    for (Node* next = value.first_; next != nullptr;) {
      Node& moved = *next;
      next = moved.next_;
      moved.next_ = nullptr;
      replaced = set(*existing, LastingText::vouched(moved.name_), moved) || replaced;
    }
    return replaced;
  }
  if (existing->is_array() && value.is_array()) {
    if (value.empty()) return false;
    (existing->last_ == nullptr ? existing->first_ : existing->last_->next_) = value.first_;
    existing->last_ = value.last_;
    return false;
  }
  existing->kind_ = value.kind_;
  existing->entry_ = value.entry_;
  existing->text_ = value.text_;
  existing->first_ = value.first_;
  existing->last_ = value.last_;
  return true;
}

void Tree::append(Node& array, Node& item) {
  link(array, item);
}

void Tree::append(Node& object, LastingText name, Node& member) {
  member.name_ = name.text();
  link(object, member);
}

}  // namespace fhir_mapper
