#include "gateway/config_folder.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

namespace gateway {
namespace {

using fhir_mapper::ConfigFile;
using fhir_mapper::ConfigOrigin;

constexpr std::uintmax_t kLargestFile = 256 << 20;  // a table of a million rows has half of it

/// What is wrong with a file that cannot be taken; else its bytes go to `bytes`.
std::optional<std::string> read_bytes(const std::filesystem::path& path, std::string& bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!error && !std::filesystem::is_regular_file(status))
    return "is not a file; remove it";  // a pipe would wait
  if (!error && std::filesystem::file_size(path, error) > kLargestFile) return "is larger than 256 MiB";
  std::ifstream stream(path, std::ios::binary);
  bytes.assign(std::istreambuf_iterator<char>(stream), {});
  if (error || !stream) return "cannot be read; check its permissions";
  return std::nullopt;
}

}  // namespace

std::string ConfigFolder::name_of(const std::filesystem::path& file) const {
  const std::string name = file.filename().string();
  if (origin == ConfigOrigin::shipped) return name;
  const auto folder = (path / ".").lexically_normal().parent_path().filename().string();  // "site/" is site
  return (folder.empty() || folder == ".." ? "site" : folder) + "/" + name;
}

void read_folder(const ConfigFolder& folder, const std::string& extension, std::vector<ConfigFile>& files,
                 SettingsErrors& errors) {
  std::map<std::string, ConfigFile> by_name;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder.path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto& path = entry->path();
    if (path.extension() != extension) continue;
    ConfigFile file{folder.name_of(path), {}, folder.origin};
    if (auto mistake = read_bytes(path, file.bytes)) {
      errors.push_back({path.string(), std::move(*mistake)});
    } else {
      by_name.emplace(file.name, std::move(file));
    }
  }
  if (error) errors.push_back({folder.path.string(), "cannot be listed: " + error.message()});
  for (auto& [name, file] : by_name) files.push_back(std::move(file));
}

}  // namespace gateway
