#pragma once
// What tests of FHIRPath share: verdicts as words, and what expressions lead to as text.

#include "fhir_mapper/fhir_path.h"
#include "tests/unit/json_tree.h"

#include <string>
#include <string_view>

namespace fhir_mapper::test {

/// "holds", "fails", "nothing", "unevaluable"
std::string_view word_for(FhirPath::Verdict verdict);

/// On a resource; the word of the verdict, or of an expression that is none "column 3: …".
std::string verdict_on(std::string_view json, std::string_view expression);

/// On a small Patient and Observation that the tests are about.
std::string on_patient(std::string_view expression);
std::string on_observation(std::string_view expression);

/// The elements that an expression leads to on a resource, as JSON with blanks between; "unevaluable".
std::string found_in(std::string_view json, std::string_view expression);

}  // namespace fhir_mapper::test
