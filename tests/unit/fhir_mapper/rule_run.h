#pragma once
// Rules, run over one row: what the tests of the mapping language share.

#include "tests/unit/fhir_mapper/support.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper::test {

/// What rules are run over unless a test says something else.
extern const std::string_view kProblemMessage;

struct RuleSetting {
  std::string message = std::string(kProblemMessage);
  std::vector<ConfigFile> more = {};  // mapping files and overlays beside test.xml
  bool trace = false;
};

/// A <resource id="c" type="Condition" document="PPR-01" row="PRB"> in line 2 of test.xml with `rules` from
/// line 3 on, and behind them what FHIR requires of a Condition.
std::string resource_of(std::string_view rules);

/// The rules of resource_of(), mapped for the first row.
class RuleRun {
 public:
  explicit RuleRun(const std::string& rules, const RuleSetting& setting = {});

  /// Without resourceType and without the element that resource_of() supplies.
  std::string json() const;
  const MappedRow& result() const { return mapped_; }
  const ssmix2::Message& message() const { return message_; }

 private:
  ssmix2::Message message_;
  std::vector<ssmix2::Row> rows_;
  std::shared_ptr<const Mapping> mapping_;
  Tree tree_;
  MappedRow mapped_;
};

std::string json_of_rules(const std::string& rules, const RuleSetting& setting = {});

/// Whether a rule with this condition is applied to the row.
bool holds_when(const std::string& when, const RuleSetting& setting = {});

}  // namespace fhir_mapper::test
