#pragma once
// A site's changes of the shipped rules: <overlay> files, each of which names the rules it changes by their
// address.

#include "fhir_mapper/rule_tree.h"

namespace fhir_mapper {

/// Carries out <replace>, <remove> and <add> of the file, in their order. What names no rule, or several, is
/// a mistake and changes nothing.
void apply_overlay(const MappingFile& overlay, RuleTree& tree);

}  // namespace fhir_mapper
