#pragma once
// Whether a resource keeps its profiles: one walk over its tree, against a pack that is compiled already.

#include "fhir_mapper/fhir_node.h"
#include "fhir_mapper/profile_issue.h"
#include "fhir_mapper/profile_pack.h"

namespace fhir_mapper {

enum class ProfileDemand : std::uint8_t {
  /// What meta.profile says, everywhere in the tree.
  as_claimed,
  /// And what is submitted to CLINS: a Bundle must be a JP_Bundle_CLINS, a lone resource one of the profiles
  /// of its entries, whatever meta.profile says.
  clins_submission,
};

/// Everything that is wrong, in the order of the walk; empty: nothing. `root` is a Bundle or any other
/// resource with its resourceType. Places that are filled in when a snapshot is sent count as filled in
/// rightly. Memory has a limit whatever the tree is: behind the first thousand errors nothing more is told,
/// and of warnings no more than a thousand, which never keep an error from being told.
ProfileIssues check_profiles(const Node& root, const ProfilePack& pack,
                             ProfileDemand demand = ProfileDemand::clins_submission);

}  // namespace fhir_mapper
