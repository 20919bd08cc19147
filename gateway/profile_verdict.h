#pragma once
// What a profile pack says of a Bundle, for those who decide about it: whether it may be sent, and a reason a
// person can act on. Pure.

#include "fhir_mapper/profile_check.h"
#include "fhir_mapper/unit_mapper.h"
#include "ssmix2/failure.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gateway {

using ExplainedResources = std::vector<fhir_mapper::UnitOutcome::ExplainedResource>;

/// Why a Bundle is not sent.
struct Breach {
  ssmix2::Failure reason;
  std::optional<ssmix2::DocumentName> document;  // that the row is of which is to blame
};

/// The first error: the rule's id and where it is broken, and as far as `explained` (of the same Bundle, its
/// entries in order) knows it, what of the message stands there, in which row, and by which rule of the
/// mapping; then the ids of the other rules that are broken. No value is in it. Nothing when there is no
/// error.
std::optional<Breach> broken_by(const fhir_mapper::ProfileIssues& issues,
                                const ExplainedResources& explained);

std::size_t count_errors(const fhir_mapper::ProfileIssues& issues);

/// Of the warnings one a rule, with how often it came.
std::vector<ssmix2::Failure> warned_by(const fhir_mapper::ProfileIssues& issues);

std::set<std::string> rules_broken_by(const fhir_mapper::ProfileIssues& issues);
std::set<std::string> rules_warned_by(const fhir_mapper::ProfileIssues& issues);

/// The explanation of the element that `location` ("Bundle.entry[1].resource.code.coding[0]") names; else of
/// something in it or, when nothing of it is there, of the nearest element around it that was made of the
/// message: of a missing element that tells the row. Null when nothing is known.
const fhir_mapper::Explanation* explanation_at(std::string_view location,
                                               const ExplainedResources& explained);

}  // namespace gateway
