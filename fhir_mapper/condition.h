#pragma once
// Whether a when="..." holds for a row.

#include "fhir_mapper/row_scope.h"
#include "fhir_mapper/trace.h"

#include <optional>

namespace fhir_mapper {

bool holds(const Condition& condition, const RowScope& scope);

/// A code that `condition` compares and of which a character could not be read, or more repetitions than it
/// looks at: whether it holds, nobody knows. `may_be_unreadable`: whether the document has such a character.
std::optional<ssmix2::Failure> find_unreadable(const Condition& condition, const RowScope& scope,
                                               bool may_be_unreadable);

/// What `condition` looks at decides what `rule` does.
void trace_decision(const Condition& condition, const RuleIdentity& rule, const RowScope& scope,
                    Trace& trace);

}  // namespace fhir_mapper
