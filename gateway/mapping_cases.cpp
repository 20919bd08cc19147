#include "gateway/mapping_cases.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace gateway {
namespace {

namespace fs = std::filesystem;
using fhir_mapper::ConfigFile;
using fhir_mapper::ConfigOrigin;

class CaseFiles {
 public:
  void read_file(const fs::path& path, ConfigOrigin origin) {
    std::ifstream stream(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
      errors_.push_back({path.string(), "cannot be read; check that it is there, and its permissions"});
      return;
    }
    files_.push_back({path.string(), std::move(bytes), origin});
  }

  void read_folder(const fs::path& folder, ConfigOrigin origin) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
      if (entry->path().filename().string().ends_with(".case.xml")) paths.push_back(entry->path());
    }
    if (error) errors_.push_back({folder.string(), "cannot be listed: " + error.message()});
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) read_file(path, origin);
  }

  boost::system::result<MappingCases, SettingsErrors> parse() {
    if (!errors_.empty()) return errors_;
    auto cases = fhir_mapper::parse_cases(files_);
    if (cases.has_value()) return std::move(*cases);
    for (const auto& mistake : cases.error()) errors_.push_back({mistake.place, mistake.message});
    return errors_;
  }

 private:
  std::vector<ConfigFile> files_;
  SettingsErrors errors_;
};

}  // namespace

boost::system::result<MappingCases, SettingsErrors> load_cases(const Settings& settings) {
  CaseFiles files;
  const auto read = [&files](const fs::path& directory, ConfigOrigin origin) {
    std::error_code ignored;  // a folder that cannot be looked at is told when it is listed
    const auto status = fs::status(directory / "cases", ignored);
    if (status.type() != fs::file_type::not_found) files.read_folder(directory / "cases", origin);
  };
  read(settings.mapping_directory, ConfigOrigin::shipped);
  if (!settings.overlay_directory.empty()) read(settings.overlay_directory, ConfigOrigin::site);
  return files.parse();
}

boost::system::result<MappingCases, SettingsErrors> load_cases(const std::vector<std::string>& paths) {
  CaseFiles files;
  for (const std::string& path : paths) {
    std::error_code ignored;  // what is no folder is read, and then told
    if (fs::is_directory(path, ignored)) {
      files.read_folder(path, ConfigOrigin::site);
    } else {
      files.read_file(path, ConfigOrigin::site);
    }
  }
  return files.parse();
}

}  // namespace gateway
