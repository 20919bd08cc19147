#include "tests/unit/fhir_mapper/profile_packs.h"

#include "tests/unit/fhir_mapper/support.h"

#include <filesystem>
#include <map>

namespace fhir_mapper::test {

const std::vector<ConfigFile>& shipped_profiles() {
  static const std::vector<ConfigFile> files = [] {
    std::vector<ConfigFile> found;
    const std::filesystem::path folder =
        std::filesystem::path(KAKEHASHI_GOLDEN_DIR) / "../../config/profiles";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      found.push_back({entry.path().filename().string(), read_file(entry.path().string())});
    }
    return found;
  }();
  return files;
}

const ProfilePack& shipped_pack(std::string_view id) {
  static std::map<std::string, std::shared_ptr<const ProfilePack>, std::less<>> packs;
  const auto known = packs.find(id);
  if (known != packs.end()) return *known->second;
  return *packs.emplace(id, ProfilePack::load(shipped_profiles(), id).value()).first->second;
}

std::vector<ConfigFile> pack_of(std::string_view body) {
  std::string bytes = R"(<profiles xmlns="urn:kakehashi:profiles:1" id="test" version="1" fhir="4.0.1">)";
  bytes.append("\n").append(body).append("\n</profiles>\n");
  return {{"test.xml", std::move(bytes)}};
}

}  // namespace fhir_mapper::test
