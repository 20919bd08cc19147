#include "fhir_mapper/fhir_node.h"

namespace fhir_mapper {

std::optional<std::string_view> Node::text() const {
  if (kind_ != Kind::text) return std::nullopt;
  return text_;
}

const Node* Node::at(std::size_t index) const {
  const Node* node = first_;
  while (node != nullptr && index-- > 0) node = node->next_;
  return node;
}

std::size_t Node::size() const {
  std::size_t count = 0;
  for (const Node* node = first_; node != nullptr; node = node->next_) ++count;
  return count;
}

}  // namespace fhir_mapper
