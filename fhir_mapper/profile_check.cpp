#include "fhir_mapper/profile_check.h"

#include "fhir_mapper/profile_walk.h"

namespace fhir_mapper {

ProfileIssues check_profiles(const Node& root, const ProfilePack& pack, ProfileDemand demand) {
  return ProfileWalk(pack).check(root, demand);
}

}  // namespace fhir_mapper
