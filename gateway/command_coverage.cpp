#include "gateway/command_line.h"
#include "gateway/coverage_run.h"

#include <algorithm>
#include <iostream>

namespace gateway {
namespace {

constexpr int kExitSomethingLeft = 3;

bool has_destination(const Settings& settings, const std::string& id) {
  return std::any_of(settings.destinations.begin(), settings.destinations.end(),
                     [&id](const DestinationSettings& each) { return each.id == id; });
}

}  // namespace

int command_coverage(const Arguments& arguments) {
  CommandLine line("coverage");
  line.flag("json", "as JSON lines")
      .value("destination", "as it is mapped for this one (default: for the first that takes the kind)")
      .paths("roots, patients' folders or files (default: the roots of the settings)");
  line.parse(arguments);
  auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  auto paths = line.given_paths();
  std::error_code error;
  CoverageOptions options;
  options.each_value = paths.size() == 1 && !std::filesystem::is_directory(paths.front(), error);
  if (line.has("json")) options.format = CoverageFormat::json_lines;
  if (line.has("destination")) {
    options.destination = line.text("destination");
    if (!has_destination(configuration->settings, options.destination)) {
      throw UsageError{"coverage: the settings have no destination \"" + options.destination + "\""};
    }
  }
  if (paths.empty()) {
    for (const StorageSettings& storage : configuration->settings.storages) {
      paths.push_back(storage.root.string());
    }
  }
  CoverageRun run(std::move(*configuration), options, std::cout, std::cerr);
  for (const std::string& path : paths) {
    if (!run.add(path)) throw UsageError{"coverage: " + path + " is not there or cannot be reached"};
  }
  return run.finish() ? 0 : kExitSomethingLeft;
}

}  // namespace gateway
