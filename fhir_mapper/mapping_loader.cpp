#include "fhir_mapper/mapping_loader.h"

#include "fhir_mapper/overlay.h"
#include "fhir_mapper/rule_compiler.h"

#include <set>
#include <utility>

namespace fhir_mapper {
namespace {

constexpr std::string_view kNamespace = "urn:kakehashi:mapping:1";
constexpr std::size_t kMostErrorsTold = 500;

/// A template is compiled at every place that uses it; its mistakes count once.
ConfigErrors told_once(const ConfigErrors& errors) {
  std::set<std::pair<std::string_view, std::string_view>> known;
  ConfigErrors told;
  for (const ConfigError& error : errors) {
    if (known.emplace(error.place, error.message).second && known.size() <= kMostErrorsTold) {
      told.push_back(error);
    }
  }
  if (known.size() > kMostErrorsTold) {
    told.push_back({"mapping", "and " + std::to_string(known.size() - kMostErrorsTold) +
                                   " more mistakes; correct the first ones and look again"});
  }
  return told;
}

}  // namespace

/// Compiles one set of files; used once.
class MappingBuilder {
 public:
  boost::system::result<std::shared_ptr<const Mapping>, ConfigErrors> build(
      const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables) {
    auto mapping = std::make_shared<Mapping>();
    mapping->tables_ = std::make_shared<CodeTables>(load_code_tables(tables, errors_));
    for (const ConfigFile& file : mappings) {
      files_.push_back(std::make_unique<MappingFile>(file, errors_));
    }
    RuleTree tree = read_tree();
    RuleCompiler compiler(tree, *mapping->tables_, mapping->rules_, mapping->constants_);
    for (const RuleElement& element : tree.elements) {
      if (element.kind() == "resource") add(element, compiler, mapping->resources_);
    }
    if (!errors_.empty()) return told_once(errors_);
    return std::shared_ptr<const Mapping>(std::move(mapping));
  }

 private:
  /// What the files say together, the site's changes made.
  RuleTree read_tree() {
    RuleTree tree;
    for (const auto& file : files_) {
      if (check_root(*file) == "mapping") read_mapping(*file, tree);
    }
    for (const auto& file : files_) {
      if (file->root() && std::string_view(file->root().name()) == "overlay") apply_overlay(*file, tree);
    }
    for (const RuleElement& element : tree.elements) check_stands_alone(element);
    return tree;
  }

  static std::string_view check_root(const MappingFile& file) {
    const pugi::xml_node root = file.root();
    if (!root) return "";  // its XML was refused
    const std::string_view name = root.name();
    const bool known = name == "mapping" || (name == "overlay" && file.whose() == ConfigOrigin::site);
    if (!known || root.attribute("xmlns").value() != kNamespace) {
      file.error(root, "the root element must be <mapping xmlns=\"" + std::string(kNamespace) + "\">" +
                           (file.whose() == ConfigOrigin::site ? " or <overlay> with that xmlns" : ""));
    }
    for (const pugi::xml_attribute attribute : root.attributes()) {
      if (std::string_view(attribute.name()) == "xmlns") continue;
      file.error(root, "unknown attribute \"" + std::string(attribute.name()) + "\" of <" + root.name() +
                           ">; there is: xmlns");
    }
    return known ? name : "";
  }

  static void read_mapping(const MappingFile& file, RuleTree& tree) {
    for (RuleElement& element : read_element(file, file.root()).children) {
      tree.elements.push_back(std::move(element));
    }
  }

  /// Also of what an overlay put there.
  static void check_stands_alone(const RuleElement& element) {
    if (element.kind() == "resource" || element.kind() == "template") return;
    element.error("unknown element <" + std::string(element.kind()) +
                  ">; <resource> or <template> may stand here");
  }

  void add(const RuleElement& element, RuleCompiler& compiler, std::vector<ResourceRule>& resources) {
    const std::size_t errors_before = errors_.size();
    ResourceRule resource = compiler.compile_resource(element);
    if (errors_.size() != errors_before) return;
    for (const MissingElement& missing : find_missing_elements(resource.rules, resource.type)) {
      if (missing.rule == nullptr) {
        element.error(missing.message);
      } else {
        element.file->error_at(missing.rule->origin, missing.message);
      }
    }
    for (const ResourceRule& other : resources) {
      const bool same = other.type == resource.type && other.document == resource.document;
      if (!same && other.id != resource.id) continue;
      element.error(same ? "there is a <resource> for " + resource.type + " of " +
                               std::string(ssmix2::info(resource.document).name) + " already, in " +
                               other.identity->origin.text() + "; an <overlay> changes its rules"
                         : "there is a <resource id=\"" + resource.id + "\"> already, in " +
                               other.identity->origin.text());
    }
    resources.push_back(std::move(resource));
  }

  ConfigErrors errors_;
  std::vector<std::unique_ptr<MappingFile>> files_;
};

boost::system::result<std::shared_ptr<const Mapping>, ConfigErrors> load_mapping(
    const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables) {
  return MappingBuilder().build(mappings, tables);
}

}  // namespace fhir_mapper
