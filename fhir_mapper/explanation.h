#pragma once
// What --explain tells of one element of the output.

#include "fhir_mapper/trace.h"

#include <string>
#include <vector>

namespace fhir_mapper {

struct Explanation {
  std::string element;  // "code.coding[1].code"
  std::string value;    // as it stands in the output; empty for references that are filled in when sent
  std::string rule;     // address: "condition/code.coding/code"
  std::string place;    // of the rule: "condition.xml:12"
  bool site = false;    // a rule of the site's own
  std::string source;   // "PRB[1]-3.1", "$department", "constant"
  std::string table;    // "gender.tsv:4"; empty: none
};

/// `message` is the one that was mapped. In the order of the output; sources that were joined are one
/// explanation.
std::vector<Explanation> explanations_of(const Trace& trace, const ssmix2::Message& message);

}  // namespace fhir_mapper
