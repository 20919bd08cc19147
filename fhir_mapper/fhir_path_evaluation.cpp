#include "fhir_mapper/fhir_path_evaluation.h"

#include <algorithm>
#include <cstring>

namespace fhir_mapper {
namespace {

constexpr std::size_t kMostItems = 200'000;
constexpr std::size_t kUsualItems = 8;

using Truth = FhirPathTruth;
using Operator = FhirPathOperator;

Truth negation(Truth truth) {
  if (truth == Truth::unknown) return truth;
  return truth == Truth::yes ? Truth::no : Truth::yes;
}

}  // namespace

FhirPathEvaluation::FhirPathEvaluation(const FhirPathPlan& plan, const FhirPathWorld& world,
                                       const Node& focus, FhirType focus_type)
    : plan_(plan), world_(world), focus_(Value::of(focus, focus_type, nullptr)) {}

FhirPath::Verdict FhirPathEvaluation::verdict() {
  const Truth result = truth(plan_.root, {{}, &focus_, 0});
  if (failed_) return FhirPath::Verdict::unevaluable;
  switch (result) {
    case Truth::yes:
      return FhirPath::Verdict::holds;
    case Truth::no:
      return FhirPath::Verdict::fails;
    case Truth::unknown:
      break;
  }
  return FhirPath::Verdict::nothing;
}

std::optional<std::vector<FhirPath::Found>> FhirPathEvaluation::found() {
  const std::size_t base = top();
  evaluate(plan_.root, {{}, &focus_, 0});
  if (failed_) return std::nullopt;
  std::vector<FhirPath::Found> found;
  for (std::size_t i = base; i < top(); ++i) {
    if (stack_[i].kind != Value::Kind::element || stack_[i].is_bare) continue;
    found.push_back({stack_[i].node, name_of(type_of(stack_[i]))});
  }
  return found;
}

Truth FhirPathEvaluation::fail() {
  failed_ = true;
  return Truth::unknown;
}

void FhirPathEvaluation::push(const Value& value) {
  if (++steps_ > kMostSteps || stack_.size() >= kMostItems) {
    failed_ = true;
    return;
  }
  if (stack_.capacity() == 0) stack_.reserve(kUsualItems);
  stack_.push_back(value);
}

void FhirPathEvaluation::push_copy(std::size_t index) {
  const Value copy = stack_[index];
  push(copy);
}

void FhirPathEvaluation::push_truth(Truth truth) {
  if (truth != Truth::unknown) push(Value::of(truth == Truth::yes));
}

void FhirPathEvaluation::bring_down(std::size_t base, std::size_t first) {
  if (base == first) return;
  stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(base),
               stack_.begin() + static_cast<std::ptrdiff_t>(first));
}

FhirPathEvaluation::Range FhirPathEvaluation::input_of(const Operation& operation, const Scope& scope) {
  if (operation.input == kNoOperation && scope.one == nullptr) return scope.items;
  const std::size_t base = top();
  if (operation.input == kNoOperation) {
    push(*scope.one);
  } else {
    evaluate(operation.input, scope);
  }
  return {base, top()};
}

void FhirPathEvaluation::evaluate(Index index, const Scope& scope) {
  const Operation& operation = plan_.at(index);
  if (!goes_on()) return;
  const auto& [first, second, third] = operation.arguments;
  static_cast<void>(third);
  switch (operation.what) {
    case Operator::scope:
    case Operator::index:
    case Operator::constant:
    case Operator::nothing:
    case Operator::resource:
    case Operator::root_resource:
    case Operator::context:
    case Operator::step:
    case Operator::root_type:
      return push_visited(index, scope);
    case Operator::item:
      return item(operation, scope);
    case Operator::call:
      return is_visited(operation) ? push_visited(index, scope) : call(operation, scope);
    case Operator::negate:
      return negate(operation, scope);
    case Operator::as:
      return as_type(operation, scope);
    case Operator::unite:
      return unite(first, second, scope, scope);
    case Operator::plus:
    case Operator::minus:
    case Operator::times:
    case Operator::divide:
    case Operator::whole_divide:
    case Operator::remainder:
      return reckon(operation, scope);
    case Operator::join:
      return join_texts(operation, scope);
    case Operator::both:
    case Operator::either:
    case Operator::exclusive:
    case Operator::implies:
    case Operator::equal:
    case Operator::unequal:
    case Operator::equivalent:
    case Operator::not_equivalent:
    case Operator::less:
    case Operator::less_or_equal:
    case Operator::greater:
    case Operator::greater_or_equal:
    case Operator::in:
    case Operator::contains:
    case Operator::is:
      break;
  }
  push_truth(truth(index, scope));
}

Truth FhirPathEvaluation::truth(Index index, const Scope& scope) {
  const Operation& operation = plan_.at(index);
  if (!goes_on()) return Truth::unknown;
  if (operation.text_test != kNoOperation) {
    if (const auto known = answer(plan_.text_tests[operation.text_test], scope)) {
      return operation.what == Operator::unequal ? negation(*known) : *known;
    }
  }
  const auto& [first, second, third] = operation.arguments;
  static_cast<void>(third);
  switch (operation.what) {
    case Operator::both:
    case Operator::either:
    case Operator::exclusive:
    case Operator::implies:
      return logic(operation, scope);
    case Operator::equal:
    case Operator::equivalent:
      return equality(operation, scope);
    case Operator::unequal:
    case Operator::not_equivalent:
      return negation(equality(operation, scope));
    case Operator::less:
    case Operator::less_or_equal:
    case Operator::greater:
    case Operator::greater_or_equal:
      return order(operation, scope);
    case Operator::in:
      return membership(first, second, scope);
    case Operator::contains:
      return membership(second, first, scope);
    case Operator::is:
      return type_test(operation, operation.detail, scope);
    case Operator::call:
      if (is_test(operation.function)) return test(operation, scope);
      break;
    case Operator::scope:
    case Operator::index:
    case Operator::constant:
    case Operator::nothing:
    case Operator::resource:
    case Operator::root_resource:
    case Operator::context:
    case Operator::step:
    case Operator::root_type:
    case Operator::item:
    case Operator::negate:
    case Operator::as:
    case Operator::unite:
    case Operator::plus:
    case Operator::minus:
    case Operator::join:
    case Operator::times:
    case Operator::divide:
    case Operator::whole_divide:
    case Operator::remainder:
      break;
  }
  return truth_of_items(index, scope);
}

/// One item as a truth, as FHIRPath reads items where it wants one: what is no boolean counts as true.
Truth FhirPathEvaluation::truth_of_items(Index index, const Scope& scope) {
  Few few;
  look(index, scope, few);
  if (failed_ || few.count == 0) return Truth::unknown;
  if (few.count > 1) return fail();
  const Value& value = *few.first;
  if (value.kind == Value::Kind::boolean) return value.truth ? Truth::yes : Truth::no;
  const bool is_false = value.kind == Value::Kind::element && !value.is_bare &&
                        value.node->kind() == Node::Kind::boolean && value.node->written() == "false";
  return is_false ? Truth::no : Truth::yes;
}

/// Nothing where the item does not have a text that stands in the tree.
std::optional<Truth> FhirPathEvaluation::answer(const FhirPathTextTest& test, const Scope& scope) const {
  using Relation = FhirPathTextTest::Relation;
  if (scope.one == nullptr || scope.one->kind != Value::Kind::element || scope.one->is_bare) {
    return std::nullopt;
  }
  const Node* node = scope.one->node;
  if (!test.member.empty()) {
    node = node->find(test.member);
  } else if (test.relation == Relation::is && is_time_type(scope.one->type)) {
    return std::nullopt;
  }
  if (node == nullptr || node->kind() != Node::Kind::text) return std::nullopt;
  const std::string_view text = node->written();
  switch (test.relation) {
    case Relation::begins:
      return begins_so(text, test.text) ? Truth::yes : Truth::no;
    case Relation::ends:
      return ends_so(text, test.text) ? Truth::yes : Truth::no;
    case Relation::is:
      break;
  }
  return same_text(text, test.text) ? Truth::yes : Truth::no;
}

/// The second operand is only looked at where it decides.
Truth FhirPathEvaluation::logic(const Operation& operation, const Scope& scope) {
  const Truth left = truth(operation.arguments[0], scope);
  if (failed_) return Truth::unknown;
  const bool is_and = operation.what == Operator::both;
  const bool is_or = operation.what == Operator::either;
  const bool is_implication = operation.what == Operator::implies;
  if (left == Truth::no && (is_and || is_implication)) return is_and ? Truth::no : Truth::yes;
  if (left == Truth::yes && is_or) return Truth::yes;
  const Truth right = truth(operation.arguments[1], scope);
  if (is_and) return right == Truth::no || left == Truth::yes ? right : Truth::unknown;
  if (is_or) return right == Truth::yes || left == Truth::no ? right : Truth::unknown;
  if (is_implication) return right == Truth::yes || left == Truth::yes ? right : Truth::unknown;
  if (left == Truth::unknown || right == Truth::unknown) return Truth::unknown;
  return left != right ? Truth::yes : Truth::no;
}

Truth FhirPathEvaluation::equality(const Operation& operation, const Scope& scope) {
  const bool loosely = operation.what == Operator::equivalent || operation.what == Operator::not_equivalent;
  Few left;
  Few right;
  look(operation.arguments[0], scope, left);
  look(operation.arguments[1], scope, right);
  if (failed_) return Truth::unknown;
  if (left.count == 0 || right.count == 0) {
    if (!loosely) return Truth::unknown;
    return left.count == right.count ? Truth::yes : Truth::no;
  }
  if (left.count > 1 && right.count > 1) return equality_of_many(operation, scope);
  if (left.count != right.count) return Truth::no;
  FhirPathComparison comparison(steps_);
  if (!loosely) return comparison.equal(*left.first, *right.first);
  return comparison.equivalent(*left.first, *right.first) ? Truth::yes : Truth::no;
}

Truth FhirPathEvaluation::equality_of_many(const Operation& operation, const Scope& scope) {
  const bool loosely = operation.what == Operator::equivalent || operation.what == Operator::not_equivalent;
  const std::size_t base = top();
  evaluate(operation.arguments[0], scope);
  const std::size_t middle = top();
  evaluate(operation.arguments[1], scope);
  if (failed_) return Truth::unknown;
  const std::size_t count = middle - base;
  const std::size_t other_count = top() - middle;
  Truth result = Truth::yes;
  if (count != other_count) {
    result = Truth::no;
  } else {
    FhirPathComparison comparison(steps_);
    for (std::size_t i = base; i < middle && result != Truth::no; ++i) {
      const Value& left = stack_[i];
      if (loosely) {
        const bool found =
            std::any_of(stack_.begin() + static_cast<std::ptrdiff_t>(middle), stack_.end(),
                        [&](const Value& right) { return comparison.equivalent(left, right); });
        result = found ? Truth::yes : Truth::no;
      } else if (const Truth pair = comparison.equal(left, stack_[i + count]); pair != Truth::yes) {
        result = pair;
      }
    }
  }
  drop_to(base);
  return result;
}

/// One value; nothing: there is none, or several and the evaluation has failed.
std::optional<FhirPathValue> FhirPathEvaluation::single(Index index, const Scope& scope) {
  Few few;
  look(index, scope, few);
  if (few.count > 1) fail();
  if (failed_ || few.count == 0) return std::nullopt;
  return *few.first;
}

Truth FhirPathEvaluation::order(const Operation& operation, const Scope& scope) {
  const auto left = single(operation.arguments[0], scope);
  if (failed_) return Truth::unknown;
  const auto right = single(operation.arguments[1], scope);
  if (!left.has_value() || !right.has_value()) return Truth::unknown;
  using Order = FhirPathComparison::Order;
  const Order order = FhirPathComparison::order(*left, *right);
  if (order == Order::unfit) return fail();
  if (order == Order::unknown) return Truth::unknown;
  const bool is_less = operation.what == Operator::less || operation.what == Operator::less_or_equal;
  const bool or_equal =
      operation.what == Operator::less_or_equal || operation.what == Operator::greater_or_equal;
  if (order == Order::equal) return or_equal ? Truth::yes : Truth::no;
  return (order == Order::less) == is_less ? Truth::yes : Truth::no;
}

Truth FhirPathEvaluation::membership(Index one, Index many, const Scope& scope) {
  const auto value = single(one, scope);
  if (!value.has_value()) return Truth::unknown;
  FhirPathComparison comparison(steps_);
  bool found = false;
  const bool may_stop = is_sure(many);
  auto compare = [&](const Value& each) {
    found = found || comparison.equal(*value, each) == Truth::yes;
    return !found || !may_stop;
  };
  visit(many, scope, Sink(compare));
  if (failed_) return Truth::unknown;
  return found ? Truth::yes : Truth::no;
}

Truth FhirPathEvaluation::type_test(const Operation& operation, FhirPathIndex type, const Scope& scope) {
  Few few;
  look(operation.input, scope, few);
  if (failed_ || few.count == 0) return Truth::unknown;
  if (few.count > 1) return fail();
  return is_of(*few.first, plan_.types[type]) ? Truth::yes : Truth::no;
}

}  // namespace fhir_mapper
