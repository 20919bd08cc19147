#include "gateway/command_line.h"
#include "gateway/schema.h"
#include "gateway/tree_comparison.h"
#include "gateway/unit_comparison.h"

#include <iostream>

namespace gateway {
namespace {

constexpr int kExitUnexplained = 3;

/// Of one number and those that differ by leading zeros only: their rows, and their folders in any storage.
struct AskedPatients {
  std::vector<PatientRow> rows;
  std::set<std::string> folders;
};

AskedPatients find_patients(Database& database, const ssmix2::PatientId& patient) {
  AskedPatients found;
  // Where it has to be if the gateway does not know it.
  const std::string& number = patient.reveal();
  if (number.size() >= 6)
    found.folders.insert(number.substr(0, 3) + "/" + number.substr(3, 3) + "/" + number);
  auto rows = database.prepare("SELECT id FROM patient WHERE canonical = ?");
  rows.with(std::string_view(patient.canonical()));
  while (rows.step()) found.rows.push_back({rows.integer(0)});
  for (const PatientRow row : found.rows) {
    auto places = database.prepare("SELECT path FROM patient_folder WHERE patient = ?");
    places.with(row.value);
    while (places.step()) found.folders.insert(places.text(0));
  }
  return found;
}

/// False when there is no such patient.
bool reconcile(Database& database, const Configuration& configuration, const CommandLine& line,
               ReconcileReport& report) {
  std::optional<AskedPatients> asked;
  if (line.has("patient")) asked = find_patients(database, ssmix2::PatientId(line.text("patient")));
  const auto folders = asked ? std::optional(asked->folders) : std::nullopt;
  std::size_t patients = 0;
  for (const StorageSettings& storage : configuration.settings.storages) {
    patients += TreeComparison(database, configuration.settings, storage, folders, report).run();
  }
  if (asked && asked->rows.empty() && patients == 0) return false;
  const auto depth =
      asked || line.has("content") ? UnitComparison::Depth::content : UnitComparison::Depth::states;
  UnitComparison units(database, configuration, depth, report);
  if (asked) {
    units.run(asked->rows);
  } else {
    units.run();
  }
  return true;
}

}  // namespace

int command_reconcile(const Arguments& arguments) {
  CommandLine line("reconcile");
  line.flag("json", "as JSON lines, every difference in one of its own")
      .flag("content", "build every unit and compare it with what was sent (always done with --patient)")
      .value("patient", "only this patient, by the number of the folder");
  line.parse(arguments);
  if (line.has("patient") && line.text("patient").find_first_of("/.") != std::string::npos) {
    throw UsageError{"reconcile: --patient takes a patient number, the name of the patient's folder"};
  }
  const auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  auto database = open_state_or_complain(configuration->settings, Database::Access::read_only);
  if (!database) return kExitNotFound;
  ReconcileReport report(
      std::cout, line.has("json") ? ReconcileReport::Format::json_lines : ReconcileReport::Format::text);
  if (!reconcile(*database, *configuration, line, report)) {
    std::cerr
        << "kakehashi: there is no patient of that number in the storages or the state; give the number as "
           "the folder has it, with its leading zeros\n";
    return kExitNotFound;
  }
  return report.finish() ? 0 : kExitUnexplained;
}

}  // namespace gateway
