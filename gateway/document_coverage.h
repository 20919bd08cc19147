#pragma once
// What became of every value of one document, kept beyond the life of its message: for `coverage`. The rules
// and reasons belong to the mapping, which must outlive it.

#include "fhir_mapper/unit_mapper.h"
#include "gateway/document_table.h"
#include "gateway/json_line.h"
#include "ssmix2/document_name.h"

#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// Where values of one kind stand in any document: without occurrence and repetition, no deeper than the
/// component.
struct ValuePosition {
  std::string segment;  // "PRB"; "?" when it is no segment's name
  std::size_t field = 0;
  std::size_t component = 1;

  friend auto operator<=>(const ValuePosition&, const ValuePosition&) = default;
};

struct CoveredValue {
  ValuePosition position;
  std::string place;  // "PRB[2]-3.1"
  std::string text;   // patient data
  fhir_mapper::Fate fate = fhir_mapper::Fate::unmapped;
  const fhir_mapper::RuleIdentity* rule = nullptr;  // null: no rule decided
  std::string_view reason = {};
  std::string element = {};
};

struct DocumentCoverage {
  DocumentRef document;
  ssmix2::DataType type = ssmix2::DataType::ADT_00;
  std::vector<CoveredValue> values;  // in the order of the message

  /// The same document, mapped for something else as well: of each value the fate that counts more.
  void merge(DocumentCoverage other);
};

/// "rule", "place" and "site" of it, and "reason"; null: there is none.
void add_rule(JsonLine& line, const fhir_mapper::RuleIdentity* rule, std::string_view reason);

DocumentCoverage coverage_of(const DocumentRef& document,
                             const fhir_mapper::UnitOutcome::DocumentAccount& of);

}  // namespace gateway
