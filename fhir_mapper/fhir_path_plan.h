#pragma once
// An expression, compiled: operations that name each other by number, and what they need, looked up.
// Immutable once FhirPath::compile has made it.

#include "fhir_mapper/fhir_path_function.h"
#include "fhir_mapper/fhir_path_value.h"
#include "fhir_mapper/pattern.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

enum class FhirPathOperator : std::uint8_t {
  scope,  // $this, and what a path without a beginning begins with
  index,  // $index
  constant,
  nothing,  // {}
  resource,
  root_resource,
  context,
  step,       // a member by its name
  root_type,  // Patient.name: the item itself when it is a Patient
  item,       // name[0]
  call,
  negate,
  both,    // and
  either,  // or
  exclusive,
  implies,
  equal,
  unequal,
  equivalent,
  not_equivalent,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in,
  contains,
  is,
  as,
  unite,  // |
  plus,
  minus,
  join,  // &
  times,
  divide,
  whole_divide,
  remainder,
};

using FhirPathIndex = std::uint16_t;
inline constexpr FhirPathIndex kNoOperation = 0xFFFF;

struct FhirPathOperation {
  FhirPathOperator what = FhirPathOperator::scope;
  FhirPathFunction function = FhirPathFunction::all;  // of a call
  std::uint8_t argument_count = 0;
  /// What a step, item or call is applied to; kNoOperation: the scope.
  FhirPathIndex input = kNoOperation;
  /// Operands or arguments. Those that are no expressions are numbers in `types` or `patterns`.
  std::array<FhirPathIndex, 3> arguments{kNoOperation, kNoOperation, kNoOperation};
  /// Of a constant, step or root_type: its number in `constants`, `steps` or `types`.
  FhirPathIndex detail = 0;
  /// Where it ends a row of hops, which are `hops` from `first_hop` on: what the row begins with. A row is
  /// gone at once.
  FhirPathIndex source = kNoOperation;
  std::uint32_t first_hop = 0;
  std::uint16_t hop_count = 0;             // 0: it is no hop
  std::uint16_t depth = 1;                 // of the operations below it, itself counted
  FhirPathIndex text_test = kNoOperation;  // its number in `text_tests` where it is one
  /// Whatever the tree holds it cannot fail, limits aside: whoever knows enough need not look at the rest.
  bool is_sure = false;
  bool is_repeated = false;  // the expression says it several times

  bool says_same(const FhirPathOperation& other) const {
    return what == other.what && input == other.input && arguments == other.arguments &&
           detail == other.detail && function == other.function && argument_count == other.argument_count;
  }
};

/// What most rules ask of an item: system = 'http://loinc.org', $this.startsWith('http://'). Where the item
/// has that text it is answered at once.
struct FhirPathTextTest {
  enum class Relation : std::uint8_t { is, begins, ends };
  Relation relation = Relation::is;
  std::string_view member;  // empty: the item itself
  std::string_view text;
};

struct FhirPathStep {
  std::string_view name;
  std::string_view beside;              // "_birthDate", what JSON keeps beside it
  std::vector<FhirMember> members;      // the types that have such an element, where their numbers say
  FhirType always = FhirType::unknown;  // what it is of in all of them
  bool is_choice_somewhere = false;

  /// Null: no such type has it.
  const FhirMember* of(FhirType owner) const {
    const std::size_t mask = members.size() - 1;
    for (std::size_t at = static_cast<std::size_t>(owner) & mask;; at = (at + 1) & mask) {
      const FhirMember& member = members.data()[at];
      if (member.owner == owner) return owner == FhirType::unknown ? nullptr : &member;
      if (member.owner == FhirType::unknown) return nullptr;
    }
  }
  FhirType type_in(FhirType owner) const {
    const FhirMember* const member = of(owner);
    return member == nullptr ? FhirType::unknown : member->type;
  }
};

/// From an item to those that a step or ofType() leads to: name.family, value.ofType(Identifier).
struct FhirPathHop {
  bool is_step = true;
  FhirPathIndex detail = 0;  // its number in `steps` or `types`
};

/// What stands behind is, as and ofType.
struct FhirPathType {
  FhirType fhir = FhirType::unknown;  // unknown: no type of FHIR of that name
  enum class System : std::uint8_t {
    none,
    boolean,
    integer,
    decimal,
    string,
    date,
    date_time,
    time,
    quantity
  };
  System system = System::none;

  friend bool operator==(const FhirPathType&, const FhirPathType&) = default;
};

/// What an evaluation asks for stands at the begin, side by side: between two evaluations of a rule lie so
/// many of others that each line of the cache is fetched anew.
struct FhirPathPlan {
  FhirPathIndex root = kNoOperation;
  std::vector<FhirPathOperation> operations;
  std::vector<FhirPathHop> hops;
  std::vector<FhirPathStep> steps;
  std::vector<FhirPathTextTest> text_tests;
  std::vector<FhirPathType> types;
  std::vector<FhirPathValue> constants;
  std::vector<Pattern> patterns;
  std::string expression;
  std::deque<std::string> texts;  // names and literals, where they stay

  /// An index is the parser's.
  const FhirPathOperation& at(FhirPathIndex index) const { return operations.data()[index]; }
};

}  // namespace fhir_mapper
