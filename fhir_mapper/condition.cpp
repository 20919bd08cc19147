#include "fhir_mapper/condition.h"

#include "fhir_mapper/replaced_character.h"
#include "fhir_mapper/same_text.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

/// Whether the clause compares codes. A pattern may be one of free text.
bool compares_codes(const Clause& clause) {
  switch (clause.test) {
    case Clause::Test::equals:
    case Clause::Test::differs:
    case Clause::Test::in_table:
    case Clause::Test::not_in_table:
      return true;
    case Clause::Test::present:
    case Clause::Test::absent:
    case Clause::Test::matches:
      return false;
  }
  return false;
}

bool holds(const Clause& clause, const Found& found) {
  const auto is_value = [code = found.code()](const std::string& value) { return same_text(value, code); };
  switch (clause.test) {
    case Clause::Test::present:
      return !found.empty();
    case Clause::Test::absent:
      return found.empty();
    case Clause::Test::equals:
      return std::any_of(clause.values.begin(), clause.values.end(), is_value);
    case Clause::Test::differs:
      return std::none_of(clause.values.begin(), clause.values.end(), is_value);
    case Clause::Test::in_table:
      return !found.empty() && clause.codes->knows(found.code());
    case Clause::Test::not_in_table:
      return !found.empty() && !clause.codes->knows(found.code());
    case Clause::Test::matches:
      // However long the text is: a suspected disease with a long name must not pass as a confirmed one.
      return clause.pattern->matches(found.code());
  }
  return false;
}

/// Of a clause about every repetition: one for which it holds is enough, but a clause that denies something
/// denies it of all.
bool holds(const Clause& clause, const RowScope& scope) {
  if (!clause.source.every_repetition) return holds(clause, scope.find(clause.source));
  const AllFound all = scope.find_all(clause.source);
  const auto of_one = [&clause](const Found& found) { return holds(clause, found); };
  const bool denies = clause.test == Clause::Test::absent || clause.test == Clause::Test::differs;
  return denies ? std::ranges::all_of(all, of_one) : std::ranges::any_of(all, of_one);
}

std::optional<ssmix2::Failure> bad_value(const Clause& clause, const RowScope& scope, const Found& found,
                                         ssmix2::SafeText why) {
  return ssmix2::Failure{ssmix2::FailureCode::map_bad_value, scope.place_of(clause.source, found),
                         std::move(why)};
}

std::optional<ssmix2::Failure> find_unreadable(const Clause& clause, const RowScope& scope,
                                               bool may_be_unreadable) {
  may_be_unreadable = may_be_unreadable && compares_codes(clause);
  if (!clause.source.every_repetition && !may_be_unreadable) return std::nullopt;
  const AllFound all = scope.find_all(clause.source);
  if (all.size() > RowScope::kMostRepetitions) {
    return bad_value(clause, scope, {}, "more repetitions than a rule looks at");
  }
  if (!may_be_unreadable) return std::nullopt;
  for (const Found& found : all) {
    if (!has_replaced_character(found.text())) continue;
    return bad_value(clause, scope, found,
                     "a code that a rule asks for has a character that could not be read");
  }
  return std::nullopt;
}

}  // namespace

bool holds(const Condition& condition, const RowScope& scope) {
  if (condition.alternatives.empty()) return true;
  return std::any_of(condition.alternatives.begin(), condition.alternatives.end(), [&](const auto& clauses) {
    return std::all_of(clauses.begin(), clauses.end(),
                       [&scope](const Clause& clause) { return holds(clause, scope); });
  });
}

std::optional<ssmix2::Failure> find_unreadable(const Condition& condition, const RowScope& scope,
                                               bool may_be_unreadable) {
  for (const auto& clauses : condition.alternatives) {
    for (const Clause& clause : clauses) {
      if (auto failure = find_unreadable(clause, scope, may_be_unreadable)) return failure;
    }
  }
  return std::nullopt;
}

void trace_decision(const Condition& condition, const RuleIdentity& rule, const RowScope& scope,
                    Trace& trace) {
  for (const auto& clauses : condition.alternatives) {
    for (const Clause& clause : clauses) {
      for (const Found& found : scope.find_all(clause.source)) {
        for (const ssmix2::Value& value : {found.value(), found.selector()}) {
          if (value.raw().empty()) continue;
          trace.add({.use = TracedValue::Use::decided,
                     .rule = &rule,
                     .value = value,
                     .source = clause.source.text});
        }
      }
    }
  }
}

}  // namespace fhir_mapper
