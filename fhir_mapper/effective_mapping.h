#pragma once
// The mapping in force, for people: the shipped rules with the site's changes made, as one mapping file that
// compiles to the same plan. A comment behind each element says where it comes from; comments of the files
// stay, and one stands where a rule was removed.

#include "fhir_mapper/rule_files.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class EffectiveMapping {
 public:
  /// Files that load_mapping took.
  explicit EffectiveMapping(const std::vector<ConfigFile>& files);
  EffectiveMapping(const EffectiveMapping&) = delete;
  EffectiveMapping& operator=(const EffectiveMapping&) = delete;

  std::string text() const;
  /// Ids of the resources, in their order.
  std::vector<std::string_view> resources() const;
  /// The <resource> of that id, with the templates that it uses and those that these use.
  std::string text_of_resource(std::string_view id) const;

 private:
  /// Addresses of resources and templates.
  using Names = std::set<std::string, std::less<>>;
  void add_used_templates(const RuleElement& element, Names& names) const;

  ConfigErrors errors_;  // of files that load_mapping took there are none
  RuleFiles files_;
};

/// As a comment may hold it: no two - in a row, and none at its end.
std::string comment_text(std::string_view text);

}  // namespace fhir_mapper
