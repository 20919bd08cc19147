// Functions that are true, false or nothing. Part of FhirPathEvaluation.
#include "fhir_mapper/fhir_path_evaluation.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using Function = FhirPathFunction;
using Truth = FhirPathTruth;
using Kind = FhirPathValue::Kind;

Truth truth_of(bool truth) {
  return truth ? Truth::yes : Truth::no;
}

bool has_value(const FhirPathValue& value) {
  if (value.kind != Kind::element) return true;
  return !value.is_bare && !value.node->is_object() && !value.node->is_array();
}

}  // namespace

Truth FhirPathEvaluation::test(const Operation& operation, const Scope& scope) {
  switch (operation.function) {
    case Function::is:
      return type_test(operation, operation.arguments[0], scope);
    case Function::all:
    case Function::empty:
    case Function::exists:
      return test_each(operation, scope);
    case Function::no: {
      const Truth inside = operation.input == kNoOperation ? truth_of_items(kNoOperation, scope)
                                                           : truth(operation.input, scope);
      return failed_ || inside == Truth::unknown ? Truth::unknown : truth_of(inside == Truth::no);
    }
    case Function::all_false:
    case Function::all_true:
    case Function::any_false:
    case Function::any_true:
    case Function::is_distinct:
    case Function::subset_of:
    case Function::superset_of:
      return test_collection(operation, scope);
    default:
      break;
  }
  // What is asked about one item.
  Few few;
  look(operation.input, scope, few);
  if (failed_) return Truth::unknown;
  if (operation.function == Function::has_value) return truth_of(few.count == 1 && has_value(*few.first));
  if (few.count > 1) return fail();
  const Truth result = few.count == 0 ? Truth::unknown : test_one(operation, *few.first);
  return failed_ ? Truth::unknown : result;
}

/// all(), exists() and empty(). What is known is known, but what may fail must still be given the chance to.
Truth FhirPathEvaluation::test_each(const Operation& operation, const Scope& scope) {
  const bool is_all = operation.function == Function::all;
  const bool may_stop = is_sure(operation.input);
  bool decided = false;
  std::int64_t index = 0;
  auto ask = [&](const Value& item) {
    if (decided) return goes_on();
    const Scope about{{}, &item, index++};
    const bool asks = operation.argument_count > 0;
    decided = !asks || (truth(operation.arguments[0], about) == Truth::yes) != is_all;
    return !failed_ && !(decided && may_stop);
  };
  visit(operation.input, scope, Sink(ask));
  if (failed_) return Truth::unknown;
  return truth_of(decided == (operation.function == Function::exists));
}

Truth FhirPathEvaluation::test_collection(const Operation& operation, const Scope& scope) {
  const std::size_t base = top();
  const Range input = input_of(operation, scope);
  if (failed_) return Truth::unknown;
  Truth result = Truth::unknown;
  if (operation.function == Function::is_distinct) {
    result = test_distinct(input);
  } else if (operation.function == Function::subset_of || operation.function == Function::superset_of) {
    const std::size_t first = top();
    evaluate(operation.arguments[0], scope);
    if (failed_) return Truth::unknown;
    const Range other{first, top()};
    const bool is_subset = operation.function == Function::subset_of;
    result = is_subset ? test_subset(input, other) : test_subset(other, input);
  } else {
    result = test_booleans(operation.function, input);
  }
  if (failed_) return Truth::unknown;
  drop_to(base);
  return result;
}

Truth FhirPathEvaluation::test_one(const Operation& operation, const Value& value) {
  switch (operation.function) {
    case Function::conforms_to:
    case Function::html_checks:
    case Function::member_of:
      return test_world(operation, value);
    case Function::converts_to_boolean:
    case Function::converts_to_decimal:
    case Function::converts_to_integer:
    case Function::converts_to_string: {
      const std::size_t base = top();
      push(value);
      convert(operation.function, {base, base + 1});
      const Truth result = truth_of(top() > base + 1);
      if (!failed_) drop_to(base);
      return result;
    }
    default:
      return test_on_text(operation, value);
  }
}

Truth FhirPathEvaluation::test_booleans(FhirPathFunction function, const Range& input) {
  const bool wanted = function == Function::all_true || function == Function::any_true;
  const bool is_all = function == Function::all_true || function == Function::all_false;
  for (std::size_t i = input.begin; i < input.end && goes_on(); ++i) {
    FhirPathTextRoom room;
    const Value value = plain_value(stack_[i], room);
    if (value.kind != Kind::boolean) return fail();
    if ((value.truth == wanted) != is_all) return truth_of(!is_all);
  }
  return truth_of(is_all);
}

Truth FhirPathEvaluation::test_distinct(const Range& input) {
  FhirPathComparison comparison(steps_);
  for (std::size_t i = input.begin; i < input.end; ++i) {
    for (std::size_t k = input.begin; k < i && goes_on(); ++k) {
      if (comparison.equal(stack_[i], stack_[k]) == Truth::yes) return Truth::no;
    }
  }
  return Truth::yes;
}

Truth FhirPathEvaluation::test_subset(const Range& few, const Range& many) {
  FhirPathComparison comparison(steps_);
  for (std::size_t i = few.begin; i < few.end; ++i) {
    bool found = false;
    for (std::size_t k = many.begin; k < many.end && !found && goes_on(); ++k) {
      found = comparison.equal(stack_[i], stack_[k]) == Truth::yes;
    }
    if (!found) return Truth::no;
  }
  return Truth::yes;
}

Truth FhirPathEvaluation::test_on_text(const Operation& operation, const Value& value) {
  const auto whole = text(value);
  if (!whole.has_value()) return fail();
  steps_ += whole->size() / 64;
  if (operation.function == Function::matches) {
    return truth_of(plan_.patterns[operation.arguments[0]].is_in(*whole));
  }
  if (operation.function == Function::matches_full) {
    return truth_of(plan_.patterns[operation.arguments[0]].matches(*whole));
  }
  const auto part = text_argument(operation, 0, {{}, &value});
  if (!part.has_value()) return Truth::unknown;
  if (operation.function == Function::starts_with) return truth_of(whole->starts_with(*part));
  if (operation.function == Function::ends_with) return truth_of(whole->ends_with(*part));
  return truth_of(whole->find(*part) != std::string_view::npos);
}

/// What only those know who hold value sets, profiles and the rules of narratives.
Truth FhirPathEvaluation::test_world(const Operation& operation, const Value& value) {
  if (operation.function == Function::html_checks) {
    const auto div = text(value);
    const auto answer = div.has_value() ? world_.is_narrative(*div) : std::nullopt;
    return answer.has_value() ? truth_of(*answer) : fail();
  }
  const auto url = text_argument(operation, 0, {{}, &value});
  if (!url.has_value()) return Truth::unknown;
  if (operation.function == Function::member_of) return member_of(*url, value);
  if (value.kind != Kind::element || value.is_bare) return fail();
  const auto answer = world_.conforms_to(*value.node, *url);
  return answer.has_value() ? truth_of(*answer) : fail();
}

Truth FhirPathEvaluation::member_of(std::string_view value_set, const Value& value) {
  const auto written = [](const Node& object, std::string_view name) {
    const Node* const member = object.find(name);
    return member == nullptr ? std::string_view() : member->written();
  };
  const auto ask = [&](std::string_view system, std::string_view code) {
    const auto answer = world_.member_of(value_set, system, code);
    return answer.has_value() ? truth_of(*answer) : Truth::unknown;
  };
  Truth result = Truth::no;
  if (const auto code = text(value)) {
    result = ask("", *code);
  } else if (value.kind != Kind::element || value.is_bare) {
    return fail();
  } else if (const Node* const codings = value.node->find("coding")) {
    for (const Node& coding : *codings) {
      const Truth one = ask(written(coding, "system"), written(coding, "code"));
      if (one == Truth::yes) return one;
      if (one == Truth::unknown) result = one;
    }
  } else if (value.node->find("code") != nullptr) {
    result = ask(written(*value.node, "system"), written(*value.node, "code"));
  }
  return result == Truth::unknown ? fail() : result;
}

}  // namespace fhir_mapper
