#include "gateway/command_line.h"
#include "gateway/remap_comparison.h"
#include "gateway/schema.h"
#include "gateway/state_directory.h"

#include <algorithm>
#include <iostream>

#include <unistd.h>

namespace gateway {
namespace {

std::set<fhir_mapper::UnitKind> parse_types(const std::vector<std::string>& types) {
  std::set<fhir_mapper::UnitKind> kinds;
  for (const std::string& type : types) {
    const auto known = fhir_mapper::unit_kinds();
    const auto kind = std::find_if(known.begin(), known.end(),
                                   [&type](const auto& each) { return each.resource_type == type; });
    if (kind == known.end()) {
      throw UsageError{
          "remap: --type takes AllergyIntolerance, Condition, Observation or MedicationRequest; for several "
          "give it several times"};
    }
    kinds.insert(kind->kind);
  }
  return kinds;
}

RemapFilter filter_of(const CommandLine& line, const TimeZone& zone) {
  RemapFilter filter;
  filter.all = line.has("all");
  filter.kinds = parse_types(line.texts("type"));
  if (line.has("patient")) {
    if (line.text("patient").find_first_of("/.") != std::string::npos) {
      throw UsageError{"remap: --patient takes a patient number, the name of the patient's folder"};
    }
    filter.patient = ssmix2::PatientId(line.text("patient"));
  }
  if (line.has("since")) {
    filter.since = first_instant_of(line.text("since"), zone);
    if (!filter.since) throw UsageError{"remap: --since takes a date as 2026-04-01"};
  }
  return filter;
}

bool is_known(Database& database, const ssmix2::PatientId& patient) {
  auto select = database.prepare("SELECT 1 FROM patient WHERE canonical = ?");
  return select.with(patient.canonical()).step();
}

/// A gateway that runs makes units with the rules that it was started with.
bool runs_with_other_rules(Database& database, const Configuration& configuration) {
  if (!StateDirectoryLock::is_held(configuration.settings.state_directory)) return false;
  const auto& destinations = configuration.settings.destinations;
  return std::any_of(destinations.begin(), destinations.end(), [&](const DestinationSettings& destination) {
    const auto mine =
        find_version(database, fingerprint_of(to_bytes(effective_rules(configuration, destination))));
    return mine != rules_in_use(database, destination.id);
  });
}

int show_changes(Database& database, const Configuration& configuration, const CommandLine& line,
                 const RemapFilter& filter) {
  RemapReport report(std::cout,
                     line.has("json") ? RemapReport::Format::json_lines : RemapReport::Format::text,
                     line.has("values") ? RemapReport::Values::shown : RemapReport::Values::hidden);
  for (const DestinationSettings& destination : configuration.settings.destinations) {
    RemapComparison(database, configuration, destination, report)
        .run(RemapSelection(database, configuration, destination, filter));
  }
  report.finish();
  return 0;
}

int mark(Database& database, const Configuration& configuration, const CommandLine& line,
         const RemapFilter& filter) {
  if (runs_with_other_rules(database, configuration)) {
    std::cerr << "kakehashi: the gateway that runs was started with other rules than these, and would make "
                 "everything again as it is; reload or restart it, then repeat this command\n";
    return kExitWrongUsage;
  }
  const std::int64_t units = mark_for_remap(database, configuration, filter);
  if (line.has("json")) {
    std::cout << "{\"units\":" << units << "}\n";
  } else if (units == 0) {
    std::cout << "nothing of that was made with older rules\n";
  } else {
    std::cout << units
              << " report units will be made again by the gateway, after everything that is new; kakehashi "
                 "status tells how many are left\n";
  }
  return 0;
}

}  // namespace

int command_remap(const Arguments& arguments) {
  CommandLine line("remap");
  line.flag("json", "as JSON; with --dry-run as JSON lines, every unit that would change in one of its own")
      .flag("dry-run", "show which units and elements would change, by rule, and change nothing")
      .flag("values", "with --dry-run: also the values before and after, at a terminal only")
      .flag("all", "also what was made with these very rules")
      .values("type", "only this FHIR resource type; may be given several times")
      .value("since", "only what was last made or delivered on this day or later")
      .value("patient", "only this patient, by the number of the folder");
  line.parse(arguments);
  const bool dry_run = line.has("dry-run");
  if (line.has("values") && !dry_run) throw UsageError{"remap: --values goes with --dry-run"};
  if (line.has("values") && ::isatty(STDOUT_FILENO) == 0) {
    throw UsageError{"remap: --values shows values of patients at a terminal, and writes them nowhere else"};
  }
  const auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  const RemapFilter filter = filter_of(line, configuration->settings.facility.zone);
  const Settings& settings = configuration->settings;
  auto database = dry_run ? open_state_or_complain(settings, Database::Access::read_only)
                          : open_state_to_change_or_complain(settings);
  if (!database) return kExitNotFound;
  if (filter.patient && !is_known(*database, *filter.patient)) {
    std::cerr << "kakehashi: there is no patient of that number in the state; give the number as the folder "
                 "has it, with its leading zeros\n";
    return kExitNotFound;
  }
  return dry_run ? show_changes(*database, *configuration, line, filter)
                 : mark(*database, *configuration, line, filter);
}

}  // namespace gateway
