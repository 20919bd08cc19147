#pragma once
// A profile pack: the profiles of one version of a guide (JP-CLINS 1.5.3) with the code lists and rules they
// need, compiled. Its files are data under config/profiles, so that another version is another file.
// Immutable, shared by all threads.

#include "fhir_mapper/config_file.h"
#include "fhir_mapper/profile_issue.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

struct ProfilePlan;

/// A rule of the guide or of FHIR that has an id of its own.
struct ProfileRule {
  std::string id;   // "R0211", "con-4"
  std::string key;  // "first-bundle-entry-is-Patient"; of FHIR's own rules the id again
  IssueSeverity severity = IssueSeverity::error;
  bool evaluated = true;
  std::string because;   // why not, when it is not evaluated
  bool attached = true;  // false: the guide writes it down, but no profile of it demands it
  std::string ja;
  std::string en;
};

/// What a pack cannot decide, because the public material does not say enough.
struct UndecidedPoint {
  std::string about;  // "YJ codes", "R9020O"
  std::string ja;
  std::string en;
};

class ProfilePack {
 public:
  /// Of the files of a profile directory, its *.xml and *.tsv by their names, the pack `id`
  /// ("jp-clins-1.5.3") with everything it includes; else every mistake with file:line:column. (Bytes, not
  /// paths: this layer opens no files.)
  static boost::system::result<std::shared_ptr<const ProfilePack>, ConfigErrors> load(
      const std::vector<ConfigFile>& files, std::string_view id);

  const std::string& id() const { return id_; }            // "jp-clins-1.5.3"
  const std::string& version() const { return version_; }  // "1.5.3"
  /// Whether the pack holds everything its guide demands. One that does not finds errors, too, but a resource
  /// without any may be refused all the same: undecided() says why.
  bool complete() const { return complete_; }
  /// In the order of the files, those of included packs first.
  const std::vector<ProfileRule>& rules() const { return rules_; }
  const std::vector<UndecidedPoint>& undecided() const { return undecided_; }

  /// For check_profiles.
  const ProfilePlan& plan() const { return *plan_; }

  ~ProfilePack();
  ProfilePack(const ProfilePack&) = delete;
  ProfilePack& operator=(const ProfilePack&) = delete;

 private:
  friend class ProfilePackBuilder;
  ProfilePack();

  std::string id_;
  std::string version_;
  bool complete_ = true;
  std::vector<ProfileRule> rules_;
  std::vector<UndecidedPoint> undecided_;
  std::unique_ptr<const ProfilePlan> plan_;
};

}  // namespace fhir_mapper
