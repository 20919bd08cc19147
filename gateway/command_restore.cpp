#include "gateway/command_line.h"
#include "gateway/schema.h"
#include "gateway/state_restore.h"

#include <iostream>

namespace gateway {

int command_restore(const Arguments& arguments) {
  CommandLine line("restore");
  line.paths("the backup");
  line.parse(arguments);
  const auto files = line.given_paths();
  if (files.size() != 1) throw UsageError{"restore: name the one backup to restore"};
  const auto settings = load_settings(line.config());
  if (!settings.has_value()) {
    complain(settings.error());
    return kExitWrongUsage;
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(files.front(), error)) {
    std::cerr << "kakehashi: " << files.front() << " is not there, or this user may not read it\n";
    return kExitNotFound;
  }
  const auto report = restore_state(*settings, files.front(), now());
  if (!report.has_value()) {
    complain(report.error());
    return kExitWrongUsage;
  }
  std::cout << "restored the state of " << to_fhir_instant(report->backup.made, settings->facility.zone)
            << ": " << report->backup.units << " units, made by kakehashi " << report->backup.version << "\n";
  if (report->other_years > 0) {
    std::cout << report->other_years << " units keep the years that unit-years has for them\n";
  }
  if (report->aside) {
    std::cerr << "kakehashi: the state as it was lies in " << report->aside->string()
              << "; it holds data of patients: delete it when everything was sent again\n";
  }
  std::cerr
      << "kakehashi: orders given since that backup are not known: give them again before the gateway is "
         "started (kakehashi queue hold, retract, release; hold also what was dropped). Then start it: "
         "everything is read, made and sent again, under the same Bundle-IDs; kakehashi status tells when "
         "sending begins\n";
  return 0;
}

}  // namespace gateway
