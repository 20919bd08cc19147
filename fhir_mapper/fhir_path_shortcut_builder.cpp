#include "fhir_mapper/fhir_path_shortcut_builder.h"

#include <limits>
#include <utility>

namespace fhir_mapper {
namespace {

using Operator = FhirPathOperator;
using Function = FhirPathFunction;

/// Whether it is known at once, and not only from a resource's own type.
bool is_told(FhirType type) {
  return type != FhirType::unknown && type != known_types().resource;
}

/// Whether its name says all: a resource is of it if, and only if, it says so.
bool is_concrete(FhirType type) {
  return is_told(type) && type != known_types().domain_resource;
}

bool is_choice(const FhirPathStep& step, FhirType owner) {
  const FhirMember* const member = is_told(owner) ? step.of(owner) : nullptr;
  return member != nullptr && member->is_choice;
}

}  // namespace

std::optional<FhirPathShortcut> FhirPathShortcutBuilder::build(FhirType focus) {
  const Index root = truth(plan_.root, focus);
  if (is_open(root) || parts_.size() > std::numeric_limits<Index>::max()) return std::nullopt;
  return FhirPathShortcut(std::move(parts_), root);
}

FhirPathShortcut::Index FhirPathShortcutBuilder::truth(FhirPathIndex index, FhirType scope) {
  const FhirPathOperation& operation = plan_.at(index);
  if (operation.text_test != kNoOperation) {
    const Index test = text_test(operation, scope);
    if (!is_open(test)) return test;
  }
  switch (operation.what) {
    case Operator::both:
    case Operator::either:
    case Operator::exclusive:
    case Operator::implies:
      return logic(operation, scope);
    case Operator::equal:
    case Operator::unequal:
      return equality(operation, scope);
    case Operator::is:
      return is_type(operation, operation.detail, scope);
    case Operator::call:
      return call(operation, scope);
    default:
      return open();
  }
}

/// What the left operand decides need not be known of the right one.
FhirPathShortcut::Index FhirPathShortcutBuilder::logic(const FhirPathOperation& operation, FhirType scope) {
  Part part{.what = operation.what == Operator::both        ? What::both
                    : operation.what == Operator::either    ? What::either
                    : operation.what == Operator::exclusive ? What::exclusive
                                                            : What::implies};
  part.first = truth(operation.arguments[0], scope);
  if (is_open(part.first)) return part.first;
  part.second = truth(operation.arguments[1], scope);
  if (is_open(part.second) && part.what == What::exclusive) return part.second;
  return add(part);
}

FhirPathShortcut::Index FhirPathShortcutBuilder::call(const FhirPathOperation& operation, FhirType scope) {
  switch (operation.function) {
    case Function::all:
    case Function::empty:
    case Function::exists:
      return each(operation, scope);
    case Function::no: {
      if (operation.input == kNoOperation) return open();
      const Index inside = truth(operation.input, scope);
      return is_open(inside) ? inside : add({.what = What::negation, .first = inside});
    }
    case Function::is:
      return is_type(operation, operation.arguments[0], scope);
    case Function::subset_of:
      return subset(operation, scope);
    case Function::contains:
    case Function::ends_with:
    case Function::matches:
    case Function::matches_full:
    case Function::starts_with:
      return text_of_one(operation, scope);
    default:
      return open();
  }
}

FhirPathShortcut::Index FhirPathShortcutBuilder::each(const FhirPathOperation& operation, FhirType scope) {
  Row row{.parts = {}, .type = scope};
  if (!follow(operation.input, row)) return open();
  Part end{.what = What::found, .is_sure = is_sure(operation.input)};
  if (operation.argument_count > 0) {
    end.what = operation.function == Function::all ? What::ask_no : What::ask_yes;
    end.first = truth(operation.arguments[0], row.type);
    if (is_open(end.first)) return end.first;
  }
  const What what = operation.function == Function::all     ? What::every
                    : operation.function == Function::empty ? What::none
                                                            : What::any;
  return add({.what = what, .first = add_row(row, end)});
}

FhirPathShortcut::Index FhirPathShortcutBuilder::equality(const FhirPathOperation& operation,
                                                          FhirType scope) {
  Part part{.what = What::count, .is_negated = operation.what == Operator::unequal};
  const auto& [left, right, none] = operation.arguments;
  static_cast<void>(none);
  const FhirPathOperation* const count = called(left, Function::count);
  const auto wanted = number(right);
  if (count != nullptr && wanted.has_value()) {
    Row row{.parts = {}, .type = scope};
    if (!follow(count->input, row)) return open();
    part.first = add_row(row, {.what = What::take});
    part.second = *wanted;
    return add(part);
  }
  const auto one = reading(left, scope);
  const auto other = one.has_value() ? reading(right, scope) : std::nullopt;
  if (!other.has_value()) return open();
  part.what = What::same;
  part.first = *one;
  part.second = *other;
  return add(part);
}

FhirPathShortcut::Index FhirPathShortcutBuilder::subset(const FhirPathOperation& operation, FhirType scope) {
  const auto few = path_to_text(operation.input, scope);
  const auto many = few.has_value() ? path_to_text(operation.arguments[0], scope) : std::nullopt;
  return many.has_value() ? add({.what = What::within, .first = *few, .second = *many}) : open();
}

FhirPathShortcut::Index FhirPathShortcutBuilder::is_type(const FhirPathOperation& operation,
                                                         FhirPathIndex type, FhirType scope) {
  Row row{.parts = {}, .type = scope};
  const FhirType wanted = plan_.types[type].fhir;
  if (!follow(operation.input, row) || row.type != known_types().resource || !is_concrete(wanted)) {
    return open();
  }
  return add({.what = What::is_type, .first = add_row(row, {.what = What::take}), .name = name_of(wanted)});
}

FhirPathShortcut::Index FhirPathShortcutBuilder::text_test(const FhirPathOperation& operation,
                                                           FhirType scope) {
  using Asked = FhirPathTextTest::Relation;
  const FhirPathTextTest& test = plan_.text_tests[operation.text_test];
  Part part{.what = What::text,
            .relation = test.relation == Asked::begins ? Relation::begins
                        : test.relation == Asked::ends ? Relation::ends
                                                       : Relation::is,
            .is_negated = operation.what == Operator::unequal,
            .name = test.member,
            .text = test.text};
  if (test.member.empty()) {
    const bool may_be_time = !is_told(scope) || is_time_type(scope);
    return test.relation == Asked::is && may_be_time ? open() : add(part);
  }
  const bool is_call = operation.what == Operator::call;
  const FhirPathOperation& asked = plan_.at(is_call ? operation.input : operation.arguments[0]);
  Row row{.parts = {}, .type = scope};
  if (!follow_step(plan_.steps[asked.detail], row)) return open();
  part.absence = row.parts.back().absence;
  return add(part);
}

FhirPathShortcut::Index FhirPathShortcutBuilder::text_of_one(const FhirPathOperation& operation,
                                                             FhirType scope) {
  const Function function = operation.function;
  Part part{.what = What::has_text};
  if (function == Function::matches || function == Function::matches_full) {
    part.what = function == Function::matches ? What::matches : What::matches_full;
    part.pattern = &plan_.patterns[operation.arguments[0]];
  } else {
    const auto wanted = text(operation.arguments[0]);
    if (!wanted.has_value()) return open();
    part.text = *wanted;
    part.relation = function == Function::starts_with ? Relation::begins
                    : function == Function::ends_with ? Relation::ends
                                                      : Relation::holds;
  }
  Row row{.parts = {}, .type = scope};
  if (!follow(operation.input, row)) return open();
  part.first = add_row(row, {.what = What::take});
  return add(part);
}

std::optional<FhirPathShortcut::Index> FhirPathShortcutBuilder::reading(FhirPathIndex index, FhirType scope) {
  if (const auto constant = text(index)) return add({.what = What::constant, .text = *constant});
  if (const FhirPathOperation* const part = called(index, Function::substring))
    return substring(*part, scope);
  if (index != kNoOperation && plan_.at(index).what == Operator::plus) return joined(plan_.at(index), scope);
  const auto path = path_to_text(index, scope);
  return path.has_value() ? std::optional(add({.what = What::path, .first = *path})) : std::nullopt;
}

/// Dates are compared by what they mean.
std::optional<FhirPathShortcut::Index> FhirPathShortcutBuilder::path_to_text(FhirPathIndex index,
                                                                             FhirType scope) {
  Row row{.parts = {}, .type = scope};
  if (!follow(index, row) || !is_told(row.type) || is_time_type(row.type)) return std::nullopt;
  return add_row(row, {.what = What::take});
}

std::optional<FhirPathShortcut::Index> FhirPathShortcutBuilder::substring(const FhirPathOperation& operation,
                                                                          FhirType scope) {
  const auto begin = number(operation.arguments[0]);
  const auto length = operation.argument_count > 1 ? number(operation.arguments[1])
                                                   : std::optional(std::numeric_limits<Index>::max());
  Row row{.parts = {}, .type = scope};
  if (!begin.has_value() || !length.has_value() || !follow(operation.input, row)) return std::nullopt;
  return add({.what = What::substring,
              .first = add_row(row, {.what = What::take}),
              .second = *begin,
              .third = *length});
}

std::optional<FhirPathShortcut::Index> FhirPathShortcutBuilder::joined(const FhirPathOperation& operation,
                                                                       FhirType scope) {
  const auto before = text(operation.arguments[0]);
  Row row{.parts = {}, .type = scope};
  if (!before.has_value() || !follow(operation.arguments[1], row)) return std::nullopt;
  return add({.what = What::joined, .first = add_row(row, {.what = What::take}), .text = *before});
}

bool FhirPathShortcutBuilder::follow(FhirPathIndex index, Row& row) {
  if (index == kNoOperation || plan_.at(index).what == Operator::scope) return true;
  const FhirPathOperation& operation = plan_.at(index);
  if (operation.what == Operator::call) return follow_call(operation, row);
  if (operation.what != Operator::step || !follow(operation.input, row)) return false;
  const FhirPathStep& step = plan_.steps[operation.detail];
  return !is_choice(step, row.type) && follow_step(step, row);
}

bool FhirPathShortcutBuilder::follow_call(const FhirPathOperation& operation, Row& row) {
  switch (operation.function) {
    case Function::as:
    case Function::of_type:
      return follow_type(operation, row);
    case Function::where: {
      if (!follow(operation.input, row)) return false;
      const Index criterion = truth(operation.arguments[0], row.type);
      row.parts.push_back({.what = What::where, .first = criterion});
      return !is_open(criterion);
    }
    case Function::first:
    case Function::tail:
      if (!follow(operation.input, row) || row.has_counter) return false;
      row.has_counter = true;
      row.parts.push_back({.what = operation.function == Function::first ? What::first : What::tail});
      return true;
    default:
      return false;
  }
}

bool FhirPathShortcutBuilder::follow_step(const FhirPathStep& step, Row& row) {
  Part part{.what = What::step, .name = step.name};
  if (row.type == known_types().resource) {
    if (!step.is_choice_somewhere) part.absence = Absence::nothing_in_known_resource;
  } else if (row.type != FhirType::unknown && !is_choice(step, row.type)) {
    part.absence = Absence::nothing;
  }
  row.parts.push_back(part);
  row.type = step.always != FhirType::unknown ? step.always
             : is_told(row.type)              ? step.type_in(row.type)
                                              : FhirType::unknown;
  return true;
}

/// Of a resource, or of a choice of which one type alone is wanted. Each part of an expression is followed
/// once: a row of types would double the time with every one.
bool FhirPathShortcutBuilder::follow_type(const FhirPathOperation& operation, Row& row) {
  const FhirType wanted = plan_.types[operation.arguments[0]].fhir;
  if (!is_concrete(wanted) || operation.input == kNoOperation) return false;
  const FhirPathOperation& input = plan_.at(operation.input);
  if (input.what != Operator::step) {
    if (!follow(operation.input, row)) return false;
  } else {
    if (!follow(input.input, row)) return false;
    const FhirPathStep& step = plan_.steps[input.detail];
    if (is_choice(step, row.type)) return follow_choice(step, wanted, row);
    if (!follow_step(step, row)) return false;
  }
  if (row.type != known_types().resource) return false;
  row.parts.push_back({.what = What::resource_type, .name = name_of(wanted)});
  row.type = wanted;
  return true;
}

bool FhirPathShortcutBuilder::follow_choice(const FhirPathStep& step, FhirType wanted, Row& row) {
  const std::string_view name = name_of(wanted);
  if (name.find('.') != std::string_view::npos) return false;
  row.parts.push_back({.what = What::choice, .name = name, .text = step.name});
  row.type = wanted;
  return true;
}

std::optional<std::string_view> FhirPathShortcutBuilder::text(FhirPathIndex index) const {
  if (index == kNoOperation || plan_.at(index).what != Operator::constant) return std::nullopt;
  const FhirPathValue& value = plan_.constants[plan_.at(index).detail];
  return value.kind == FhirPathValue::Kind::text ? std::optional(value.text) : std::nullopt;
}

std::optional<FhirPathShortcut::Index> FhirPathShortcutBuilder::number(FhirPathIndex index) const {
  if (index == kNoOperation || plan_.at(index).what != Operator::constant) return std::nullopt;
  const FhirPathValue& value = plan_.constants[plan_.at(index).detail];
  const auto whole = value.kind == FhirPathValue::Kind::number ? value.number.whole() : std::nullopt;
  if (!whole.has_value() || *whole < 0 || *whole > std::numeric_limits<Index>::max()) return std::nullopt;
  return static_cast<Index>(*whole);
}

/// Null: it is something else.
const FhirPathOperation* FhirPathShortcutBuilder::called(FhirPathIndex index,
                                                         FhirPathFunction function) const {
  if (index == kNoOperation) return nullptr;
  const FhirPathOperation& operation = plan_.at(index);
  return operation.what == Operator::call && operation.function == function ? &operation : nullptr;
}

FhirPathShortcut::Index FhirPathShortcutBuilder::add_row(const Row& row, const Part& end) {
  const std::size_t begin = parts_.size();
  parts_.insert(parts_.end(), row.parts.begin(), row.parts.end());
  parts_.push_back(end);
  return static_cast<Index>(begin);
}

FhirPathShortcut::Index FhirPathShortcutBuilder::add(const Part& part) {
  parts_.push_back(part);
  return static_cast<Index>(parts_.size() - 1);
}

}  // namespace fhir_mapper
