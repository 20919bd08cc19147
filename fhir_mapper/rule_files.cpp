#include "fhir_mapper/rule_files.h"

#include "fhir_mapper/overlay.h"

namespace fhir_mapper {
namespace {

std::string_view check_root(const MappingFile& file) {
  const pugi::xml_node root = file.root();
  if (!root) return "";  // its XML was refused
  const std::string_view name = root.name();
  const bool known = name == "mapping" || (name == "overlay" && file.whose() == ConfigOrigin::site);
  if (!known || root.attribute("xmlns").value() != kMappingNamespace) {
    file.error(root, "the root element must be <mapping xmlns=\"" + std::string(kMappingNamespace) + "\">" +
                         (file.whose() == ConfigOrigin::site ? " or <overlay> with that xmlns" : ""));
  }
  for (const pugi::xml_attribute attribute : root.attributes()) {
    if (std::string_view(attribute.name()) == "xmlns") continue;
    file.error(root, "unknown attribute \"" + std::string(attribute.name()) + "\" of <" + root.name() +
                         ">; there is: xmlns");
  }
  return known ? name : "";
}

void read_mapping(const MappingFile& file, RuleTree& tree) {
  for (RuleElement& element : read_element(file, file.root()).children) {
    tree.elements.push_back(std::move(element));
  }
}

/// Also of what an overlay put there.
void check_stands_alone(const RuleElement& element) {
  if (element.kind() == "resource" || element.kind() == "template") return;
  element.error("unknown element <" + std::string(element.kind()) +
                ">; <resource> or <template> may stand here");
}

}  // namespace

RuleFiles::RuleFiles(const std::vector<ConfigFile>& files, ConfigErrors& errors) {
  for (const ConfigFile& file : files) files_.push_back(std::make_unique<MappingFile>(file, errors));
  for (const auto& file : files_) {
    if (check_root(*file) == "mapping") read_mapping(*file, tree_);
  }
  for (const auto& file : files_) {
    if (file->root() && std::string_view(file->root().name()) == "overlay") apply_overlay(*file, tree_);
  }
  for (const RuleElement& element : tree_.elements) check_stands_alone(element);
}

}  // namespace fhir_mapper
