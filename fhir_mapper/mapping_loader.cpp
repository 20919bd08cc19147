#include "fhir_mapper/mapping_loader.h"

#include "fhir_mapper/rule_compiler.h"
#include "fhir_mapper/rule_files.h"

#include <set>
#include <utility>

namespace fhir_mapper {
namespace {

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
    const RuleFiles files(mappings, errors_);
    const RuleTree& tree = files.tree();
    RuleCompiler compiler(tree, *mapping->tables_, mapping->rules_, mapping->constants_);
    for (const RuleElement& element : tree.elements) {
      if (element.kind() == "resource") add(element, compiler, mapping->resources_);
    }
    compiler.check_unused_templates();
    if (!errors_.empty()) return told_once(errors_);
    return std::shared_ptr<const Mapping>(std::move(mapping));
  }

 private:
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
};

boost::system::result<std::shared_ptr<const Mapping>, ConfigErrors> load_mapping(
    const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables) {
  return MappingBuilder().build(mappings, tables);
}

}  // namespace fhir_mapper
