#include "gateway/command_line.h"
#include "gateway/map_run.h"

#include <charconv>
#include <iostream>

namespace gateway {
namespace {

constexpr int kExitSomethingLeft = 3;

int parse_year(const std::string& text) {
  int year = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), year);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || year < 2020 || year > 2039) {
    throw UsageError{"map: --year takes a year from 2020 to 2039, the years a Bundle-ID can have"};
  }
  return year;
}

}  // namespace

int command_map(const Arguments& arguments) {
  CommandLine line("map");
  line.flag("explain",
            "after each Bundle: every element with its rule and source, in lines that begin with #")
      .flag("json", "with --explain: these as JSON lines")
      .value("year", "the year in the Bundle-IDs (default: this year)")
      .paths("roots, patients' folders or files");
  line.parse(arguments);
  const auto paths = line.given_paths();
  if (paths.empty()) throw UsageError{"map: name at least one root, patient's folder or file"};
  if (line.has("json") && !line.has("explain")) {
    throw UsageError{"map: --json is about explanations (Bundles are JSON lines always); add --explain"};
  }
  auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  MapOptions options;
  options.explain = line.has("explain");
  if (line.has("json")) options.explanations = MapOptions::Format::json_lines;
  options.year = line.has("year") ? parse_year(line.text("year"))
                                  : year_of(now(), configuration->settings.facility.zone);
  MapRun run(std::move(*configuration), options, std::cout, std::cerr);
  for (const std::string& path : paths) {
    if (!run.add(path)) throw UsageError{"map: " + path + " is not there or cannot be reached"};
  }
  return run.finish() ? 0 : kExitSomethingLeft;
}

}  // namespace gateway
