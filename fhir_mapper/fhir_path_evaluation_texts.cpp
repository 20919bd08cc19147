// Texts and conversions. Part of FhirPathEvaluation.
#include "fhir_mapper/fhir_path_evaluation.h"
#include "fhir_mapper/fhir_path_time.h"
#include "fhir_mapper/javascript_pattern.h"

#include <algorithm>
#include <string>

namespace fhir_mapper {
namespace {

using Function = FhirPathFunction;
using Kind = FhirPathValue::Kind;

constexpr std::size_t kLongestText = 1 << 20;
constexpr std::size_t kBytesOfOneStep = 64;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::int64_t characters_in(std::string_view text) {
  return std::ranges::count_if(text, begins_character);
}

/// Where character number `index` begins; the end when there are not so many.
std::size_t offset_of(std::string_view text, std::int64_t index) {
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset) {
    if (begins_character(text[offset]) && index-- == 0) break;
  }
  return offset;
}

/// ASCII only: nobody knows the language of a text, and no rule asks for more.
std::string in_case(std::string_view text, bool upper) {
  std::string made(text);
  for (char& c : made) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return made;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpaces), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

std::optional<bool> boolean_of(const FhirPathValue& value) {
  if (value.kind == Kind::boolean) return value.truth;
  std::string text = value.kind == Kind::number ? value.number.text() : std::string();
  if (value.kind == Kind::text) text = in_case(value.text, false);
  constexpr std::string_view kYes[] = {"true", "t", "yes", "y", "1", "1.0"};
  constexpr std::string_view kNo[] = {"false", "f", "no", "n", "0", "0.0"};
  if (std::ranges::find(kYes, text) != std::end(kYes)) return true;
  if (std::ranges::find(kNo, text) != std::end(kNo)) return false;
  return std::nullopt;
}

std::optional<FhirPathNumber> number_of(const FhirPathValue& value) {
  if (value.kind == Kind::number) return value.number;
  if (value.kind == Kind::boolean) return FhirPathNumber(value.truth ? 1 : 0);
  if (value.kind != Kind::text || value.text.find_first_of("eE") != std::string_view::npos)
    return std::nullopt;
  return FhirPathNumber::parse(value.text);
}

}  // namespace

std::string_view FhirPathEvaluation::keep(std::string_view text) {
  steps_ += text.size() / kBytesOfOneStep;
  if (text.size() > kLongestText) fail();
  if (text.empty() || !goes_on()) return {};
  return texts_.emplace_front(text);
}

std::optional<std::string_view> FhirPathEvaluation::text(const Value& value) {
  FhirPathTextRoom room;
  const auto text = text_of(value, room);
  return text.has_value() && text->data() == room.data() ? keep(*text) : text;
}

std::optional<std::string_view> FhirPathEvaluation::text_argument(const Operation& operation,
                                                                  std::size_t number, const Scope& scope) {
  const auto value = single(operation.arguments[number], scope);
  if (!value.has_value()) return std::nullopt;
  const auto argument = text(*value);
  if (!argument.has_value()) fail();
  return argument;
}

std::optional<std::int64_t> FhirPathEvaluation::whole_argument(const Operation& operation, std::size_t number,
                                                               const Scope& scope) {
  const auto value = single(operation.arguments[number], scope);
  if (!value.has_value()) return std::nullopt;
  FhirPathTextRoom room;
  const Value plain = plain_value(*value, room);
  const auto whole = plain.kind == Kind::number ? plain.number.whole() : std::nullopt;
  if (!whole.has_value()) fail();
  return whole;
}

void FhirPathEvaluation::call_on_text(const Operation& operation, const Range& input) {
  if (input.size() == 0) return;
  const auto whole = input.size() == 1 ? text(stack_[input.begin]) : std::nullopt;
  if (!whole.has_value()) {
    fail();
    return;
  }
  steps_ += whole->size() / kBytesOfOneStep;
  switch (operation.function) {
    case Function::index_of: {
      const auto part = text_argument(operation, 0, {input});
      if (!part.has_value()) return;
      const std::size_t place = whole->find(*part);
      const bool found = place != std::string_view::npos;
      return push(Value::of(FhirPathNumber(found ? characters_in(whole->substr(0, place)) : -1)));
    }
    case Function::length:
      return push(Value::of(FhirPathNumber(characters_in(*whole))));
    case Function::lower:
    case Function::upper:
      return push_text(in_case(*whole, operation.function == Function::upper));
    case Function::trim:
      return push(Value::of(trimmed(*whole)));
    case Function::substring:
      return substring(operation, input, *whole);
    case Function::replace:
    case Function::replace_matches:
      return replace(operation, input, *whole);
    default:  // everything else is done before
      fail();
  }
}

void FhirPathEvaluation::substring(const Operation& operation, const Range& input, std::string_view whole) {
  const auto start = whole_argument(operation, 0, {input});
  if (!start.has_value() || *start < 0) return;
  whole.remove_prefix(offset_of(whole, *start));
  if (whole.empty()) return;
  if (operation.argument_count > 1) {
    const auto length = whole_argument(operation, 1, {input});
    if (failed_) return;
    if (length.has_value()) whole = whole.substr(0, offset_of(whole, std::max<std::int64_t>(*length, 0)));
  }
  push(Value::of(whole));
}

void FhirPathEvaluation::replace(const Operation& operation, const Range& input, std::string_view whole) {
  const bool is_pattern = operation.function == Function::replace_matches;
  const auto with = text_argument(operation, 1, {input});
  if (!with.has_value()) return;
  // Before it is made: every character may be replaced.
  if ((whole.size() + 1) * (with->size() + 1) > kLongestText) {
    fail();
    return;
  }
  if (is_pattern) {
    const Pattern& pattern = plan_.patterns[operation.arguments[0]];
    return push_text(pattern.replaced_in(whole, javascript_replacement_as_re2(*with)));
  }
  const auto what = text_argument(operation, 0, {input});
  if (!what.has_value()) return;
  std::string made;
  for (std::size_t begin = 0;;) {
    const std::size_t place = what->empty() ? begin : whole.find(*what, begin);
    if (place == std::string_view::npos || begin > whole.size()) {
      made.append(whole.substr(std::min(begin, whole.size())));
      break;
    }
    made.append(whole.substr(begin, place - begin)).append(*with);
    begin = place + what->size();
    if (!what->empty()) continue;
    if (begin == whole.size()) break;
    const std::size_t next = begin + offset_of(whole.substr(begin), 1);
    made.append(whole.substr(begin, next - begin));
    begin = next;
  }
  push_text(made);
}

void FhirPathEvaluation::join(const Operation& operation, const Range& input) {
  std::string_view separator;
  if (operation.argument_count > 0) separator = text_argument(operation, 0, {input}).value_or("");
  std::string made;
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    const auto part = text(stack_[i]);
    if (!part.has_value() || made.size() > kLongestText) {
      fail();
      return;
    }
    if (i > input.begin) made.append(separator);
    made.append(*part);
  }
  if (input.size() > 0) push_text(made);
}

/// What is not there is an empty text.
void FhirPathEvaluation::join_texts(const Operation& operation, const Scope& scope) {
  std::string made;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto value = single(operation.arguments[i], scope);
    if (failed_) return;
    if (!value.has_value()) continue;
    const auto part = text(*value);
    if (!part.has_value()) {
      fail();
      return;
    }
    made.append(*part);
  }
  push_text(made);
}

void FhirPathEvaluation::convert(FhirPathFunction function, const Range& input) {
  if (input.size() == 0) return;
  if (input.size() > 1) {
    fail();
    return;
  }
  FhirPathTextRoom room;
  const Value original = stack_[input.begin];
  const Value value = plain_value(original, room);
  const bool is_text = value.kind == Kind::text || value.kind == Kind::date || value.kind == Kind::time;
  if (function == Function::to_boolean || function == Function::converts_to_boolean) {
    if (const auto truth = boolean_of(value)) push(Value::of(*truth));
  } else if (function == Function::to_decimal || function == Function::converts_to_decimal) {
    if (const auto number = number_of(value)) push(Value::of(*number));
  } else if (function == Function::to_integer || function == Function::converts_to_integer) {
    const auto number = number_of(value);
    const bool has_point = value.kind == Kind::text && value.text.find('.') != std::string_view::npos;
    if (number.has_value() && number->whole().has_value() && !has_point) push(Value::of(*number));
  } else if (function == Function::to_date || function == Function::to_date_time) {
    if (is_text && FhirPathTime::parse_date(value.text)) push(Value::of(keep(value.text), Kind::date));
  } else if (function == Function::to_time) {
    if (is_text && FhirPathTime::parse_time(value.text)) push(Value::of(keep(value.text), Kind::time));
  } else if (const auto written = text(original)) {
    push(Value::of(*written));
  } else if (original.kind == Kind::element && value.kind != Kind::element) {
    push(Value::of(original.node->written()));  // with the digits that it has
  } else if (value.kind == Kind::number) {
    push_text(value.number.text());
  } else if (value.kind == Kind::boolean) {
    push(Value::of(std::string_view(value.truth ? "true" : "false")));
  } else if (is_text) {
    push(Value::of(value.text));
  }
}

void FhirPathEvaluation::clock(FhirPathFunction function) {
  constexpr std::size_t kDate = 10;
  const std::string_view now = world_.now();
  if (now.size() < kDate) {
    fail();
    return;
  }
  push(Value::of(keep(function == Function::today ? now.substr(0, kDate) : now), Kind::date));
}

}  // namespace fhir_mapper
