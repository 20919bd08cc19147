#include "fhir_mapper/fhir_path_function.h"

#include <algorithm>
#include <iterator>

namespace fhir_mapper {
namespace {

using F = FhirPathFunction;
using A = FhirPathArgument;

constexpr FhirPathSignature kFunctions[] = {
    {"all", F::all, 1, 1, A::item},
    {"allFalse", F::all_false},
    {"allTrue", F::all_true},
    {"anyFalse", F::any_false},
    {"anyTrue", F::any_true},
    {"as", F::as, 1, 1, A::type},
    {"children", F::children},
    {"combine", F::combine, 1, 1, A::outer},
    {"conformsTo", F::conforms_to, 1, 1, A::value},
    {"contains", F::contains, 1, 1, A::value},
    {"convertsToBoolean", F::converts_to_boolean},
    {"convertsToDecimal", F::converts_to_decimal},
    {"convertsToInteger", F::converts_to_integer},
    {"convertsToString", F::converts_to_string},
    {"count", F::count},
    {"descendants", F::descendants},
    {"distinct", F::distinct},
    {"empty", F::empty},
    {"endsWith", F::ends_with, 1, 1, A::value},
    {"exclude", F::exclude, 1, 1, A::outer},
    {"exists", F::exists, 0, 1, A::item},
    {"extension", F::extension, 1, 1, A::value},
    {"first", F::first},
    {"hasValue", F::has_value},
    {"htmlChecks", F::html_checks},
    {"iif", F::iif, 2, 3, A::collection, A::collection},
    {"indexOf", F::index_of, 1, 1, A::value},
    {"intersect", F::intersect, 1, 1, A::outer},
    {"is", F::is, 1, 1, A::type},
    {"isDistinct", F::is_distinct},
    {"join", F::join, 0, 1, A::value},
    {"last", F::last},
    {"length", F::length},
    {"lower", F::lower},
    {"matches", F::matches, 1, 1, A::pattern},
    {"matchesFull", F::matches_full, 1, 1, A::pattern},
    {"memberOf", F::member_of, 1, 1, A::value},
    {"not", F::no},
    {"now", F::now},
    {"ofType", F::of_type, 1, 1, A::type},
    {"repeat", F::repeat, 1, 1, A::item},
    {"replace", F::replace, 2, 2, A::value, A::value},
    {"replaceMatches", F::replace_matches, 2, 2, A::pattern, A::value},
    {"resolve", F::resolve},
    {"select", F::select, 1, 1, A::item},
    {"single", F::single},
    {"skip", F::skip, 1, 1, A::value},
    {"startsWith", F::starts_with, 1, 1, A::value},
    {"subsetOf", F::subset_of, 1, 1, A::outer},
    {"substring", F::substring, 1, 2, A::value, A::value},
    {"supersetOf", F::superset_of, 1, 1, A::outer},
    {"tail", F::tail},
    {"take", F::take, 1, 1, A::value},
    {"toBoolean", F::to_boolean},
    {"toDate", F::to_date},
    {"toDateTime", F::to_date_time},
    {"toDecimal", F::to_decimal},
    {"toInteger", F::to_integer},
    {"toString", F::to_string},
    {"toTime", F::to_time},
    {"today", F::today},
    {"trace", F::trace, 1, 2, A::value, A::item},
    {"trim", F::trim},
    {"union", F::unite, 1, 1, A::outer},
    {"upper", F::upper},
    {"where", F::where, 1, 1, A::item},
};
static_assert(std::ranges::is_sorted(kFunctions, {}, &FhirPathSignature::name), "look-up by halving");

}  // namespace

const FhirPathSignature* find_function(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kFunctions, name, {}, &FhirPathSignature::name);
  return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const FhirPathSignature& function : kFunctions) names.push_back(function.name);
  return names;
}

}  // namespace fhir_mapper
