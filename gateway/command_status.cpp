#include "gateway/audit.h"
#include "gateway/command_line.h"
#include "gateway/queue_order.h"
#include "gateway/schema.h"
#include "gateway/state_files.h"
#include "gateway/status_report.h"

#include <cerrno>
#include <iostream>
#include <system_error>

#include <unistd.h>

namespace gateway {
namespace {

/// A gateway whose disk is full cannot write that down.
void add_state_of_disk(StatusReport& report, const Settings& settings) {
  const auto space = disk_space(settings.state_directory);
  if (!space) return;
  const int failure = failure_of_disk(settings.state_directory);
  std::string wrong;
  if (space->read_only || failure == EROFS) {
    wrong =
        "the file system of the state directory is read-only: if it made itself so after an error (see the "
        "kernel's log), stop the gateway, check and mount it again, start the gateway";
  } else if (failure != 0) {
    wrong = "the file system of the state directory fails, see the kernel's log: " +
            std::generic_category().message(failure);
  } else if (space->free_bytes == 0) {
    wrong = "the file system of the state directory is full";
  } else if (!space->has_free_files) {
    wrong = "the file system of the state directory takes no more files (inodes)";
  } else {
    return;
  }
  report.machine.push_back({"", AlarmKind::disk, report.time, wrong});
}

/// Alarms of what is over but had to be seen.
int acknowledge(const Settings& settings) {
  auto database = open_state_to_change_or_complain(settings);
  if (!database) return kExitNotFound;
  Transaction transaction(*database);
  const int alarms = Alarms(*database).acknowledge();
  note_audit(
      *database,
      {now(), std::int64_t{::getuid()}, user_name(::getuid()), "status --acknowledge", {}, {}, alarms});
  transaction.commit();
  std::cout << alarms << " alarms acknowledged\n";
  return 0;
}

}  // namespace

int command_status(const Arguments& arguments) {
  CommandLine line("status");
  line.flag("json", "as JSON")
      .flag("acknowledge",
            "ends the alarms of what is over but had to be seen: state-rebuilt, unit-years, state-restored");
  line.parse(arguments);
  const auto settings = load_settings(line.config());
  if (!settings.has_value()) {
    complain(settings.error());
    return kExitWrongUsage;
  }
  if (line.has("acknowledge")) return acknowledge(*settings);
  auto database = open_state_or_complain(*settings, Database::Access::read_only);
  if (!database) return kExitNotFound;
  StatusReport report = read_status(*database, *settings, now());
  add_state_of_disk(report, *settings);
  std::cout << (line.has("json") ? to_json(report) : to_text(report));
  return 0;
}

}  // namespace gateway
