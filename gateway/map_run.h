#pragma once
// `map`: documents to Bundles without a daemon. The same ledger, planner and builder as the daemon's, on a
// database in memory, so that what is seen here is what would be sent. One thread.

#include "gateway/configuration.h"
#include "gateway/ledger.h"
#include "gateway/unit_builder.h"

#include <filesystem>
#include <iosfwd>
#include <map>
#include <set>
#include <string>

namespace gateway {

struct MapOptions {
  bool explain = false;
  int year = 0;  // of the Bundle-IDs
};

class MapRun {
 public:
  MapRun(Configuration configuration, MapOptions options, std::ostream& results, std::ostream& messages);

  /// A root, a patient's folder, any folder between, or a file. False when there is no such thing.
  bool add(const std::filesystem::path& path);

  /// Prints a Bundle a line for every unit asked for, a reason for everything else. True when all was mapped
  /// or ignored by a rule.
  bool finish();

 private:
  std::string storage_for(const std::filesystem::path& root);
  void add_folder(const std::filesystem::path& top);
  void add_file(const std::filesystem::path& file);
  void observe_patient(const std::string& storage, const std::string& patient_folder);
  void accept_or_refuse(const Unsettled& document);
  void report(const DocumentRef& document, const std::string& what);
  void report_refused();
  void print(const BuiltUnit& built);
  void print(const std::string& unit, const Snapshot& snapshot);
  void print_unit(const fhir_mapper::ReportUnit& unit);

  Configuration configuration_;
  MapOptions options_;
  std::ostream& results_;
  std::ostream& messages_;
  Database database_;
  Units units_;
  Ledger ledger_;
  PlanSettings plan_settings_;
  std::set<std::pair<std::string, std::string>> patients_;  // storage id, folder
  std::set<fhir_mapper::ReportUnit> wanted_units_;
  std::set<std::filesystem::path> wanted_files_;
  std::map<DocumentRef, ssmix2::Failure> refused_;
  bool all_good_ = true;
};

}  // namespace gateway
