#pragma once
// What a <value> says: its attributes, each by itself and beside the others.

#include "fhir_mapper/rule_attributes.h"

namespace fhir_mapper {

/// Every attribute that a <value> may have.
std::span<const std::string_view> value_attributes();

/// The rule, but for its identity. Every mistake was told. What is converted already is put into `constants`,
/// which must outlive the rule.
Rule value_rule(const RuleAttributes& attributes, Tree& constants);

}  // namespace fhir_mapper
