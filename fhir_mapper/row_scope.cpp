#include "fhir_mapper/row_scope.h"

#include "fhir_mapper/same_text.h"
#include "ssmix2/value_place.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using ssmix2::IndexedRepetition;
using ssmix2::Place;
using ssmix2::Value;

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_named(std::string_view system, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [system](std::string_view name) {
    if (!name.empty() && name.back() == '*') return system.starts_with(name.substr(0, name.size() - 1));
    return same_text(system, name);
  });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// `name` is in capital letters.
bool is_so_in_any_case(std::string_view text, std::string_view name) {
  return std::ranges::equal(text, name, [](char c, char wanted) {
    return c == wanted || (c >= 'a' && c <= 'z' && c - 'a' + 'A' == wanted);
  });
}

/// Storages write JLAC10 instead of JC10, or either in small letters.
bool names_jlac10(std::string_view system) {
  return is_so_in_any_case(system, "JC10") || is_so_in_any_case(system, "JLAC10");
}

/// What stands without a system and can be none but JLAC10: a digit, a letter and 13 to 15 digits.
bool is_jlac10(std::string_view code) {
  return code.size() >= 15 && code.size() <= 17 && is_digit(code[0]) && code[1] >= 'A' && code[1] <= 'Z' &&
         std::all_of(code.begin() + 2, code.end(), is_digit);
}

}  // namespace

Found::Found(const ssmix2::FieldIndex& fields, const Value& value, const Value& selector)
    : text_(fields.text(value)), value_(value), selector_(selector) {
  if (text_.starts_with(' ') && without_spaces(text_).empty()) text_ = {};
}

std::string_view Found::code() const {
  return without_spaces(text_);
}

Found::Found(const Variables::Value& variable) {
  if (const auto* url = std::get_if<EntryUrl>(&variable)) {
    entry_url_ = *url;
  } else {
    text_ = std::get<std::string>(variable);
  }
}

RowScope::RowScope(const ResourceRule& rule, const ssmix2::Row& row, const ssmix2::FieldIndex& fields,
                   const Variables& variables)
    : row_(&row), fields_(&fields), variables_(&variables) {
  segments_.reserve(rule.segments.size());
  for (const std::string& name : rule.segments) {
    const auto segment = row.find(name);
    segments_.push_back(segment ? segment->index() : kAbsent);
  }
}

/// First component (1 or 4) of the triplet whose system the source names; 0 when there is none.
std::size_t RowScope::triplet_of(const Source& source, const IndexedRepetition& coded) const {
  for (const std::size_t first : {std::size_t{1}, std::size_t{4}}) {
    const std::string_view system = without_spaces(fields_->text(coded.component(first + 2)));
    bool named = is_named(system, source.systems);
    if (!named && source.names_jlac10) {
      named = system.empty() ? is_jlac10(without_spaces(fields_->text(coded.component(first))))
                             : names_jlac10(system);
    }
    if (named == source.systems_negated) continue;
    if (!coded.component(first).empty() || !coded.component(first + 1).empty()) return first;
  }
  return 0;
}

Found RowScope::narrowed(const Source& source, const IndexedRepetition& repetition,
                         const Value& selector) const {
  if (!source.systems.empty()) {
    const std::size_t first = triplet_of(source, repetition);
    if (first == 0) return {};
    const std::size_t component = first + (source.component == 0 ? 0 : source.component - 1);
    return {*fields_, repetition.component(component), repetition.component(first + 2)};
  }
  if (source.component == 0) return {*fields_, repetition.whole(), selector};
  const Value component = repetition.component(source.component);
  if (source.subcomponent == 0) return {*fields_, component, selector};
  return {*fields_, component.subcomponent(source.subcomponent), selector};
}

std::size_t RowScope::repetitions_of(const Source& source, std::size_t segment) const {
  const std::size_t own = fields_->repetitions(segment, source.field);
  return source.stand_in == 0 ? own : std::max(own, fields_->repetitions(segment, source.stand_in));
}

Found RowScope::of_repetition(const Source& source, std::size_t segment, std::size_t number) const {
  Found found = narrowed(source, fields_->repetition(segment, source.field, number));
  if (source.stand_in == 0 || !found.empty()) return found;
  return narrowed(source, fields_->repetition(segment, source.stand_in, number));
}

Found RowScope::find(const Source& source) const {
  switch (source.kind) {
    case Source::Kind::variable:
      return Found(variables_->of(source.variable));
    case Source::Kind::current:
      return narrowed(source, current_);
    case Source::Kind::field:
      break;
  }
  const std::size_t segment = segments_[source.slot];
  if (segment == kAbsent) return {};
  if (!source.every_repetition && !source.filter) {
    return narrowed(source, fields_->repetition(segment, source.field, source.repetition));
  }
  const std::size_t repetitions = repetitions_of(source, segment);
  for (std::size_t number = 1; number <= repetitions; ++number) {
    if (source.filter) {
      const IndexedRepetition repetition = fields_->repetition(segment, source.field, number);
      const Value asked = repetition.component(source.filter->component);
      if (without_spaces(fields_->text(asked)) == source.filter->value)
        return narrowed(source, repetition, asked);
    } else {
      Found found = of_repetition(source, segment, number);
      if (!found.empty()) return found;
    }
  }
  return {};
}

AllFound RowScope::find_all(const Source& source) const {
  AllFound all;
  const auto add = [&all](Found found) {
    if (!found.text().empty()) all.push_back(std::move(found));
  };
  if (!source.every_repetition) {
    add(find(source));
    return all;
  }
  const std::size_t segment = segments_[source.slot];
  if (segment == kAbsent) return all;
  const std::size_t repetitions = repetitions_of(source, segment);
  for (std::size_t number = 1; number <= repetitions && all.size() <= kMostRepetitions; ++number) {
    add(of_repetition(source, segment, number));
  }
  return all;
}

std::optional<Found> RowScope::find_incomplete(const Source& source) const {
  if (source.stand_in == 0) return std::nullopt;
  const std::size_t segment = segments_[source.slot];
  if (segment == kAbsent) return std::nullopt;
  const std::size_t repetitions = repetitions_of(source, segment);
  for (std::size_t number = 1; number <= repetitions; ++number) {
    if (!of_repetition(source, segment, number).empty()) continue;
    for (const std::size_t field : {source.field, source.stand_in}) {
      const IndexedRepetition coded = fields_->repetition(segment, field, number);
      // The name of a coding system alone says nothing: some writers fill it in wherever a code could stand.
      for (const std::size_t component : {1, 2, 4, 5}) {
        if (!Found(*fields_, coded.component(component)).empty()) return Found(*fields_, coded.whole());
      }
    }
  }
  return std::nullopt;
}

std::vector<RowScope> RowScope::each(const Source& source) const {
  std::vector<RowScope> scopes;
  if (source.field == 0) {
    for (const ssmix2::Segment& segment : row_->all(source.segment)) {
      if (scopes.size() > kMostRepetitions) break;
      scopes.push_back(*this);
      scopes.back().segments_[source.slot] = segment.index();
    }
    return scopes;
  }
  const std::size_t segment = segments_[source.slot];
  if (segment == kAbsent) return scopes;
  const std::size_t repetitions = fields_->repetitions(segment, source.field);
  for (std::size_t number = 1; number <= repetitions && scopes.size() <= kMostRepetitions; ++number) {
    scopes.push_back(*this);
    scopes.back().current_ = fields_->repetition(segment, source.field, number);
  }
  return scopes;
}

Place RowScope::place_of(const Source& source, const Found& found) const {
  if (source.kind == Source::Kind::variable) return {};
  if (!found.value().raw().empty()) return ssmix2::place_of(message(), found.value());
  if (source.kind == Source::Kind::current) return ssmix2::place_of(message(), current_.whole());
  Place place{.segment = source.segment};
  const std::size_t segment = segments_[source.slot];
  if (segment != kAbsent) place.occurrence = message().segment(segment).occurrence();
  place.field = source.field;
  place.component = source.systems.empty() ? source.component : 0;
  place.subcomponent = source.subcomponent;
  return place;
}

}  // namespace fhir_mapper
