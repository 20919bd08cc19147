#pragma once
// The shipped mapping and tables with settings of one storage and one destination, in a folder of their own.

#include "gateway/configuration.h"
#include "tests/unit/gateway/settings_text.h"

#include <filesystem>
#include <string>

namespace gateway::test {

class SiteFolder {
 public:
  /// gateway.xml, mapping/, terminology/ and an empty site/, which is the overlay; the storage is root().
  SiteFolder();

  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path root() const { return path() / "storage"; }
  /// Loads; a test failure when there are mistakes.
  Configuration configuration() const;
  /// All mistakes as "file: message" lines; empty when there are none.
  std::string mistakes() const;
  /// gateway.xml with its first `before` replaced.
  void change_settings(const std::string& before, const std::string& after) const;

 private:
  Folder folder_;
};

}  // namespace gateway::test
