// Items that a path leads to, one after the other: most rules ask whether there is one, and need no
// collection for that. Part of FhirPathEvaluation.
#include "fhir_mapper/fhir_path_evaluation.h"

namespace fhir_mapper {
namespace {

using Function = FhirPathFunction;
using Truth = FhirPathTruth;
using Operator = FhirPathOperator;
using Kind = FhirPathValue::Kind;

}  // namespace

/// Whether a call is made item by item.
bool FhirPathEvaluation::is_visited(const Operation& operation) {
  if (operation.what != Operator::call) return operation.what <= Operator::root_type;
  switch (operation.function) {
    case Function::as:
    case Function::count:
    case Function::first:
    case Function::of_type:
    case Function::tail:
    case Function::where:
      return true;
    default:
      return false;
  }
}

void FhirPathEvaluation::push_visited(Index index, const Scope& scope) {
  auto keep_it = [this](const Value& item) {
    push(item);
    return !failed_;
  };
  visit(index, scope, Sink(keep_it));
}

void FhirPathEvaluation::look(Index index, const Scope& scope, Few& few) {
  if (index != kNoOperation && plan_.at(index).what == Operator::constant) {
    few.first = &plan_.constants[plan_.at(index).detail];
    few.count = 1;
    return;
  }
  if (look_at_member(index, scope, few)) return;
  const bool may_stop = is_sure(index);
  auto count = [&](const Value& item) {
    if (++few.count > 1) return !may_stop;
    few.room = item;
    few.first = &few.room;
    return true;
  };
  visit(index, scope, Sink(count));
}

/// What most tests of an item look at: a member that is there and does not repeat.
bool FhirPathEvaluation::look_at_member(Index index, const Scope& scope, Few& few) {
  if (index == kNoOperation || scope.one == nullptr || scope.one->kind != Kind::element) return false;
  const Operation& operation = plan_.at(index);
  if (operation.hop_count != 1 || operation.what != Operator::step || operation.source != kNoOperation) {
    return false;
  }
  const FhirPathStep& step = plan_.steps[operation.detail];
  const Node* const member = scope.one->node->find(step.name);
  if (member == nullptr || member->is_array() || !goes_on()) return false;
  few.room = Value::of(*member, type_of_member(*scope.one, step), scope.one->node);
  few.first = &few.room;
  few.count = 1;
  return true;
}

bool FhirPathEvaluation::visit(Index index, const Scope& scope, const Sink& sink) {
  if (index == kNoOperation || plan_.at(index).what == Operator::scope) {
    if (scope.one != nullptr) return sink(*scope.one);
    for (std::size_t i = scope.items.begin; i < scope.items.end; ++i) {
      const Value item = stack_[i];  // the stack may move meanwhile
      if (!goes_on() || !sink(item)) return false;
    }
    return true;
  }
  const Operation& operation = plan_.at(index);
  if (!goes_on()) return false;
  if (operation.hop_count > 0) {
    const FhirPathHop* const first = plan_.hops.data() + operation.first_hop;
    const Way way{first, first + operation.hop_count, sink};
    if (operation.source == kNoOperation && scope.one != nullptr) return go(*scope.one, way);
    auto enter = [&](const Value& item) { return go(item, way); };
    return visit(operation.source, scope, Sink(enter));
  }
  switch (operation.what) {
    case Operator::index:
      return sink(Value::of(FhirPathNumber(scope.index)));
    case Operator::constant:
      return sink(plan_.constants[operation.detail]);
    case Operator::nothing:
      return true;
    case Operator::resource:
    case Operator::root_resource: {
      const bool is_root = operation.what == Operator::root_resource;
      const Node* const resource = is_root ? world_.root_resource() : world_.resource();
      return resource == nullptr || sink(Value::of(*resource, known_types().resource, nullptr));
    }
    case Operator::context:
      return sink(focus_);
    case Operator::root_type: {
      auto test_type = [&](const Value& item) {
        return !is_of(item, plan_.types[operation.detail]) ? !failed_ : sink(item);
      };
      return visit(kNoOperation, scope, Sink(test_type));
    }
    default:
      break;
  }
  if (is_visited(operation)) return visit_call(operation, scope, sink);
  const std::size_t base = top();
  evaluate(index, scope);
  const std::size_t end = top();
  bool goes = !failed_;
  for (std::size_t i = base; goes && i < end; ++i) {
    const Value item = stack_[i];
    goes = sink(item) && goes_on();
  }
  if (!failed_) bring_down(base, end);
  return goes;
}

/// The hops that are left, from one item on.
bool FhirPathEvaluation::go(const Value& item, const Way& way) {
  if (way.hop == way.end) return way.sink(item);
  const Way rest{way.hop + 1, way.end, way.sink};
  if (!way.hop->is_step) return go_if_of_type(item, plan_.types[way.hop->detail], rest);
  return item.kind != Kind::element || visit_members(item, plan_.steps[way.hop->detail], rest);
}

bool FhirPathEvaluation::go_if_of_type(const Value& item, const FhirPathType& type, const Way& rest) {
  const bool fits = goes_on() && is_of(item, type);
  if (failed_ || !fits) return !failed_;
  const FhirKnownTypes& known = known_types();
  const bool is_abstract = type.fhir == known.resource || type.fhir == known.domain_resource;
  if (item.kind != Kind::element || item.type != known.resource || is_abstract) return go(item, rest);
  return go(Value::of(*item.node, type.fhir, item.owner), rest);  // nobody need look at resourceType again
}

bool FhirPathEvaluation::visit_where(const Operation& operation, const Scope& scope, const Sink& sink) {
  std::int64_t index = 0;
  auto filter = [&](const Value& item) {
    const Scope about{{}, &item, index++};
    const bool fits = truth(operation.arguments[0], about) == Truth::yes;
    return !failed_ && (!fits || sink(item));
  };
  return visit(operation.input, scope, Sink(filter));
}

/// "identifier.where(...).empty() or identifier.where(...).count() = 1 and identifier.where(...)": what leads
/// to one item at most is found once.
bool FhirPathEvaluation::visit_repeated(const Operation& operation, const Scope& scope, const Sink& sink) {
  if (known_.operation != &operation) {
    Known found;
    found.operation = &operation;
    auto keep_first = [&](const Value& item) {
      if (found.count++ == 0) found.first = item;
      return !failed_;
    };
    visit_where(operation, scope, Sink(keep_first));
    if (failed_) return false;
    known_ = found;
  }
  if (known_.count > 1) return visit_where(operation, scope, sink);
  const Value only = known_.first;  // what becomes of it may ask for another
  return known_.count == 0 || sink(only);
}

bool FhirPathEvaluation::visit_call(const Operation& operation, const Scope& scope, const Sink& sink) {
  std::int64_t index = 0;
  switch (operation.function) {
    case Function::where:
      return operation.is_repeated && scope.one == &focus_ ? visit_repeated(operation, scope, sink)
                                                           : visit_where(operation, scope, sink);
    case Function::first: {
      const bool may_stop = is_sure(operation.input);
      bool goes = true;
      auto take_one = [&](const Value& item) {
        if (index++ == 0) goes = sink(item);
        return goes && !may_stop;
      };
      visit(operation.input, scope, Sink(take_one));
      return goes && !failed_;
    }
    case Function::tail: {
      auto leave_one = [&](const Value& item) { return index++ == 0 || sink(item); };
      return visit(operation.input, scope, Sink(leave_one));
    }
    default: {  // count
      auto count = [&](const Value&) { return ++index, goes_on(); };
      visit(operation.input, scope, Sink(count));
      return !failed_ && sink(Value::of(FhirPathNumber(index)));
    }
  }
}

}  // namespace fhir_mapper
