#include "gateway/command_line.h"
#include "gateway/validation_run.h"

#include <algorithm>
#include <fstream>
#include <iostream>

namespace gateway {
namespace {

constexpr int kExitErrors = 3;
constexpr const char* kUsualProfiles = "/usr/share/kakehashi/profiles";

const DestinationSettings* first_clins(const Settings& settings) {
  const auto found =
      std::find_if(settings.destinations.begin(), settings.destinations.end(),
                   [](const DestinationSettings& each) { return each.profile == DestinationProfile::clins; });
  return found == settings.destinations.end() ? nullptr : &*found;
}

std::string pack_id(const std::string& given) {
  return given.starts_with("jp-clins-") ? given : "jp-clins-" + given;
}

/// The one that was asked for, else that of the settings, else the newest.
boost::system::result<LoadedPack, SettingsErrors> choose_pack(const ProfilePacks& packs,
                                                              const CommandLine& line,
                                                              const Settings* settings) {
  if (line.has("pack")) {
    const std::string id = pack_id(line.text("pack"));
    if (!packs.has(id)) {
      throw UsageError{"validate: there is no profile pack \"" + id + "\"; there are: " + packs.list()};
    }
    return packs.load(id);
  }
  const DestinationSettings* const destination = settings == nullptr ? nullptr : first_clins(*settings);
  return destination == nullptr ? packs.load_newest() : packs.load(destination->pack);
}

/// Nothing after every mistake was printed.
LoadedPack load_pack_or_complain(const CommandLine& line) {
  std::optional<Settings> settings;
  if (line.has("config")) {
    auto loaded = load_settings(line.config());
    if (!loaded.has_value()) {
      complain(loaded.error());
      return nullptr;
    }
    settings = std::move(*loaded);
  }
  std::filesystem::path directory = kUsualProfiles;
  if (settings) directory = ProfilePacks::directory_of(*settings);
  if (line.has("profiles")) directory = line.text("profiles");
  const auto packs = ProfilePacks::read(directory);
  if (!packs.has_value()) {
    complain(packs.error());
    return nullptr;
  }
  const auto pack = choose_pack(*packs, line, settings ? &*settings : nullptr);
  if (pack.has_value()) return *pack;
  complain(pack.error());
  return nullptr;
}

void add_file(ValidationRun& run, const std::string& path) {
  if (path == "-") return run.add(path, std::cin);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw UsageError{"validate: " + path + " cannot be read; check its permissions"};
  run.add(path, stream);
}

}  // namespace

int command_validate(const Arguments& arguments) {
  CommandLine line("validate");
  line.value("pack",
             "the profile pack, such as 1.5.3 (default: that of the first clins destination of the settings, "
             "without settings the newest complete one)")
      .value("profiles",
             "the folder of the packs (default: that beside the mapping of the settings, without "
             "settings /usr/share/kakehashi/profiles)")
      .flag("values", "sentences quote the values that are wrong: patient data")
      .paths("files of FHIR JSON or of JSON lines; - is the standard input")
      .needs_no_config();
  line.parse(arguments);
  const auto paths = line.given_paths();
  if (paths.empty()) throw UsageError{"validate: name at least one file, or - for the standard input"};
  for (const std::string& path : paths) {
    std::error_code error;
    const auto type = std::filesystem::status(path, error).type();
    if (path != "-" && (error || type == std::filesystem::file_type::directory)) {
      throw UsageError{"validate: " + path + " is no file that can be reached"};
    }
  }
  const LoadedPack pack = load_pack_or_complain(line);
  if (pack == nullptr) return kExitWrongUsage;
  ValidationRun run(pack, line.has("values"), std::cout);
  for (const std::string& path : paths) add_file(run, path);
  std::cerr << "kakehashi: " << run.summary() << "\n";
  if (!pack->complete()) {
    std::cerr
        << "kakehashi: " << pack->id()
        << " is not complete: what has no error here may be refused all the same; kakehashi check says why\n";
  }
  return run.errors() == 0 ? 0 : kExitErrors;
}

}  // namespace gateway
