#include "gateway/profile_packs.h"

#include "gateway/config_folder.h"
#include "gateway/digest.h"
#include "gateway/settings_value.h"

#include <algorithm>
#include <charconv>

namespace gateway {
namespace {

using fhir_mapper::ConfigOrigin;

/// {1, 5, 3} of "jp-clins-1.5.3": 1.12.0 is newer than 1.5.3.
std::vector<int> version_of(std::string_view id) {
  std::vector<int> numbers;
  for (auto at = id.rfind('-'); at != std::string_view::npos; at = id.find('.', at + 1)) {
    std::from_chars(id.data() + at + 1, id.data() + id.size(), numbers.emplace_back(0));
  }
  return numbers;
}

}  // namespace

std::filesystem::path ProfilePacks::directory_of(const Settings& settings) {
  return settings.mapping_directory.parent_path() / "profiles";
}

boost::system::result<ProfilePacks, SettingsErrors> ProfilePacks::read(
    const std::filesystem::path& directory) {
  SettingsErrors errors;
  ProfilePacks packs;
  packs.directory_ = directory;
  const ConfigFolder folder{directory, ConfigOrigin::shipped};
  for (const char* extension : {".xml", ".tsv"}) {
    read_folder(folder, extension, packs.files_, errors);
    if (!errors.empty()) return errors;
  }
  for (const auto& file : packs.files_) {
    const std::string id = std::filesystem::path(file.name).stem().string();
    if (file.name.ends_with(".xml") && is_pack(id)) packs.ids_.push_back(id);
  }
  std::sort(packs.ids_.begin(), packs.ids_.end(),
            [](const auto& left, const auto& right) { return version_of(left) < version_of(right); });
  return packs;
}

bool ProfilePacks::has(std::string_view id) const {
  return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
}

std::string ProfilePacks::fingerprint() const {
  std::string all;
  for (const auto& file : files_) {
    all.append(file.name).append("\n").append(hex(sha256(file.bytes))).append("\n");
  }
  return hex(sha256(all));
}

std::string ProfilePacks::list() const {
  std::string text;
  for (const std::string& id : ids_) text.append(text.empty() ? "" : ", ").append(id);
  return text.empty() ? "none" : text;
}

boost::system::result<LoadedPack, SettingsErrors> ProfilePacks::load(std::string_view id) const {
  if (!has(id)) {
    return SettingsErrors{
        {directory_.string(), "there is no profile pack \"" + std::string(id) + "\"; there are: " + list()}};
  }
  auto pack = fhir_mapper::ProfilePack::load(files_, id);
  if (pack.has_value()) return LoadedPack(*pack);
  SettingsErrors errors;
  for (const auto& mistake : pack.error()) errors.push_back({mistake.place, mistake.message});
  return errors;
}

boost::system::result<LoadedPack, SettingsErrors> ProfilePacks::load_newest() const {
  if (ids_.empty()) {
    return SettingsErrors{
        {directory_.string(), "there are no profile packs; they are files such as jp-clins-1.5.3.xml"}};
  }
  LoadedPack newest;
  for (auto id = ids_.rbegin(); id != ids_.rend(); ++id) {
    auto pack = load(*id);
    if (!pack.has_value() || (*pack)->complete()) return pack;
    if (newest == nullptr) newest = *pack;
  }
  return newest;
}

}  // namespace gateway
