#pragma once
// The rules of all mapping files together, the site's changes made: what is compiled, and what is shown.

#include "fhir_mapper/rule_tree.h"

#include <memory>
#include <string_view>
#include <vector>

namespace fhir_mapper {

constexpr std::string_view kMappingNamespace = "urn:kakehashi:mapping:1";

class RuleFiles {
 public:
  /// `errors` gets every mistake, also those found later; it must outlive the files.
  RuleFiles(const std::vector<ConfigFile>& files, ConfigErrors& errors);

  const std::vector<std::unique_ptr<MappingFile>>& files() const { return files_; }
  /// Points into the files.
  const RuleTree& tree() const { return tree_; }

 private:
  std::vector<std::unique_ptr<MappingFile>> files_;
  RuleTree tree_;
};

}  // namespace fhir_mapper
