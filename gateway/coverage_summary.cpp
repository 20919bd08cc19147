#include "gateway/coverage_summary.h"

#include "gateway/json_line.h"
#include "ssmix2/check.h"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <ostream>

namespace gateway {
namespace {

using fhir_mapper::Fate;
using ssmix2::DataType;

// In the order in which a person looks for them.
constexpr std::array kColumns = {Fate::mapped, Fate::ignored, Fate::malformed, Fate::unmapped};
constexpr std::array kListed = {Fate::unmapped, Fate::malformed, Fate::ignored};

std::size_t index_of(Fate fate) {
  return static_cast<std::size_t>(fate);
}

std::string why(const fhir_mapper::RuleIdentity* rule, std::string_view reason) {
  std::string text(reason);
  if (rule == nullptr) return text;
  if (!text.empty()) text.append("; ");
  return text.append(rule->text());
}

}  // namespace

void CoverageSummary::add(const DocumentCoverage& document) {
  Counts& counts = types_[document.type];
  ++counts.documents;
  counts.present += document.values.size();
  for (const CoveredValue& value : document.values) {
    ++counts.by_fate.at(index_of(value.fate));
    const ValuePosition& at = value.position;
    if (at.component > 1) with_components_.emplace(document.type, ValuePosition{at.segment, at.field, 0});
    if (value.fate == Fate::mapped) continue;
    ++findings_[{value.fate, document.type, at, value.rule, value.reason}];
  }
}

void CoverageSummary::add_without_account(std::string_view data_type, std::string_view reason) {
  ++without_account_[{std::string(data_type), std::string(reason)}];
}

void CoverageSummary::add_held_unit(std::string_view reason) {
  ++held_units_[std::string(reason)];
}

CoverageSummary::Counts CoverageSummary::total() const {
  Counts total;
  for (const auto& entry : types_) {
    total.documents += entry.second.documents;
    total.present += entry.second.present;
    for (std::size_t i = 0; i < total.by_fate.size(); ++i) total.by_fate[i] += entry.second.by_fate[i];
  }
  // Every value has one fate, whoever asks.
  KAKEHASHI_CHECK(std::accumulate(total.by_fate.begin(), total.by_fate.end(), std::size_t{0}) ==
                  total.present);
  return total;
}

std::vector<CoverageSummary::Found> CoverageSummary::most_frequent_first(Fate fate) const {
  std::vector<Found> found;
  for (const auto& [finding, count] : findings_) {
    if (finding.fate == fate) found.push_back({finding, count});
  }
  // By what is printed, and not by where rules happen to lie in memory.
  const auto is_before = [](const Found& left, const Found& right) {
    if (left.count != right.count) return left.count > right.count;
    if (left.finding.type != right.finding.type) return left.finding.type < right.finding.type;
    if (left.finding.position != right.finding.position)
      return left.finding.position < right.finding.position;
    return why(left.finding.rule, left.finding.reason) < why(right.finding.rule, right.finding.reason);
  };
  std::sort(found.begin(), found.end(), is_before);
  return found;
}

/// A field that nobody wrote a second component into is called as mappings call it: PRB-16.
std::string CoverageSummary::position_of(const Finding& finding) const {
  const ValuePosition& at = finding.position;
  std::string text = at.segment + "-" + std::to_string(at.field);
  if (!with_components_.contains({finding.type, {at.segment, at.field, 0}})) return text;
  return text.append(".").append(std::to_string(at.component));
}

void CoverageSummary::print(std::ostream& out, CoverageFormat format, Extent extent) const {
  if (format == CoverageFormat::text) {
    print_counts(out);
    if (extent == Extent::positions) print_positions(out);
  } else {
    print_json_counts(out);
    if (extent == Extent::positions) print_json_positions(out);
  }
}

void CoverageSummary::print_counts(std::ostream& out) const {
  const auto row = [&out](std::string_view name, const Counts& counts) {
    out << std::left << std::setw(9) << name << std::right << std::setw(11) << counts.documents
        << std::setw(11) << counts.present;
    for (const Fate fate : kColumns) out << std::setw(11) << counts.by_fate.at(index_of(fate));
    out << "\n";
  };
  out << "           documents     values";
  for (const Fate fate : kColumns) out << std::setw(11) << name_of(fate);
  out << "\n";
  for (const auto& [type, counts] : types_) row(info(type).name, counts);
  row("total", total());
  if (!without_account_.empty()) out << "\ndocuments without an account of their values\n";
  for (const auto& [of, count] : without_account_) {
    out << std::setw(9) << count << "  " << std::left << std::setw(8) << of.first << std::right << of.second
        << "\n";
  }
  if (!held_units_.empty()) out << "\nunits held\n";
  for (const auto& [reason, count] : held_units_) out << std::setw(9) << count << "  " << reason << "\n";
}

void CoverageSummary::print_positions(std::ostream& out) const {
  for (const Fate fate : kListed) {
    const auto found = most_frequent_first(fate);
    if (found.empty()) continue;
    out << "\n" << name_of(fate) << "\n";
    for (const auto& [finding, count] : found) {
      out << std::setw(9) << count << "  " << std::left << std::setw(8) << info(finding.type).name;
      const std::string reason = why(finding.rule, finding.reason);
      out << std::setw(reason.empty() ? 0 : 12) << position_of(finding) << std::right << reason << "\n";
    }
  }
}

void CoverageSummary::print_json_counts(std::ostream& out) const {
  const auto add_counts = [](JsonLine& line, const Counts& counts) {
    line.number("documents", counts.documents).number("present", counts.present);
    for (const Fate fate : kColumns) line.number(name_of(fate), counts.by_fate.at(index_of(fate)));
  };
  for (const auto& [type, counts] : types_) {
    JsonLine line;
    line.text("kind", "type").text("data_type", info(type).name);
    add_counts(line, counts);
    out << line.str();
  }
  JsonLine line;
  line.text("kind", "total");
  add_counts(line, total());
  out << line.str();
  for (const auto& [of, count] : without_account_) {
    JsonLine without;
    without.text("kind", "without-account").text_or_null("data_type", of.first).text("reason", of.second);
    out << without.number("documents", count).str();
  }
  for (const auto& [reason, count] : held_units_) {
    out << JsonLine().text("kind", "held").text("reason", reason).number("units", count).str();
  }
}

void CoverageSummary::print_json_positions(std::ostream& out) const {
  for (const Fate fate : kListed) {
    for (const auto& [finding, count] : most_frequent_first(fate)) {
      JsonLine position;
      position.text("kind", "position").text("fate", name_of(fate)).number("count", count);
      position.text("data_type", info(finding.type).name).text("position", position_of(finding));
      add_rule(position, finding.rule, finding.reason);
      out << position.str();
    }
  }
}

}  // namespace gateway
