// What names in an expression mean: functions, types, variables, elements. Part of FhirPathParser.
#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/fhir_path_parser.h"
#include "fhir_mapper/javascript_pattern.h"

#include <algorithm>
#include <bit>

namespace fhir_mapper {
namespace {

using Token = FhirPathToken;
using Operator = FhirPathOperator;
using System = FhirPathType::System;

struct SystemName {
  std::string_view name;
  System system;
};
constexpr SystemName kSystemTypes[] = {
    {"Boolean", System::boolean}, {"Date", System::date},       {"DateTime", System::date_time},
    {"Decimal", System::decimal}, {"Integer", System::integer}, {"Quantity", System::quantity},
    {"String", System::string},   {"Time", System::time},
};

System system_type(std::string_view name) {
  for (const SystemName& type : kSystemTypes) {
    if (type.name == name) return type.system;
  }
  return System::none;
}

/// Variables that are texts.
std::string text_variable(std::string_view name) {
  if (name == "ucum") return "http://unitsofmeasure.org";
  if (name == "sct") return "http://snomed.info/sct";
  if (name == "loinc") return "http://loinc.org";
  if (name.starts_with("vs-")) return "http://hl7.org/fhir/ValueSet/" + std::string(name.substr(3));
  if (name.starts_with("ext-"))
    return "http://hl7.org/fhir/StructureDefinition/" + std::string(name.substr(4));
  return {};
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace

FhirPathIndex FhirPathParser::call(Index input, const Token& name) {
  const FhirPathSignature* const signature = find_function(name.text);
  if (signature == nullptr) {
    const auto names = function_names();
    return fail(name, "there is no function " + name.text + "() here" + did_you_mean(name.text, names));
  }
  FhirPathOperation operation{.what = Operator::call, .function = signature->function, .input = input};
  const Token opened = token_;
  advance();
  if (!token_.is_sign(")") && !arguments(*signature, operation)) return kNoOperation;
  if (operation.argument_count < signature->least) {
    return fail(name, name.text + "() needs " + counted(signature->least, "argument"));
  }
  return expect(")", opened) ? add(operation) : kNoOperation;
}

bool FhirPathParser::arguments(const FhirPathSignature& signature, FhirPathOperation& operation) {
  for (;; advance()) {
    const std::size_t number = operation.argument_count;
    if (number == signature.most) {
      fail(token_, std::string(signature.name) + "() takes " +
                       (number == 0 ? "no arguments" : "at most " + counted(number, "argument")));
      return false;
    }
    operation.arguments[number] = argument(number == 0 ? signature.first : signature.others);
    if (failed()) return false;
    ++operation.argument_count;
    if (!token_.is_sign(",")) return true;
  }
}

FhirPathIndex FhirPathParser::argument(FhirPathArgument kind) {
  switch (kind) {
    case FhirPathArgument::type:
      return type_named().value_or(kNoOperation);
    case FhirPathArgument::pattern:
      return pattern_argument();
    case FhirPathArgument::none:
    case FhirPathArgument::item:
    case FhirPathArgument::collection:
    case FhirPathArgument::outer:
    case FhirPathArgument::value:
      break;
  }
  return expression(1);
}

FhirPathIndex FhirPathParser::pattern_argument() {
  const Token token = token_;
  if (token.kind != Token::Kind::text) {
    return fail(token,
                "a regular expression must stand here as a text between ': it is compiled once, before "
                "anything is known of a resource");
  }
  advance();
  if (!token_.is_sign(",") && !token_.is_sign(")")) {
    return fail(token_, "the text of a regular expression stands alone; write all of it between the same '");
  }
  auto pattern = Pattern::compile(javascript_as_re2(token.text));
  if (pattern.has_error())
    return fail(token, "this regular expression cannot be used: " + pattern.error().message);
  plan_.patterns.push_back(*std::move(pattern));
  return static_cast<Index>(plan_.patterns.size() - 1);
}

std::optional<FhirPathIndex> FhirPathParser::type_named() {
  const Token first = token_;
  std::string space;
  std::string name = token_.text;
  const auto is_name = [this] { return token_.kind == Token::Kind::name; };
  bool good = is_name();
  advance();
  if (good && token_.is_sign(".") && (name == "FHIR" || name == "System")) {
    advance();
    space = name;
    name = token_.text;
    good = is_name();
    advance();
  }
  if (!good) fail(first, "the name of a type must stand here, like Patient, dateTime or System.String");
  if (failed()) return std::nullopt;
  FhirPathType type;
  if (space != "System") type.fhir = fhir_type(name);
  if (space != "FHIR") type.system = system_type(name);
  if (type.fhir == FhirType::unknown && type.system == System::none) {
    fail(first, "FHIR R4 has no type \"" + name + "\"" + did_you_mean(name, fhir_type_names()));
    return std::nullopt;
  }
  const auto known = std::ranges::find(plan_.types, type);
  if (known != plan_.types.end()) return static_cast<Index>(known - plan_.types.begin());
  plan_.types.push_back(type);
  return static_cast<Index>(plan_.types.size() - 1);
}

FhirPathIndex FhirPathParser::variable() {
  const Token sign = token_;
  advance();
  const Token name = token_;
  advance();
  if (name.kind == Token::Kind::name || name.kind == Token::Kind::text) {
    if (name.text == "resource") return add({.what = Operator::resource});
    if (name.text == "rootResource") return add({.what = Operator::root_resource});
    if (name.text == "context") return add({.what = Operator::context});
    if (const std::string value = text_variable(name.text); !value.empty()) return text(value);
  }
  return fail(sign,
              "the variables are %resource, %rootResource, %context, %ucum, %sct, %loinc, %`vs-...` and "
              "%`ext-...`");
}

FhirPathIndex FhirPathParser::step(std::string_view name, Index input) {
  auto known = std::ranges::find(plan_.steps, name, &FhirPathStep::name);
  if (known == plan_.steps.end()) known = plan_.steps.insert(known, step_named(name));
  return add(
      {.what = Operator::step, .input = input, .detail = static_cast<Index>(known - plan_.steps.begin())});
}

FhirPathStep FhirPathParser::step_named(std::string_view name) {
  const auto members = members_named(name);
  FhirPathStep made{.name = keep(name), .beside = keep("_" + std::string(name)), .members = {}};
  made.is_choice_somewhere = std::ranges::any_of(members, &FhirMember::is_choice);
  if (!members.empty() && !made.is_choice_somewhere) {
    const FhirType first = members.front().type;
    if (std::ranges::all_of(members, [&](const FhirMember& member) { return member.type == first; })) {
      made.always = first;
    }
  }
  // At most half of the places are taken, so that every search comes to an end.
  made.members.resize(std::bit_ceil(2 * members.size() + 1));
  const std::size_t mask = made.members.size() - 1;
  for (const FhirMember& member : members) {
    std::size_t at = static_cast<std::size_t>(member.owner) & mask;
    while (made.members[at].owner != FhirType::unknown) at = (at + 1) & mask;
    made.members[at] = member;
  }
  return made;
}

FhirPathIndex FhirPathParser::constant(const FhirPathValue& value) {
  plan_.constants.push_back(value);
  return add({.what = Operator::constant, .detail = static_cast<Index>(plan_.constants.size() - 1)});
}

FhirPathIndex FhirPathParser::text(std::string_view text) {
  const auto is_same = [text](const FhirPathValue& each) {
    return each.kind == FhirPathValue::Kind::text && each.text == text;
  };
  const auto known = std::ranges::find_if(plan_.constants, is_same);
  if (known == plan_.constants.end()) return constant(FhirPathValue::of(keep(text)));
  return add({.what = Operator::constant, .detail = static_cast<Index>(known - plan_.constants.begin())});
}

std::string_view FhirPathParser::keep(std::string_view text) {
  return plan_.texts.emplace_back(text);
}

/// Whether it is a truth or nothing, and cannot fail.
bool FhirPathParser::is_sure_truth(Index index) const {
  if (index >= plan_.operations.size()) return false;
  const FhirPathOperation& operation = plan_.operations[index];
  const bool is_truth =
      operation.what == Operator::call ? is_test(operation.function) : operation.what >= Operator::both;
  return is_truth && operation.is_sure;
}

bool FhirPathParser::is_sure(const FhirPathOperation& operation) const {
  const auto sure = [&](Index index) {
    return index == kNoOperation || (index < plan_.operations.size() && plan_.operations[index].is_sure);
  };
  const auto& [first, second, third] = operation.arguments;
  switch (operation.what) {
    case Operator::scope:
    case Operator::index:
    case Operator::constant:
    case Operator::nothing:
    case Operator::resource:
    case Operator::root_resource:
    case Operator::context:
      return true;
    case Operator::step:
      return sure(operation.input);
    case Operator::both:
    case Operator::either:
    case Operator::exclusive:
    case Operator::implies:
      return is_sure_truth(first) && is_sure_truth(second);
    case Operator::equal:
    case Operator::unequal:
    case Operator::equivalent:
    case Operator::not_equivalent:
      return sure(first) && sure(second);
    case Operator::call:
      break;
    default:  // types that are not known, several items where one is wanted
      return false;
  }
  switch (operation.function) {
    case FhirPathFunction::count:
    case FhirPathFunction::empty:
    case FhirPathFunction::first:
    case FhirPathFunction::tail:
      return sure(operation.input);
    case FhirPathFunction::all:
    case FhirPathFunction::exists:
    case FhirPathFunction::where:
      return sure(operation.input) && (operation.argument_count == 0 || is_sure_truth(first));
    case FhirPathFunction::no:
      return is_sure_truth(operation.input);
    default:
      return false;
  }
}

void FhirPathParser::add_hop(FhirPathOperation& operation) {
  const bool is_step = operation.what == Operator::step;
  const bool is_filter =
      operation.what == Operator::call &&
      (operation.function == FhirPathFunction::as || operation.function == FhirPathFunction::of_type);
  if (!is_step && !is_filter) return;
  operation.source = operation.input;
  operation.first_hop = static_cast<std::uint32_t>(plan_.hops.size());
  if (operation.input != kNoOperation && plan_.operations[operation.input].hop_count > 0) {
    const FhirPathOperation& before = plan_.operations[operation.input];
    operation.source = before.source;
    operation.hop_count = before.hop_count;
    if (before.first_hop + before.hop_count == operation.first_hop) {
      operation.first_hop = before.first_hop;  // it goes on where that one ends
    } else {
      for (std::size_t i = 0; i < before.hop_count; ++i) {
        plan_.hops.push_back(FhirPathHop(plan_.hops[before.first_hop + i]));
      }
    }
  }
  plan_.hops.push_back({is_step, is_step ? operation.detail : operation.arguments[0]});
  ++operation.hop_count;
}

/// Dates and times are compared by what they mean, so that no element that may be one has such a test.
void FhirPathParser::add_text_test(FhirPathOperation& operation) {
  using Relation = FhirPathTextTest::Relation;
  const bool is_call = operation.what == Operator::call;
  const bool begins = is_call && operation.function == FhirPathFunction::starts_with;
  const bool ends = is_call && operation.function == FhirPathFunction::ends_with;
  const bool compares = operation.what == Operator::equal || operation.what == Operator::unequal;
  if (!compares && !begins && !ends) return;
  const Index constant = operation.arguments[is_call ? 0 : 1];
  const Index asked = is_call ? operation.input : operation.arguments[0];
  if (plan_.operations[constant].what != Operator::constant) return;
  const FhirPathValue& value = plan_.constants[plan_.operations[constant].detail];
  if (value.kind != FhirPathValue::Kind::text) return;
  FhirPathTextTest test{begins ? Relation::begins : ends ? Relation::ends : Relation::is, {}, value.text};
  if (asked != kNoOperation && plan_.operations[asked].what != Operator::scope) {
    const FhirPathOperation& step = plan_.operations[asked];
    if (step.what != Operator::step || step.input != kNoOperation) return;
    const FhirPathStep& member = plan_.steps[step.detail];
    const auto is_time = [](const FhirMember& one) { return is_time_type(one.type); };
    if (std::ranges::any_of(member.members, is_time)) return;
    test.member = member.name;
  }
  operation.text_test = static_cast<Index>(plan_.text_tests.size());
  plan_.text_tests.push_back(test);
}

FhirPathIndex FhirPathParser::add(FhirPathOperation operation) {
  if (failed()) return kNoOperation;
  // An argument may also be the number of a type or a pattern. Taken for an operation it can only make the
  // depth look greater than it is.
  const auto depth_of = [&](Index index) -> std::size_t {
    return index < plan_.operations.size() ? plan_.operations[index].depth : 0;
  };
  std::size_t deepest = depth_of(operation.input);
  const bool is_within = operation.what == Operator::call && asks_on_the_way(operation.function);
  const std::size_t around = is_within ? deepest : 0;
  for (const Index argument : operation.arguments) deepest = std::max(deepest, around + depth_of(argument));
  if (deepest >= kDeepestFhirPath)
    return fail(token_, "this has too many steps in a row; write several rules instead");
  operation.depth = static_cast<std::uint16_t>(deepest + 1);
  operation.is_sure = is_sure(operation);
  const auto known = std::ranges::find_if(
      plan_.operations, [&](const FhirPathOperation& each) { return each.says_same(operation); });
  if (known != plan_.operations.end()) {
    known->is_repeated = true;
    return static_cast<Index>(known - plan_.operations.begin());
  }
  add_hop(operation);
  add_text_test(operation);
  plan_.operations.push_back(operation);
  return static_cast<Index>(plan_.operations.size() - 1);
}

}  // namespace fhir_mapper
