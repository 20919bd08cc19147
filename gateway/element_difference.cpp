#include "gateway/element_difference.h"

#include <algorithm>
#include <map>

namespace gateway {
namespace {

using fhir_mapper::Node;
using Leaves = std::map<std::string, std::string>;  // element -> value

/// A resource of a snapshot, flat, with the rule of each element that has one.
struct FlatResource {
  std::string type;
  std::string identity;
  Leaves leaves;
  std::map<std::string, std::string> rules;

  std::string rule_of(const std::string& element) const {
    const auto found = rules.find(element);
    return found == rules.end() ? std::string() : found->second;
  }
};

std::string text_of(const Node* node) {
  const auto text = node == nullptr ? std::nullopt : node->text();
  return std::string(text.value_or(""));
}

const Node::Array* array_of(const Node* node) {
  return node == nullptr ? nullptr : std::get_if<Node::Array>(&node->value());
}

/// Entries as they follow each other in the Bundle, to say what a reference means.
class Flattening {
 public:
  explicit Flattening(const Node::Array& entries) : entries_(entries) {}

  FlatResource flat(const Node& resource) const {
    FlatResource flat;
    flat.type = text_of(resource.find("resourceType"));
    const auto* identifiers = array_of(resource.find("identifier"));
    const bool has_identifier = identifiers != nullptr && !identifiers->empty();
    // There is one patient, whatever the number is.
    if (flat.type != "Patient" && has_identifier) flat.identity = text_of(identifiers->front().find("value"));
    add(resource, "", flat.leaves);
    return flat;
  }

 private:
  void add(const Node& node, const std::string& path, Leaves& leaves) const {
    if (const auto* object = std::get_if<Node::Object>(&node.value())) {
      for (const auto& member : *object) {
        if (path.empty() && member.first == "entry") continue;  // of a Bundle: by themselves
        add(member.second, (path.empty() ? "" : path + ".") + std::string(member.first), leaves);
      }
    } else if (const auto* array = std::get_if<Node::Array>(&node.value())) {
      for (std::size_t i = 0; i < array->size(); ++i) {
        add((*array)[i], path + "[" + std::to_string(i) + "]", leaves);
      }
    } else if (const auto text = node.text()) {
      leaves[path] = std::string(*text);
    } else if (const auto* decimal = std::get_if<fhir_mapper::Decimal>(&node.value())) {
      leaves[path] = decimal->text();
    } else if (const auto* boolean = std::get_if<bool>(&node.value())) {
      leaves[path] = *boolean ? "true" : "false";
    } else if (const auto* url = std::get_if<fhir_mapper::EntryUrl>(&node.value())) {
      const Node* target = url->index < entries_.size() ? entries_[url->index].find("resource") : nullptr;
      leaves[path] = "-> " + (target == nullptr ? "?" : text_of(target->find("resourceType")));
    }
  }

  const Node::Array& entries_;
};

/// First the Bundle around them, then the entries.
std::vector<FlatResource> flat_resources(const Snapshot& snapshot) {
  std::vector<FlatResource> resources;
  if (!snapshot.bundle) return resources;
  static const Node::Array kNone;
  const auto* entries = array_of(snapshot.bundle->find("entry"));
  const Flattening flattening(entries == nullptr ? kNone : *entries);
  resources.push_back(flattening.flat(*snapshot.bundle));
  for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
    const Node* resource = (*entries)[i].find("resource");
    if (resource == nullptr) continue;
    resources.push_back(flattening.flat(*resource));
    if (i >= snapshot.explanations.size()) continue;
    for (const auto& element : snapshot.explanations[i].elements) {
      resources.back().rules[element.element] = element.rule;
    }
  }
  return resources;
}

void compare(const FlatResource& before, const FlatResource& now, std::vector<ElementDifference>& out) {
  std::map<std::string, ElementDifference> by_element;
  for (const auto& [element, value] : before.leaves) {
    auto& difference = by_element[element];
    difference.before = value;
    difference.rule_before = before.rule_of(element);
  }
  for (const auto& [element, value] : now.leaves) {
    auto& difference = by_element[element];
    difference.now = value;
    difference.rule = now.rule_of(element);
  }
  for (auto& [element, difference] : by_element) {
    if (difference.before == difference.now) continue;
    difference.resource = now.type;
    difference.element = element;
    out.push_back(std::move(difference));
  }
}

ElementDifference whole(const FlatResource& resource) {
  ElementDifference difference;
  difference.resource = resource.type;
  return difference;
}

}  // namespace

std::vector<ElementDifference> differences(const Snapshot& before, const Snapshot& now) {
  std::vector<ElementDifference> out;
  std::vector<FlatResource> gone = flat_resources(before);
  std::vector<FlatResource> fresh;
  for (FlatResource& resource : flat_resources(now)) {
    const auto same = std::find_if(gone.begin(), gone.end(), [&resource](const FlatResource& each) {
      return each.type == resource.type && each.identity == resource.identity;
    });
    if (same == gone.end()) {
      fresh.push_back(std::move(resource));
      continue;
    }
    compare(*same, resource, out);
    gone.erase(same);
  }
  // As many as there were: it is the identifiers that changed, not the rows.
  if (gone.size() == fresh.size()) {
    for (std::size_t i = 0; i < gone.size(); ++i) compare(gone[i], fresh[i], out);
    return out;
  }
  for (const FlatResource& resource : gone) {
    out.push_back(whole(resource));
    out.back().before = resource.identity;
  }
  for (const FlatResource& resource : fresh) {
    out.push_back(whole(resource));
    out.back().now = resource.identity;
  }
  return out;
}

}  // namespace gateway
