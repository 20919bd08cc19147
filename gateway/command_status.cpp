#include "gateway/command_line.h"
#include "gateway/schema.h"
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
  const auto file = database_file(*settings);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    std::cerr << "kakehashi: there is no state in " << settings->state_directory.string()
              << " yet, or this user may not read it; start the gateway once, or ask as its user\n";
    return 1;
  }
  Database database(file, Database::Access::read_only);
  check_schema(database);
  const StatusReport report = read_status(database, *settings, now());
  std::cout << (line.has("json") ? to_json(report) : to_text(report));
  return 0;
}

}  // namespace gateway
