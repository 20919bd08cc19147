#pragma once
// What became of the values of many documents, by position: counts, positions, rules and reasons, and nothing
// of a patient, so that it can be mailed. Views into the mapping, which must outlive it.

#include "gateway/document_coverage.h"

#include <array>
#include <compare>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

enum class CoverageFormat { text, json_lines };

class CoverageSummary {
 public:
  void add(const DocumentCoverage& document);
  /// A document that has no account; `reason` is a literal or an id.
  void add_without_account(std::string_view data_type, std::string_view reason);
  void add_held_unit(std::string_view reason);

  enum class Extent {
    counts,     // of documents and values
    positions,  // and of each position what is not mapped
  };
  void print(std::ostream& out, CoverageFormat format, Extent extent) const;

 private:
  struct Counts {
    std::size_t documents = 0;
    std::size_t present = 0;
    std::array<std::size_t, 4> by_fate{};  // by Fate
  };
  struct Finding {
    fhir_mapper::Fate fate = fhir_mapper::Fate::unmapped;
    ssmix2::DataType type = ssmix2::DataType::ADT_00;
    ValuePosition position;
    const fhir_mapper::RuleIdentity* rule = nullptr;
    std::string_view reason;

    friend auto operator<=>(const Finding&, const Finding&) = default;
  };
  struct Found {
    Finding finding;
    std::size_t count = 0;
  };

  Counts total() const;
  std::vector<Found> most_frequent_first(fhir_mapper::Fate fate) const;
  std::string position_of(const Finding& finding) const;
  void print_counts(std::ostream& out) const;
  void print_positions(std::ostream& out) const;
  void print_json_counts(std::ostream& out) const;
  void print_json_positions(std::ostream& out) const;

  std::map<ssmix2::DataType, Counts> types_;
  std::map<Finding, std::size_t> findings_;                                     // nothing of what is mapped
  std::set<std::pair<ssmix2::DataType, ValuePosition>> with_components_;        // component 0
  std::map<std::pair<std::string, std::string>, std::size_t> without_account_;  // data type, reason
  std::map<std::string, std::size_t, std::less<>> held_units_;
};

}  // namespace gateway
