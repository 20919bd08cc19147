#include "fhir_mapper/rule_tree.h"

namespace fhir_mapper {
namespace {

// FHIR is not that deep; whoever walks the tree does so by recursion.
constexpr std::size_t kDeepestElement = 50;

std::string name_of(pugi::xml_node node) {
  if (const pugi::xml_attribute id = node.attribute("id")) return id.value();
  std::string path = node.attribute("path").value();
  for (std::size_t at = path.find("[]"); at != std::string::npos; at = path.find("[]", at)) path.erase(at, 2);
  return path;
}

void find_among(std::vector<RuleElement>& siblings, std::string_view address,
                std::vector<RuleTree::Position>& found) {
  for (std::size_t i = 0; i < siblings.size(); ++i) {
    RuleElement& element = siblings[i];
    if (element.name.empty()) {
      find_among(element.children, address, found);
    } else if (address == element.name) {
      found.push_back({&siblings, i});
    } else if (address.starts_with(element.name) && address[element.name.size()] == '/') {
      find_among(element.children, address.substr(element.name.size() + 1), found);
    }
  }
}

void names_among(const std::vector<RuleElement>& siblings, const std::string& prefix,
                 std::vector<std::string>& names) {
  for (const RuleElement& element : siblings) {
    if (element.name.empty()) {
      names_among(element.children, prefix, names);
    } else {
      names.push_back(prefix + element.name);
    }
  }
}

RuleElement read_element(const MappingFile& file, pugi::xml_node node, std::size_t depth) {
  RuleElement element{&file, node, name_of(node), {}};
  if (depth == kDeepestElement) {
    if (node.first_child()) {
      file.error(node, "elements stand more than " + std::to_string(kDeepestElement) +
                           " deep in each other; is the end of one missing?");
    }
    return element;
  }
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) {
      element.children.push_back(read_element(file, child, depth + 1));
    } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      file.error(child, "only elements may stand here, no text");
    }
  }
  return element;
}

}  // namespace

RuleElement read_element(const MappingFile& file, pugi::xml_node node) {
  return read_element(file, node, 0);
}

std::vector<RuleTree::Position> RuleTree::find(std::string_view address) {
  std::vector<Position> found;
  find_among(elements, address, found);
  return found;
}

std::vector<std::string> RuleTree::addresses_near(std::string_view address) {
  for (std::size_t slash = address.rfind('/'); slash != std::string_view::npos;
       slash = slash == 0 ? std::string_view::npos : address.rfind('/', slash - 1)) {
    const std::string_view around = address.substr(0, slash);
    const auto found = find(around);
    if (found.empty()) continue;
    std::vector<std::string> names;
    names_among(found.front().element().children, std::string(around) + "/", names);
    return names;
  }
  std::vector<std::string> names;
  names_among(elements, "", names);
  return names;
}

}  // namespace fhir_mapper
