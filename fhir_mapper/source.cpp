#include "fhir_mapper/source.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

using ssmix2::Place;
using ssmix2::Value;

/// Reads a source from left to right; every take_ leaves the rest for the next.
class SourceReader {
 public:
  SourceReader(std::string_view text, std::string& why) : rest_(text), why_(why) {}

  std::optional<Source> read() {
    Source source;
    source.text = rest_;
    if (rest_.empty()) return fail("is empty");
    if (rest_.front() == '$') return read_variable(std::move(source));
    if (rest_.front() == '@') {
      rest_.remove_prefix(1);
      source.kind = Source::Kind::current;
    } else if (!read_field(source)) {
      return std::nullopt;
    }
    if (!read_repetition(source) || !read_systems(source)) return std::nullopt;
    if (!read_number_after('.', source.component) || !read_number_after('.', source.subcomponent)) {
      return std::nullopt;
    }
    if (!rest_.empty()) return fail("has \"" + std::string(rest_) + "\" at its end, which is not understood");
    return source;
  }

 private:
  std::nullopt_t fail(const std::string& what) {
    why_ = what;
    return std::nullopt;
  }

  std::optional<Source> read_variable(Source source) {
    source.kind = Source::Kind::variable;
    source.name = rest_.substr(1);
    if (source.name.empty()) return fail("needs a name after $");
    return source;
  }

  bool read_field(Source& source) {
    const auto is_name = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    if (rest_.size() < 5 || !std::all_of(rest_.begin(), rest_.begin() + 3, is_name) || rest_[3] != '-') {
      fail("must begin with a segment and a field, like PRB-3, with @ or with $");
      return false;
    }
    source.name = rest_.substr(0, 3);
    rest_.remove_prefix(3);
    return read_number_after('-', source.field);
  }

  bool read_number_after(char mark, std::size_t& number) {
    if (rest_.empty() || rest_.front() != mark) return true;
    rest_.remove_prefix(1);
    const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (parsed.ec != std::errc() || number == 0 || number > 999) {
      fail(std::string("needs a number from 1 to 999 after ") + mark);
      return false;
    }
    rest_.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest_.data()));
    return true;
  }

  bool read_repetition(Source& source) {
    if (rest_.empty() || rest_.front() != '[') return true;
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos) {
      fail("has [ without ]");
      return false;
    }
    const std::string_view inside = rest_.substr(1, close - 1);
    const std::size_t equals = inside.find('=');
    std::size_t number = 0;
    const std::string_view digits = inside.substr(0, equals);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || number == 0) {
      fail("needs a repetition like [2] or a filter like [8=I]");
      return false;
    }
    if (equals == std::string_view::npos) {
      source.repetition = number;
    } else {
      source.filter = Source::RepetitionFilter{number, std::string(inside.substr(equals + 1))};
    }
    rest_.remove_prefix(close + 1);
    return true;
  }

  bool read_systems(Source& source) {
    if (rest_.empty() || rest_.front() != '(') return true;
    const std::size_t close = rest_.find(')');
    if (close == std::string_view::npos) {
      fail("has ( without )");
      return false;
    }
    std::string_view inside = rest_.substr(1, close - 1);
    if (!inside.empty() && inside.front() == '!') {
      source.systems_negated = true;
      inside.remove_prefix(1);
    }
    while (!inside.empty()) {
      const std::size_t bar = inside.find('|');
      source.systems.emplace_back(inside.substr(0, bar));
      inside.remove_prefix(bar == std::string_view::npos ? inside.size() : bar + 1);
    }
    if (source.systems.empty()) {
      fail("needs the name of a coding system between ( and )");
      return false;
    }
    rest_.remove_prefix(close + 1);
    return true;
  }

  std::string_view rest_;
  std::string& why_;
};

bool is_named(std::string_view system, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [system](std::string_view name) {
    if (!name.empty() && name.back() == '*') return system.starts_with(name.substr(0, name.size() - 1));
    return system == name;
  });
}

/// First component (1 or 4) of the triplet whose system the source names; 0 when there is none.
std::size_t triplet_of(const Source& source, const Value& coded) {
  for (const std::size_t first : {std::size_t{1}, std::size_t{4}}) {
    const std::string system = coded.component(first + 2).text();
    const bool something = !coded.component(first).empty() || !coded.component(first + 1).empty();
    if (something && is_named(system, source.systems) != source.systems_negated) return first;
  }
  return 0;
}

Value narrowed(const Source& source, Value value, Place& place) {
  if (!source.systems.empty()) {
    const std::size_t first = triplet_of(source, value);
    if (first == 0) return {};
    place.component = first + (source.component == 0 ? 0 : source.component - 1);
    return value.component(place.component);
  }
  if (source.component == 0) return value;
  place.component = source.component;
  value = value.component(source.component);
  if (source.subcomponent == 0) return value;
  place.subcomponent = source.subcomponent;
  return value.subcomponent(source.subcomponent);
}

Value repetition_of(const Source& source, const Value& field, Place& place) {
  if (!source.filter) {
    if (source.repetition > 1) place.repetition = source.repetition;
    return field.repetition(source.repetition);
  }
  for (std::size_t number = 1; number <= field.repetitions(); ++number) {
    const Value candidate = field.repetition(number);
    if (candidate.component(source.filter->component).text() != source.filter->value) continue;
    place.repetition = number;
    return candidate;
  }
  return {};
}

/// Writers with fixed widths fill fields with spaces; such a field says nothing.
std::string said(std::string text) {
  if (text.find_first_not_of(' ') == std::string::npos) text.clear();
  return text;
}

Found found_variable(const Source& source, const Scope& scope) {
  const auto variable = scope.variables->find(source.name);
  if (variable == scope.variables->end()) return {};
  if (const auto* url = std::get_if<EntryUrl>(&variable->second)) return {{}, {}, *url};
  return {std::get<std::string>(variable->second), {}, std::nullopt};
}

}  // namespace

std::optional<Source> Source::parse(std::string_view text, std::string& why) {
  return SourceReader(text, why).read();
}

Found find(const Source& source, const Scope& scope) {
  if (source.kind == Source::Kind::variable) return found_variable(source, scope);
  if (source.kind == Source::Kind::current) {
    if (scope.current == nullptr) return {};
    Place place = scope.current_place;
    return {said(narrowed(source, *scope.current, place).text()), place, std::nullopt};
  }
  Place place{.segment = source.name, .field = source.field};
  const auto segment = scope.row->find(source.name);
  if (!segment) return {{}, place, std::nullopt};
  place.occurrence = segment->occurrence();
  const Value repetition = repetition_of(source, segment->field(source.field), place);
  return {said(narrowed(source, repetition, place).text()), place, std::nullopt};
}

std::vector<std::pair<Value, Place>> repetitions(const Source& source, const Scope& scope) {
  std::vector<std::pair<Value, Place>> all;
  const auto segment = scope.row->find(source.name);
  if (!segment) return all;
  const Value field = segment->field(source.field);
  for (std::size_t number = 1; number <= field.repetitions(); ++number) {
    Place place{.segment = source.name, .occurrence = segment->occurrence(), .field = source.field};
    place.repetition = number;
    all.emplace_back(field.repetition(number), place);
  }
  return all;
}

}  // namespace fhir_mapper
