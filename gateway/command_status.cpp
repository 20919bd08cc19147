#include "gateway/command_line.h"
#include "gateway/status_report.h"

#include <iostream>

namespace gateway {

int command_status(const Arguments& arguments) {
  CommandLine line("status");
  line.flag("json", "as JSON");
  line.parse(arguments);
  const auto settings = load_settings(line.config());
  if (!settings.has_value()) {
    complain(settings.error());
    return kExitWrongUsage;
  }
  auto database = open_state_or_complain(*settings, Database::Access::read_only);
  if (!database) return kExitNotFound;
  const StatusReport report = read_status(*database, *settings, now());
  std::cout << (line.has("json") ? to_json(report) : to_text(report));
  return 0;
}

}  // namespace gateway
