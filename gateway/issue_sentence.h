#pragma once
// What an issue of a profile check means, without the value it is about: such a sentence may be mailed,
// quoted and kept, which the check's own must not, because it may quote what stands in a patient's record.

#include "fhir_mapper/profile_issue.h"
#include "fhir_mapper/profile_pack.h"

#include <string_view>

namespace gateway {

struct IssueSentence {
  std::string_view en;
  std::string_view ja;
};

/// Of a rule that the pack names its own sentence, else that of the kind of rule.
IssueSentence sentence_of(const fhir_mapper::ProfileIssue& issue, const fhir_mapper::ProfilePack& pack);

}  // namespace gateway
