// `kakehashi`: finds the command and turns what it could not handle into one sentence and an exit code.

#include "gateway/command_line.h"
#include "gateway/sqlite.h"
#include "gateway/version.h"

#include <csignal>
#include <functional>
#include <iostream>
#include <map>

namespace {

constexpr const char* kUsage = R"(usage: kakehashi COMMAND --config gateway.xml [OPTION]...

  run [--once [--timeout 10m]]   the daemon; --once: sweep, deliver, print a summary, end
  check                          settings, mapping, tables, certificates; touches nothing
  map [--explain [--json]] [--year Y] PATH...
                                 roots, patients' folders or files to Bundles on stdout
  validate [--pack V] [--profiles DIR] [--values] FILE...
                                 FHIR JSON, or JSON lines as map prints them, against a profile pack: what is
                                 wrong as JSON lines, which name elements and, without --values, no values.
                                 Needs no --config; - is the standard input
  coverage [--destination ID] [--json] [PATH...]
                                 what becomes of every value: mapped, ignored by a rule, malformed or
                                 unmapped. Of storages counts by position without patient data, of one
                                 file each value
  mapping show [--effective] [--resource ID | --table NAME]
                                 the shipped rules, or with --effective those in force, the site's changes made:
                                 as one mapping file whose comments say where each comes from; a code table the
                                 same way
  mapping test [--json | --bundles] [PATH]...
                                 the cases of the mapping, shipped and the site's own; PATH: of files and folders
                                 of cases instead. --bundles: what they would send, a Bundle a line
  codes todo [--local] [--json] [--table T]
                                 codes that no table knows, as a table to fill in; safe to mail without
                                 --local, which shows everything as it stands in the documents
  codes apply FILE [--json]      what was filled in goes to the site's tables, and the units that want it are
                                 made anew after the gateway's next reload or start
  status [--json | --acknowledge]
                                 what is pending, held and delivered; --acknowledge ends the alarms of a state
                                 that was lost or damaged and is made anew
  queue list [ROWS] [--json]     the rows of the outbox that are not delivered, or those that ROWS names:
                                 [--state S]... [--destination ID]... [--type T]... [--reason ID]...
                                 [--older-than 2h] [--patient NUMBER] [BUNDLE-ID | HASH]...; --ALL: also what is
                                 delivered, as a state, a patient or a name does. No patient data
  queue show [--answer] [--json] BUNDLE-ID | HASH | PATH
                                 everything about one unit or document, with its paths; --answer: also what the
                                 platform said to what it refused, which may hold patient data
  queue hold | release | retry | drop | retract ROWS [--dry-run] [--why TEXT] [--json]
                                 hold: send nothing of them until they are released. release: make and send them
                                 anew. retry: now; what was refused, once more. drop: give up what waits or was
                                 refused. retract: delete what stands at the destination, and hold; with
                                 --patient all of a patient. Look with --dry-run first. Works beside a gateway
                                 that runs, which is asked, and without one; who did what is kept
  queue release --deletes STORAGE [--dry-run] [--why TEXT]
                                 lets deletes go that were held because they were too many
  reconcile [--patient NUMBER] [--content] [--json]
                                 storage = known = sent? every difference with its reason; reads only, also
                                 beside the daemon. By the states in the database; with --patient or
                                 --content every unit is built again and compared with what was sent
  remap [--type T]... [--since DATE] [--patient NUMBER] [--all] [--dry-run [--values]] [--json]
                                 makes again what was made with older rules, after everything that is new, and
                                 sends what changed; --dry-run: which units and elements would change, by
                                 rule, and changes nothing
  backup FILE                    the state in one new file, checked, beside a gateway that runs or without one. Holds
                                 patients' data
  restore FILE                   a backup in the place of the state; the gateway must be stopped. Afterwards
                                 everything is read, made and sent again, under the same Bundle-IDs
  support-bundle FILE [--log FILE] [--patients N]
                                 one text for whoever helps: versions, settings, counts, reasons, the gateway's log;
                                 no data of patients. Read it, then mail it. --log: the log, where it is not in the
                                 journal; --patients: read those of so many (100) for the coverage, 0: none
  explain CODE... | --table      what messages of the log mean and what to do, in English and Japanese. Needs no
                                 --config
  --version, --help

exit codes: 0 good; 1 failed or not found; 2 wrong usage or settings;
            3 something is held, rejected, left, unexplained or invalid, or a case fails; 4 a destination cannot be reached
)";

int dispatch(const gateway::Arguments& arguments) {
  static const std::map<std::string, int (*)(const gateway::Arguments&)> kCommands{
      {"run", gateway::command_run},
      {"check", gateway::command_check},
      {"map", gateway::command_map},
      {"mapping", gateway::command_mapping},
      {"coverage", gateway::command_coverage},
      {"codes", gateway::command_codes},
      {"status", gateway::command_status},
      {"reconcile", gateway::command_reconcile},
      {"remap", gateway::command_remap},
      {"validate", gateway::command_validate},
      {"queue", gateway::command_queue},
      {"explain", gateway::command_explain},
      {"backup", gateway::command_backup},
      {"restore", gateway::command_restore},
      {"support-bundle", gateway::command_support_bundle},
  };
  if (arguments.empty()) {
    throw gateway::UsageError{
        "name a command: run, check, map, mapping, validate, coverage, codes, status, queue, reconcile, "
        "remap, backup, restore, support-bundle or explain; see kakehashi --help"};
  }
  const auto command = kCommands.find(arguments.front());
  if (command == kCommands.end()) {
    throw gateway::UsageError{"there is no command \"" + arguments.front() + "\"; see kakehashi --help"};
  }
  return command->second({arguments.begin() + 1, arguments.end()});
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed connection or pipe is an error of that call, not the end
  const gateway::Arguments arguments(argv + 1, argv + argc);
  try {
    if (!arguments.empty() && arguments.front() == "--help") {
      std::cout << kUsage;
      return 0;
    }
    if (!arguments.empty() && arguments.front() == "--version") {
      std::cout << "kakehashi " << gateway::kVersion << "\n";
      return 0;
    }
    return dispatch(arguments);
  } catch (const gateway::UsageError& wrong) {
    std::cerr << "kakehashi: " << wrong.message << "\n";
    return gateway::kExitWrongUsage;
  } catch (const gateway::DatabaseError& failed) {
    std::cerr << "kakehashi: the state database failed: " << failed.what() << "\n";
    return 1;
  } catch (const std::exception& failed) {
    // Its text may quote what it was working on; the type is shown, the text is not.
    std::cerr << "kakehashi: failed unexpectedly (" << typeid(failed).name() << ")\n";
    return 1;
  }
}
