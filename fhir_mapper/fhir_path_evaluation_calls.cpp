// Functions that lead to items. Part of FhirPathEvaluation.
#include "fhir_mapper/fhir_path_evaluation.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using Function = FhirPathFunction;
using Truth = FhirPathTruth;
using Operator = FhirPathOperator;
using Kind = FhirPathValue::Kind;

}  // namespace

void FhirPathEvaluation::call(const Operation& operation, const Scope& scope) {
  if (is_test(operation.function)) return push_truth(test(operation, scope));
  const std::size_t base = top();
  const Range input = input_of(operation, scope);
  const std::size_t first = top();
  if (failed_) return;
  call_on_items(operation, input, scope);
  bring_down(base, first);
}

void FhirPathEvaluation::call_on_items(const Operation& operation, const Range& input, const Scope& scope) {
  switch (operation.function) {
    case Function::children:
    case Function::descendants:
      return descendants(input, operation.function == Function::descendants);
    case Function::combine:
    case Function::exclude:
    case Function::intersect:
    case Function::unite:
      return combined(operation, input, scope);
    case Function::distinct:
      return push_distinct(input, top());
    case Function::extension:
      return extension(operation, input);
    case Function::single:
      if (input.size() > 1) fail();
      return part(input, 0, 1);
    case Function::last:
      return part(input, static_cast<std::int64_t>(input.size()) - 1, 1);
    case Function::skip:
    case Function::take:
      return part_by_argument(operation, input);
    case Function::trace:
      return part(input, 0, static_cast<std::int64_t>(input.size()));
    case Function::iif:
      return choose(operation, input, scope);
    case Function::join:
      return join(operation, input);
    case Function::now:
    case Function::today:
      return clock(operation.function);
    case Function::repeat:
      return repeat(operation, input);
    case Function::resolve:
      return resolve(input);
    case Function::select:
      return select(operation, input);
    case Function::to_boolean:
    case Function::to_date:
    case Function::to_date_time:
    case Function::to_decimal:
    case Function::to_integer:
    case Function::to_string:
    case Function::to_time:
      return convert(operation.function, input);
    default:  // tests and what is visited are done before
      return call_on_text(operation, input);
  }
}

void FhirPathEvaluation::select(const Operation& operation, const Range& input) {
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    evaluate(operation.arguments[0], about(i, input.begin));
  }
}

/// What is found is looked at in turn, until nothing new is found.
void FhirPathEvaluation::repeat(const Operation& operation, const Range& input) {
  const std::size_t first = top();
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i)
    expand(operation.arguments[0], stack_[i], first);
  for (std::size_t i = first; i < top() && goes_on(); ++i) expand(operation.arguments[0], stack_[i], first);
}

void FhirPathEvaluation::expand(Index criteria, const Value& item, std::size_t first) {
  // The item moves up, so that its scope stays where it is while the stack grows and what is new follows it.
  const Value copy = item;
  const std::size_t base = top();
  push(copy);
  evaluate(criteria, about(base, base));
  if (failed_) return;
  bring_down(base, base + 1);
  const Range found{base, top()};
  const Range known{first, base};
  std::size_t kept = base;
  FhirPathComparison comparison(steps_);
  for (std::size_t i = found.begin; i < found.end && goes_on(); ++i) {
    const auto is_same = [&](const Value& other) { return comparison.equal(other, stack_[i]) == Truth::yes; };
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(known.begin);
    const auto end = stack_.begin() + static_cast<std::ptrdiff_t>(kept);
    if (std::none_of(begin, end, is_same)) stack_[kept++] = stack_[i];
  }
  drop_to(kept);
}

void FhirPathEvaluation::part(const Range& input, std::int64_t skipped, std::int64_t taken) {
  const auto size = static_cast<std::int64_t>(input.size());
  const std::int64_t begin = std::clamp<std::int64_t>(skipped, 0, size);
  const std::int64_t end = begin + std::clamp<std::int64_t>(taken, 0, size - begin);
  for (std::int64_t i = begin; i < end; ++i) push_copy(input.begin + static_cast<std::size_t>(i));
}

void FhirPathEvaluation::part_by_argument(const Operation& operation, const Range& input) {
  const auto number = whole_argument(operation, 0, {input});
  if (!number.has_value()) return;
  const auto size = static_cast<std::int64_t>(input.size());
  if (operation.function == Function::skip) return part(input, *number, size);
  part(input, 0, *number);
}

void FhirPathEvaluation::choose(const Operation& operation, const Range& input, const Scope& scope) {
  const Scope whole{input, nullptr, scope.index};
  const bool holds = truth(operation.arguments[0], whole) == Truth::yes;
  if (failed_) return;
  if (holds) return evaluate(operation.arguments[1], whole);
  if (operation.argument_count > 2) evaluate(operation.arguments[2], whole);
}

/// Those that are not among what lies from `first` on already.
void FhirPathEvaluation::push_distinct(const Range& items, std::size_t first) {
  FhirPathComparison comparison(steps_);
  for (std::size_t i = items.begin; i < items.end && goes_on(); ++i) {
    const Value item = stack_[i];
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(first);
    const bool known = std::any_of(
        begin, stack_.end(), [&](const Value& other) { return comparison.equal(other, item) == Truth::yes; });
    if (!known) push(item);
  }
}

void FhirPathEvaluation::unite(Index left, Index right, const Scope& left_scope, const Scope& right_scope) {
  const std::size_t base = top();
  evaluate(left, left_scope);
  evaluate(right, right_scope);
  if (failed_) return;
  const Range both{base, top()};
  push_distinct(both, top());
  bring_down(base, both.end);
}

void FhirPathEvaluation::combined(const Operation& operation, const Range& input, const Scope& scope) {
  const std::size_t base = top();
  evaluate(operation.arguments[0], scope);
  if (failed_) return;
  const Range other{base, top()};
  const std::size_t first = top();
  FhirPathComparison comparison(steps_);
  const auto is_in_other = [&](const Value& value) {
    return std::any_of(stack_.begin() + static_cast<std::ptrdiff_t>(other.begin),
                       stack_.begin() + static_cast<std::ptrdiff_t>(other.end),
                       [&](const Value& each) { return comparison.equal(each, value) == Truth::yes; });
  };
  const bool is_union = operation.function == Function::unite;
  const bool is_intersection = operation.function == Function::intersect;
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    if (is_union || is_intersection) {
      if (is_union || is_in_other(stack_[i])) push_distinct({i, i + 1}, first);
    } else if (operation.function == Function::combine || !is_in_other(stack_[i])) {
      push_copy(i);
    }
  }
  if (is_union) push_distinct(other, first);
  if (operation.function == Function::combine) part(other, 0, static_cast<std::int64_t>(other.size()));
  bring_down(base, first);
}

void FhirPathEvaluation::negate(const Operation& operation, const Scope& scope) {
  const auto value = single(operation.input, scope);
  if (!value.has_value()) return;
  FhirPathTextRoom room;
  const Value plain = plain_value(*value, room);
  const auto number = plain.kind == Kind::number ? plain.number.negated() : std::nullopt;
  if (!number.has_value()) {
    fail();
    return;
  }
  push(Value::of(*number));
}

void FhirPathEvaluation::reckon(const Operation& operation, const Scope& scope) {
  const auto left = single(operation.arguments[0], scope);
  if (failed_) return;
  const auto right = single(operation.arguments[1], scope);
  if (!left.has_value() || !right.has_value()) return;
  if (operation.what == Operator::plus) {
    const auto first = text(*left);
    const auto second = text(*right);
    if (first.has_value() && second.has_value()) {
      return push_text(std::string(*first).append(*second));
    }
  }
  FhirPathTextRoom room;
  const Value a = plain_value(*left, room);
  const Value b = plain_value(*right, room);
  if (a.kind != Kind::number || b.kind != Kind::number) {
    fail();
    return;
  }
  const bool divides = operation.what == Operator::divide || operation.what == Operator::whole_divide ||
                       operation.what == Operator::remainder;
  if (divides && b.number == FhirPathNumber(0)) return;  // nothing, says the specification
  std::optional<FhirPathNumber> result;
  if (operation.what == Operator::plus) result = a.number.plus(b.number);
  if (operation.what == Operator::minus) result = a.number.minus(b.number);
  if (operation.what == Operator::times) result = a.number.times(b.number);
  if (operation.what == Operator::divide) result = a.number.divided_by(b.number);
  if (operation.what == Operator::whole_divide) result = a.number.whole_quotient(b.number);
  if (operation.what == Operator::remainder) result = a.number.remainder(b.number);
  if (!result.has_value()) {
    fail();
    return;
  }
  push(Value::of(*result));
}

}  // namespace fhir_mapper
