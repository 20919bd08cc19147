#pragma once
// Elements of mapping files to rules of the plan. Every mistake is told to the file it stands in.

#include "fhir_mapper/rule_attributes.h"

#include <deque>
#include <map>
#include <set>
#include <utility>

namespace fhir_mapper {

class RuleCompiler {
 public:
  /// Compiled rules point to `tables` and into `identities` and `constants`, which grow. All must outlive the
  /// compiler.
  RuleCompiler(const RuleTree& tree, const CodeTables& tables, std::deque<RuleIdentity>& identities,
               Tree& constants);

  ResourceRule compile_resource(const RuleElement& element);
  /// Of templates that nothing used: what their paths mean depends on where they stand, but elements and
  /// attributes have the same names everywhere.
  void check_unused_templates() const;

 private:
  std::vector<Rule> compile_children(const RuleElement& parent, const Surroundings& around);
  void compile_child(const RuleElement& element, const Surroundings& around, std::vector<Rule>& rules);
  void use_template(const RuleElement& element, const Surroundings& around, std::vector<Rule>& rules);
  /// Nothing: one is missing, which was told.
  std::optional<Arguments> arguments_of(const RuleElement& use, const RuleElement& used,
                                        const Surroundings& around) const;
  void compile_alternative(const RuleElement& element, const Surroundings& around, std::vector<Rule>& rules);
  Rule compile_first(const RuleElement& element, const Surroundings& around);
  Rule compile_object(const RuleElement& element, const Surroundings& around);
  Rule compile_value(const RuleElement& element, const Surroundings& around);
  void compile_selection(const RuleElement& resource, const Surroundings& around, ResourceRule& out);
  void compile_ignore(const RuleElement& element, const Surroundings& around, ResourceRule& out);

  void check_names(const RuleElement& parent) const;

  bool is_too_much(const RuleElement& element);

  const RuleIdentity* identity(const RuleElement& element, const Surroundings& around,
                               RuleIdentity::Kind kind);

  const CodeTables& tables_;
  std::deque<RuleIdentity>& identities_;
  Tree& constants_;
  std::map<std::string, const RuleElement*, std::less<>> templates_;
  std::map<pugi::xml_node_struct*, const RuleIdentity*> known_;
  std::set<std::string> open_templates_;
  std::set<const RuleElement*> used_templates_;
  std::size_t compiled_ = 0;  // elements, those of templates at every use
};

}  // namespace fhir_mapper
