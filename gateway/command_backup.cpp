#include "gateway/command_line.h"
#include "gateway/schema.h"
#include "gateway/state_backup.h"
#include "gateway/state_restore.h"

#include <iostream>

#include <sys/stat.h>

namespace gateway {

int command_backup(const Arguments& arguments) {
  CommandLine line("backup");
  line.paths("the file to make");
  line.parse(arguments);
  const auto files = line.given_paths();
  if (files.size() != 1) throw UsageError{"backup: name the one file to make"};
  const auto settings = load_settings(line.config());
  if (!settings.has_value()) {
    complain(settings.error());
    return kExitWrongUsage;
  }
  // What lies at its place until then is the state that the restore was to replace.
  if (is_restore_unfinished(*settings)) {
    std::cerr << "kakehashi: a restore was killed before its end, no backup is made: the next start of the "
                 "gateway ends it, or the restore given once more\n";
    return kExitNotFound;
  }
  // Before the file is made: a state that is not there leaves none behind.
  if (!open_state_or_complain(*settings, Database::Access::read_only)) return kExitNotFound;
  ::umask(0077);
  const auto made = make_backup(*settings, files.front(), now());
  if (!made.has_value()) {
    complain(made.error());
    return kExitWrongUsage;
  }
  std::cout << files.front() << ": " << made->units << " units, " << made->bytes << " bytes, checked\n";
  std::cerr << "kakehashi: the backup holds data of patients: keep it as the hospital's records are kept\n";
  return 0;
}

}  // namespace gateway
