#pragma once
// One row of a document to one FHIR resource, by the rules of a mapping.

#include "fhir_mapper/fhir_tree.h"
#include "fhir_mapper/row_scope.h"
#include "fhir_mapper/trace.h"

#include <string>
#include <vector>

namespace fhir_mapper {

/// A code of the storage that a rule looked up and no table knows: for the list of codes to do.
struct MissingCode {
  std::string table;   // "departments"; of a chain the first: a code that none knows belongs there
  std::string system;  // as the storage names it; empty: it does not
  std::string code;
  std::string rule;  // that wanted it: "condition/code.coding/code (condition.xml:12)"
  ssmix2::Place place;
  bool holds = false;  // the unit waits for it
};

struct MappedRow {
  Node* resource = nullptr;               // of the tree, and nowhere in it yet; never null
  std::vector<ssmix2::Failure> holds;     // any: the report unit cannot be sent
  std::vector<ssmix2::Failure> warnings;  // values that could not be used and were left out
  std::vector<MissingCode> missing_codes;
  Trace trace;  // only when asked for
};

/// What of the surroundings conversions need.
struct MappingContext {
  std::string zone;  // "+09:00", for times
  bool trace = false;
  bool may_be_unreadable = true;  // whether a character of the document could not be read
};

MappedRow map_row(const ResourceRule& rule, const RowScope& scope, const MappingContext& context, Tree& tree);

}  // namespace fhir_mapper
