#pragma once
// `map`: documents to Bundles, printed. One thread.

#include "gateway/single_look.h"

#include <filesystem>
#include <iosfwd>
#include <string>

namespace gateway {

struct MapOptions {
  bool explain = false;
  int year = 0;  // of the Bundle-IDs
  enum class Format { text, json_lines } explanations = Format::text;
};

class MapRun : private LookOutput {
 public:
  MapRun(Configuration configuration, MapOptions options, std::ostream& results, std::ostream& messages);

  /// As SingleLook::add.
  bool add(const std::filesystem::path& path) { return look_.add(path); }

  /// Prints a Bundle a line for every unit asked for, a reason for everything else. True when all was mapped
  /// or ignored by a rule.
  bool finish();

 private:
  void unreadable_folder(const std::filesystem::path& folder) override;
  void found(const std::filesystem::path& file, const ssmix2::Result<ssmix2::DocumentName>& name) override;
  void refused(const std::filesystem::path& file, const ssmix2::Failure& failure) override;
  void built(const BuiltUnit& unit) override;

  void complain(const std::filesystem::path& path, std::string_view what);
  void print(const std::string& unit, const Snapshot& snapshot);

  MapOptions options_;
  std::ostream& results_;
  std::ostream& messages_;
  SingleLook look_;
  bool all_good_ = true;
};

}  // namespace gateway
