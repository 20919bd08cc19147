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

Node& Node::member(std::string_view name, Node fresh) {
  if (Node* existing = find(name)) return *existing;
  return object().emplace_back(std::string(name), std::move(fresh)).second;
}

bool Node::empty() const {
  if (const auto* members = std::get_if<Object>(&value_)) return members->empty();
  if (const auto* items = std::get_if<Array>(&value_)) return items->empty();
  return false;
}

}  // namespace fhir_mapper
