#pragma once
// Documents looked at once, without a daemon: the same ledger, planner and builder as the daemon's, on a
// database in memory, so that what is seen here is what would be sent. One thread.

#include "gateway/configuration.h"
#include "gateway/ledger.h"
#include "gateway/unit_builder.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace gateway {

/// What is done with what a look finds. Paths are those of files that were asked for.
class LookOutput {
 public:
  virtual ~LookOutput() = default;
  virtual void unreadable_folder(const std::filesystem::path& folder) = 0;
  /// Every file, first of all; one whose name is no document's is not heard of again.
  virtual void found(const std::filesystem::path& file, const ssmix2::Result<ssmix2::DocumentName>& name) = 0;
  virtual void refused(const std::filesystem::path& file, const ssmix2::Failure& failure) = 0;
  virtual void built(const BuiltUnit& unit) = 0;
};

class SingleLook {
 public:
  /// `year` is the Bundle-IDs'. `output` must outlive the look. The settings must have a destination for
  /// every unit that is to be built.
  SingleLook(Configuration configuration, int year, Detail detail, LookOutput& output);

  /// A root, a patient's folder, any folder between, or a file. False when there is no such thing.
  bool add(const std::filesystem::path& path);

  /// Builds every unit that a file asked for belongs to.
  void finish();

  std::filesystem::path path_of(const DocumentRef& document) const;
  const Settings& settings() const { return configuration_.settings; }

 private:
  std::string storage_for(const std::filesystem::path& root);
  void add_folder(const std::filesystem::path& top);
  void add_file(const std::filesystem::path& file);
  void observe_patient(const std::string& storage, const std::string& patient_folder);
  void accept_or_refuse(const Unsettled& document);
  void tell_refused();
  void build(const fhir_mapper::ReportUnit& unit);

  Configuration configuration_;
  int year_;
  Detail detail_;
  LookOutput& output_;
  Database database_;
  Units units_;
  Ledger ledger_;
  PlanSettings plan_settings_;
  std::set<std::pair<std::string, std::string>> patients_;  // storage id, folder
  std::set<fhir_mapper::ReportUnit> wanted_units_;
  std::set<std::filesystem::path> wanted_files_;
  std::map<DocumentRef, ssmix2::Failure> refused_;
};

}  // namespace gateway
