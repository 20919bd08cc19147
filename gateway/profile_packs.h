#pragma once
// The profile packs of a folder: which are there, and each of them loaded.

#include "fhir_mapper/config_file.h"
#include "fhir_mapper/profile_pack.h"
#include "gateway/settings.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gateway {

using LoadedPack = std::shared_ptr<const fhir_mapper::ProfilePack>;

class ProfilePacks {
 public:
  /// Beside the mapping directory, as the code tables are.
  static std::filesystem::path directory_of(const Settings& settings);

  /// The files of a folder; what cannot be read is a mistake, what is wrong in them is told by load().
  static boost::system::result<ProfilePacks, SettingsErrors> read(const std::filesystem::path& directory);

  /// "jp-clins-1.5.3": of the files that are called so, the oldest version first.
  const std::vector<std::string>& ids() const { return ids_; }
  bool has(std::string_view id) const;
  /// Another one whenever a byte of a file is.
  std::string fingerprint() const;
  /// "jp-clins-1.5.3, jp-clins-1.12.0", or "none".
  std::string list() const;

  boost::system::result<LoadedPack, SettingsErrors> load(std::string_view id) const;
  /// The newest one that is complete; when none is, the newest.
  boost::system::result<LoadedPack, SettingsErrors> load_newest() const;

 private:
  ProfilePacks() = default;

  std::filesystem::path directory_;
  std::vector<fhir_mapper::ConfigFile> files_;
  std::vector<std::string> ids_;
};

}  // namespace gateway
