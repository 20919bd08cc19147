#pragma once
// What a resource gets wrong by the profiles it is to keep. A value type; made only where something is wrong.

#include <cstdint>
#include <string>
#include <vector>

namespace fhir_mapper {

/// An error makes a receiver refuse the resource; a warning does not.
enum class IssueSeverity : std::uint8_t { error, warning };

struct ProfileIssue {
  IssueSeverity severity = IssueSeverity::error;
  /// FHIRPath from the root, every repetition with its index: "Bundle.entry[1].resource.code.coding[0]",
  /// "Observation.value.ofType(Quantity)". Holds no values.
  std::string location;
  /// The official id with its key where the guide has one, "R0211/first-bundle-entry-is-Patient"; else what
  /// kind of rule it is: min, max, fixed, pattern, binding, slice-min, slice-closed, code-unknown, type …
  std::string rule;
  /// The profile, slice or type that demands it: "JP_Condition_eCS", "coding:medisRecordNo"; may be empty.
  std::string profile;
  /// Sentences for people. They may quote the value that is wrong, so that they are patient data: for the
  /// terminal of whoever may see the resource, never for a log.
  std::string en;
  std::string ja;  // the same as `en` where there is one language only
  /// Of a rule about the entries of a whole Bundle, whose location is the Bundle: the first resource that
  /// breaks it, "Bundle.entry[1].resource". Else empty.
  std::string cause = {};

  friend bool operator==(const ProfileIssue&, const ProfileIssue&) = default;
};

using ProfileIssues = std::vector<ProfileIssue>;

}  // namespace fhir_mapper
