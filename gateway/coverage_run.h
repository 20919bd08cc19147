#pragma once
// `coverage`: what became of every value of documents. One thread.

#include "gateway/coverage_summary.h"
#include "gateway/single_look.h"

#include <iosfwd>
#include <map>

namespace gateway {

struct CoverageOptions {
  CoverageFormat format = CoverageFormat::text;
  /// Each value of one document, patient data, and reasons that name its path; else the summary, which has
  /// neither.
  bool each_value = false;
  std::string destination = {};  // its id; empty: for each kind the first that takes it
};

class CoverageRun : private LookOutput {
 public:
  /// `options.destination` is one of the settings.
  CoverageRun(Configuration configuration, const CoverageOptions& options, std::ostream& results,
              std::ostream& messages);

  /// As SingleLook::add.
  bool add(const std::filesystem::path& path) { return look_.add(path); }

  /// Prints. True when nothing was held or unreadable.
  bool finish();

 private:
  void unreadable_folder(const std::filesystem::path& folder) override;
  void found(const std::filesystem::path& file, const ssmix2::Result<ssmix2::DocumentName>& name) override;
  void refused(const std::filesystem::path& file, const ssmix2::Failure& failure) override;
  void built(const BuiltUnit& unit) override;

  void without_account(const std::filesystem::path& file, std::string_view data_type,
                       std::string_view reason);
  void complain(const std::filesystem::path& path, const ssmix2::SafeText& what);
  void print(const DocumentCoverage& document);

  CoverageOptions options_;
  std::ostream& results_;
  std::ostream& messages_;
  std::shared_ptr<const fhir_mapper::Mapping> mapping_;  // the summary has views into it
  SingleLook look_;
  CoverageSummary summary_;
  std::map<std::filesystem::path, ssmix2::DataType> awaited_;  // live documents without account so far
  bool all_good_ = true;
};

}  // namespace gateway
