#include "gateway/command_mapping.h"

#include "gateway/case_report.h"
#include "gateway/command_line.h"

#include <iostream>

namespace gateway {
namespace {

constexpr int kExitFailed = 3;

}  // namespace

int command_mapping_test(const Arguments& arguments) {
  CommandLine line("mapping test");
  line.flag("json", "as JSON")
      .flag("bundles", "the Bundles that the cases give, as map prints them, instead of what differs")
      .paths("case files and folders of them, instead of the mapping's own");
  line.parse(arguments);
  const auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  const auto paths = line.given_paths();
  const auto cases = paths.empty() ? load_cases(configuration->settings) : load_cases(paths);
  if (!cases.has_value()) {
    complain(cases.error());
    return kExitWrongUsage;
  }
  if (cases->empty()) throw UsageError{"mapping test: there are no cases; they are files named *.case.xml"};
  if (line.has("bundles")) {
    std::cout << bundles_of(*cases, *configuration->mapping);
    return 0;
  }
  const CaseResults results = run_cases(*cases, *configuration->mapping);
  std::cout << (line.has("json") ? to_json(results) : to_text(results));
  return all_passed(results) ? 0 : kExitFailed;
}

}  // namespace gateway
