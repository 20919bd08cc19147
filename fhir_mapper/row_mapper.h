#pragma once
// One row of a document to one FHIR resource, by the rules of a mapping.

#include "fhir_mapper/fhir_node.h"
#include "fhir_mapper/mapping.h"

#include <optional>
#include <string>
#include <vector>

namespace fhir_mapper {

/// One element of the output with the rule and the place it came from, for `map --explain`.
struct Explanation {
  std::string element;  // "code.coding[1].code"
  std::string value;    // as it stands in the output
  std::string rule;     // "condition.xml:12"
  std::string source;   // "PRB[1]-3.1", "$department", "constant"
  std::string table;    // "gender.tsv:4"; empty: none
};

/// A code of the storage that a rule looked up and no table knows: for the list of codes to do.
struct MissingCode {
  std::string table;   // "departments", or a chain "local-lab shared-lab-items": the one that did not know it
  std::string system;  // as the storage names it; empty: it does not
  std::string code;
  std::string rule;  // that wanted it: "condition.xml:12"
  ssmix2::Place place;
  bool holds = false;  // the unit waits for it
};

struct MappedRow {
  Node resource;
  std::vector<ssmix2::Failure> holds;     // any: the report unit cannot be sent
  std::vector<ssmix2::Failure> warnings;  // values that could not be used and were left out
  std::vector<MissingCode> missing_codes;
  std::vector<Explanation> explanations;  // only when asked for
};

/// What of the surroundings conversions need.
struct MappingContext {
  std::string zone;  // "+09:00", for times
  bool explain = false;
};

MappedRow map_row(const ResourceRule& rule, const ssmix2::Row& row, const Variables& variables,
                  const MappingContext& context);

bool holds(const Condition& condition, const Scope& scope);

/// A code that `condition` compares and of which a character could not be read: whether it holds, nobody
/// knows.
std::optional<ssmix2::Failure> find_unreadable(const Condition& condition, const Scope& scope);

}  // namespace fhir_mapper
