#pragma once
// What became of the values that rules looked at, for --explain, coverage and the authors of mappings: kept
// only when somebody asks. Views into the messages it was made from.

#include "fhir_mapper/rule_identity.h"
#include "ssmix2/hl7_message.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace fhir_mapper {

/// One value, seen by one rule.
struct TracedValue {
  enum class Use {
    mapped,    // it stands in the output, as it is or as something else
    decided,   // a rule did something or other because of it
    unusable,  // a rule wanted it and could not use it
  };
  Use use = Use::mapped;
  const RuleIdentity* rule = nullptr;
  ssmix2::Value value = {};  // empty: a variable, or a constant
  std::string source =
      {};  // as the rule writes it: "PRB-3(MDCDX2).1", "$department", "constant", "otherwise"
  std::string element = {};     // mapped, unusable: "code.coding[1].code"
  std::string output = {};      // mapped: as it stands there
  std::string table_rows = {};  // "local-lab.tsv:4 > shared-lab-items.tsv:17"; empty: no table
};

class Trace {
 public:
  void add(TracedValue value) { values_.push_back(std::move(value)); }
  const std::vector<TracedValue>& values() const { return values_; }

  std::size_t size() const { return values_.size(); }
  /// The object in which everything mapped since then stood was dropped after all.
  void forget_mapped_since(std::size_t size) {
    const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(size);
    const auto is_mapped = [](const TracedValue& value) { return value.use == TracedValue::Use::mapped; };
    values_.erase(std::remove_if(begin, values_.end(), is_mapped), values_.end());
  }

  /// What was added since then stands where something of before stood, which is no longer there.
  void overwrite_before(std::size_t size) {
    const auto now = values_.begin() + static_cast<std::ptrdiff_t>(size);
    for (auto before = values_.begin(); before != now; ++before) {
      if (before->use != TracedValue::Use::mapped) continue;
      const bool is_gone = std::any_of(now, values_.end(), [&](const TracedValue& value) {
        return value.use == TracedValue::Use::mapped && value.element == before->element;
      });
      if (!is_gone) continue;
      before->use = TracedValue::Use::unusable;
      before->output.clear();
    }
  }

 private:
  std::vector<TracedValue> values_;
};

}  // namespace fhir_mapper
