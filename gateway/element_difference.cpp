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

/// Entries as they follow each other in the Bundle, to say what a reference means.
class Flattening {
 public:
  explicit Flattening(const Node* entries) : entries_(entries) {}

  FlatResource flat(const Node& resource) const {
    FlatResource flat;
    flat.type = text_of(resource.find("resourceType"));
    const Node* identifiers = resource.find("identifier");
    const Node* identifier = identifiers == nullptr ? nullptr : identifiers->at(0);
    // There is one patient, whatever the number is.
    if (flat.type != "Patient" && identifier != nullptr) flat.identity = text_of(identifier->find("value"));
    add(resource, "", flat.leaves);
    return flat;
  }

 private:
  void add(const Node& node, const std::string& path, Leaves& leaves) const {
    std::size_t index = 0;
    switch (node.kind()) {
      case Node::Kind::object:
        for (const Node& member : node) {
          if (path.empty() && member.name() == "entry") continue;  // of a Bundle: by themselves
          add(member, (path.empty() ? path : path + ".") + std::string(member.name()), leaves);
        }
        return;
      case Node::Kind::array:
        for (const Node& item : node) add(item, path + "[" + std::to_string(index++) + "]", leaves);
        return;
      case Node::Kind::text:
      case Node::Kind::decimal:
      case Node::Kind::boolean:
      case Node::Kind::null:
        leaves[path] = node.written();
        return;
      case Node::Kind::entry_url:
        leaves[path] = "-> " + type_of_entry(node.entry_index());
        return;
      case Node::Kind::snapshot_time:
        return;
    }
  }

  std::string type_of_entry(std::size_t index) const {
    const Node* entry = entries_ == nullptr ? nullptr : entries_->at(index);
    const Node* resource = entry == nullptr ? nullptr : entry->find("resource");
    return resource == nullptr ? "?" : text_of(resource->find("resourceType"));
  }

  const Node* entries_;
};

/// First the Bundle around them, then the entries.
std::vector<FlatResource> flat_resources(const Snapshot& snapshot) {
  std::vector<FlatResource> resources;
  if (!snapshot.bundle) return resources;
  const Node* entries = snapshot.bundle->root().find("entry");
  const Flattening flattening(entries);
  resources.push_back(flattening.flat(snapshot.bundle->root()));
  if (entries == nullptr) return resources;
  std::size_t number = 0;
  for (const Node& entry : *entries) {
    const std::size_t i = number++;
    const Node* resource = entry.find("resource");
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
