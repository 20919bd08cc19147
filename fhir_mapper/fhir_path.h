#pragma once
// The part of FHIRPath (N1) that rules of profiles are written in: compiled once into an immutable plan,
// evaluated on trees. Expressions stand in data files: what is not known is refused when it is compiled, and
// nothing that an expression says makes an evaluation take long, take much memory or end the process.
// Pure; a FhirPath is for all threads.

#include "fhir_mapper/fhir_path_shortcut.h"
#include "fhir_mapper/fhir_path_world.h"
#include "fhir_mapper/fhir_type.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

struct FhirPathPlan;

/// What is wrong with an expression, and what would be right.
struct FhirPathMistake {
  std::size_t column = 0;  // in characters, from 1
  std::string message;
};
[[noreturn]] void throw_exception_from_error(const FhirPathMistake& mistake,
                                             const boost::source_location& where);

class FhirPath {
 public:
  static boost::system::result<FhirPath, FhirPathMistake> compile(std::string_view expression);

  enum class Verdict {
    holds,        // true, or one value that is no boolean
    fails,        // false
    nothing,      // an empty result: most engines take it for a failure
    unevaluable,  // several values, operands that do not fit, a question the world cannot answer, or a limit
  };
  /// Whether `focus`, an element of type `focus_type` ("Observation.referenceRange"), satisfies the
  /// expression. The type of a resource is what its resourceType says, whatever `focus_type` is.
  Verdict test(const Node& focus, std::string_view focus_type, const FhirPathWorld& world) const;
  /// The same for who knows the number of the type, of a resource too.
  Verdict test(const Node& focus, FhirType focus_type, const FhirPathWorld& world) const;

  /// An element that an expression leads to.
  struct Found {
    const Node* node = nullptr;
    std::string_view type;  // "dateTime", "CodeableConcept"; empty: not known
  };
  /// The elements that the expression leads to, in order; values that it makes itself are none. Nothing when
  /// it cannot be evaluated.
  std::optional<std::vector<Found>> find(const Node& focus, std::string_view focus_type,
                                         const FhirPathWorld& world) const;

  /// For whoever asks many a focus of one type, or, of the unknown one, of any. Nothing where it would leave
  /// all open. A copy of this must outlive it.
  std::optional<FhirPathShortcut> shortcut(FhirType focus_type) const;

  const std::string& expression() const;

 private:
  explicit FhirPath(std::shared_ptr<const FhirPathPlan> plan) : plan_(std::move(plan)) {}

  std::shared_ptr<const FhirPathPlan> plan_;  // never null
};

}  // namespace fhir_mapper
