#pragma once
// The functions that an expression may call, and what their arguments are.

#include <cstdint>
#include <string_view>
#include <vector>

namespace fhir_mapper {

enum class FhirPathFunction : std::uint8_t {
  // Those that are true, false or nothing.
  all,
  all_false,
  all_true,
  any_false,
  any_true,
  conforms_to,
  contains,
  converts_to_boolean,
  converts_to_decimal,
  converts_to_integer,
  converts_to_string,
  empty,
  ends_with,
  exists,
  has_value,
  html_checks,
  is,
  is_distinct,
  matches,
  matches_full,
  member_of,
  no,  // not()
  starts_with,
  subset_of,
  superset_of,
  // Those that lead to items.
  as,
  children,
  combine,
  count,
  descendants,
  distinct,
  exclude,
  extension,
  first,
  iif,
  index_of,
  intersect,
  join,
  last,
  length,
  lower,
  now,
  of_type,
  repeat,
  replace,
  replace_matches,
  resolve,
  select,
  single,
  skip,
  substring,
  tail,
  take,
  to_boolean,
  to_date,
  to_date_time,
  to_decimal,
  to_integer,
  to_string,
  to_time,
  today,
  trace,
  trim,
  unite,  // union()
  upper,
  where,
};

constexpr bool is_test(FhirPathFunction function) {
  return function <= FhirPathFunction::superset_of;
}

/// Whether its argument is evaluated for each item while the input still is.
constexpr bool asks_on_the_way(FhirPathFunction function) {
  return function == FhirPathFunction::all || function == FhirPathFunction::exists ||
         function == FhirPathFunction::where;
}

enum class FhirPathArgument : std::uint8_t {
  none,
  item,        // an expression about each item of the input
  collection,  // one about the input as a whole, such as iif()'s
  outer,       // one about what the call itself stands in, such as union()'s
  value,       // evaluated once, about the input
  type,
  pattern,  // a regular expression as a literal
};

struct FhirPathSignature {
  std::string_view name;
  FhirPathFunction function;
  std::uint8_t least = 0;
  std::uint8_t most = 0;
  FhirPathArgument first = FhirPathArgument::none;
  FhirPathArgument others = FhirPathArgument::none;
};

/// Null: there is no such function.
const FhirPathSignature* find_function(std::string_view name);
/// All of them, for "did you mean".
std::vector<std::string_view> function_names();

}  // namespace fhir_mapper
