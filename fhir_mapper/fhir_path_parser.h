#pragma once
// An expression to a plan, or what is wrong with it. Used once for each expression.

#include "fhir_mapper/fhir_path_lexer.h"
#include "fhir_mapper/fhir_path_plan.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fhir_mapper {

/// Longer ones nobody writes (the longest of JP-CLINS has 700), and deeper ones would need a deeper stack
/// when they are evaluated.
inline constexpr std::size_t kLongestFhirPath = 16 * 1024;
inline constexpr std::size_t kDeepestFhirPath = 200;

class FhirPathParser {
 public:
  explicit FhirPathParser(std::string_view expression) : lexer_(expression) { plan_.expression = expression; }

  boost::system::result<FhirPathPlan, FhirPathMistake> parse();

 private:
  using Operator = FhirPathOperator;
  using Index = FhirPathIndex;

  Index expression(int loosest);
  Index typed(Index left, Operator what);
  Index signed_term();
  Index term();
  Index chained(Index input);
  Index invocation(Index input, bool begins);
  Index call(Index input, const FhirPathToken& name);
  bool arguments(const FhirPathSignature& signature, FhirPathOperation& operation);
  Index argument(FhirPathArgument kind);
  Index bracketed(std::string_view closing);
  Index dollar();
  Index variable();

  std::optional<Index> type_named();
  Index pattern_argument();
  Index step(std::string_view name, Index input);
  FhirPathStep step_named(std::string_view name);
  Index constant(const FhirPathValue& value);
  Index text(std::string_view text);
  Index add(FhirPathOperation operation);
  void add_hop(FhirPathOperation& operation);
  void add_text_test(FhirPathOperation& operation);
  bool is_sure(const FhirPathOperation& operation) const;
  bool is_sure_truth(Index index) const;
  std::string_view keep(std::string_view text);

  void advance();
  bool expect(std::string_view sign, const FhirPathToken& opened);
  Index fail(const FhirPathToken& at, std::string message);
  bool failed() const { return mistake_.has_value(); }

  FhirPathLexer lexer_;
  FhirPathToken token_;  // the next one
  FhirPathPlan plan_;
  std::size_t depth_ = 0;
  std::optional<FhirPathMistake> mistake_;  // the first one; nothing counts behind it
};

}  // namespace fhir_mapper
