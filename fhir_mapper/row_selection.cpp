#include "fhir_mapper/row_selection.h"

#include "fhir_mapper/condition.h"
#include "fhir_mapper/replaced_character.h"
#include "ssmix2/hl7_time.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;

constexpr int kYearsAfterEnd = 5;  // what ended longer ago is not part of a list (JP-CLINS, 1報告単位)

/// "20261122" five years earlier: "20211122". The 29th of February has no earlier self, which only text
/// comparison needs, and as text it is right.
std::string years_before(std::string_view day, int years) {
  int year = 0;
  std::from_chars(day.data(), day.data() + 4, year);
  return std::to_string(year - years).append(day.substr(4));
}

/// As many digits as are known, so that a partial date counts as within the window for as long as it can be.
std::string end_of(const Source& source, const RowScope& scope) {
  const auto time = ssmix2::Hl7Time::parse(scope.find(source).text());
  if (!time) return "";
  const std::size_t known = time->precision() == ssmix2::TimePrecision::year    ? 4
                            : time->precision() == ssmix2::TimePrecision::month ? 6
                                                                                : 8;
  return time->sortable().substr(0, known);
}

/// `values` gets what the name is made of, when somebody wants to know.
std::string name_instance(const ResourceRule& rule, const RowScope& scope,
                          std::vector<ssmix2::Value>* values) {
  for (const auto& alternative : rule.instance) {
    std::string joined;
    if (values != nullptr) values->clear();
    bool anything = false;
    for (const Source& source : alternative) {
      const Found found = scope.find(source);
      if (values != nullptr) values->push_back(found.value());
      // The order number alone does not tell its rows apart.
      const bool of_row = source.kind != Source::Kind::variable || alternative.size() == 1;
      anything = anything || (of_row && !found.text().empty());
      // The place of each part is kept, so that an item without a local code is not taken for one without a
      // sub-id.
      joined.append(found.code()).append("_");
    }
    joined.erase(joined.find_last_not_of('_') + 1);
    if (anything) return joined;
  }
  if (values != nullptr) values->clear();
  return "";
}

}  // namespace

std::string instance_of(const ResourceRule& rule, const RowScope& scope) {
  return name_instance(rule, scope, nullptr);
}

std::vector<ssmix2::Value> instance_values(const ResourceRule& rule, const RowScope& scope) {
  std::vector<ssmix2::Value> values;
  name_instance(rule, scope, &values);
  return values;
}

std::optional<LeftOut> find_left_out(const ResourceRule& rule, const RowScope& scope,
                                     std::string_view today) {
  for (const LeaveOut& leave_out : rule.leave_out) {
    if (holds(leave_out.when, scope)) return LeftOut{leave_out.identity, leave_out.reason};
  }
  std::string latest;
  const RuleIdentity* by = nullptr;
  for (const Ended& ended : rule.ended) {
    if (!holds(ended.when, scope)) continue;
    for (const Source& source : ended.from) {
      std::string end = end_of(source, scope);
      if (end <= latest) continue;
      latest = std::move(end);
      by = ended.identity;
    }
  }
  if (latest.empty() || latest >= years_before(today, kYearsAfterEnd).substr(0, latest.size())) {
    return std::nullopt;
  }
  return LeftOut{by, "ended more than five years ago"};
}

std::optional<Failure> find_future_end(const ResourceRule& rule, const RowScope& scope,
                                       std::string_view written) {
  for (const Ended& ended : rule.ended) {
    if (!holds(ended.when, scope)) continue;
    for (const Source& source : ended.from) {
      const std::string end = end_of(source, scope);
      // Many write the month's last day, for the claim, while the month lasts.
      constexpr std::size_t kYearAndMonth = 6;
      if (end.substr(0, kYearAndMonth) <= written.substr(0, std::min(end.size(), kYearAndMonth))) continue;
      return Failure{FailureCode::map_bad_value, scope.place_of(source, scope.find(source)),
                     SafeText::vouched("an end after the month in which the document was written, by " +
                                       ended.identity->origin.text() +
                                       "; one that is only expected has a field of its own")};
    }
  }
  return std::nullopt;
}

bool says_nothing(const ssmix2::Row& row) {
  const ssmix2::Segment segment = row.segment();
  for (std::size_t field = 2; field <= segment.fields(); ++field) {
    if (!segment.field(field).empty()) return false;
  }
  return true;
}

std::optional<Failure> find_unreadable_decision(const ResourceRule& rule, const RowScope& scope,
                                                const std::string& instance, bool may_be_unreadable) {
  for (const LeaveOut& leave_out : rule.leave_out) {
    if (auto unreadable = find_unreadable(leave_out.when, scope, may_be_unreadable)) return unreadable;
  }
  for (const Ended& ended : rule.ended) {
    if (auto unreadable = find_unreadable(ended.when, scope, may_be_unreadable)) return unreadable;
  }
  if (!has_replaced_character(instance)) return std::nullopt;
  return Failure{FailureCode::map_bad_value,
                 {.segment = rule.row, .occurrence = scope.row().segment().occurrence()},
                 SafeText::vouched("what identifies the row has a character that could not be read, by " +
                                   rule.identity->origin.text())};
}

void trace_selection(const ResourceRule& rule, const RowScope& scope, Trace& trace) {
  for (const LeaveOut& leave_out : rule.leave_out) {
    trace_decision(leave_out.when, *leave_out.identity, scope, trace);
  }
  for (const Ended& ended : rule.ended) {
    trace_decision(ended.when, *ended.identity, scope, trace);
    for (const Source& source : ended.from) {
      const Found found = scope.find(source);
      if (found.value().raw().empty()) continue;
      trace.add({.use = TracedValue::Use::decided,
                 .rule = ended.identity,
                 .value = found.value(),
                 .source = source.text});
    }
  }
}

}  // namespace fhir_mapper
