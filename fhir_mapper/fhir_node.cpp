#include "fhir_mapper/fhir_node.h"

namespace fhir_mapper {

const Node* Node::find(std::string_view name) const {
  const auto* members = std::get_if<Object>(&value_);
  if (members == nullptr) return nullptr;
  for (const auto& [key, node] : *members) {
    if (key == name) return &node;
  }
  return nullptr;
}

Node* Node::find(std::string_view name) {
  return const_cast<Node*>(std::as_const(*this).find(name));
}

Node& Node::member(std::string_view name) {
  if (Node* existing = find(name)) return *existing;
  return object().emplace_back(name, Node()).second;
}

Node& Node::member(std::string_view name, Node fresh) {
  if (Node* existing = find(name)) return *existing;
  return object().emplace_back(name, std::move(fresh)).second;
}

std::optional<std::string_view> Node::text() const {
  if (const auto* own = std::get_if<std::string>(&value_)) return *own;
  if (const auto* constant = std::get_if<ConstantText>(&value_)) return constant->text;
  return std::nullopt;
}

bool Node::empty() const {
  if (const auto* members = std::get_if<Object>(&value_)) return members->empty();
  if (const auto* items = std::get_if<Array>(&value_)) return items->empty();
  return false;
}

}  // namespace fhir_mapper
