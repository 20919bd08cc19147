#pragma once
// Packs for tests: the shipped ones, and small ones written in the test.

#include "fhir_mapper/profile_pack.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper::test {

/// Every file of config/profiles.
const std::vector<ConfigFile>& shipped_profiles();
/// Loaded once.
const ProfilePack& shipped_pack(std::string_view id);

/// "test.xml" with `body` inside <profiles>, which begins in line 2.
std::vector<ConfigFile> pack_of(std::string_view body);

}  // namespace fhir_mapper::test
