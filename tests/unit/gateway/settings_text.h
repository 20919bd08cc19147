#pragma once
// Settings as text for tests: the least that loads, changes to it, and what comes of them.

#include "gateway/settings.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

/// The least settings that load; 9 lines.
inline const std::string kLeast = R"(<gateway xmlns="urn:kakehashi:gateway:1">
  <facility institution-number="1319999999" name="架橋病院"/>
  <storage root="/srv/ssmix2"/>
  <state directory="/var/lib/kakehashi"/>
  <mapping directory="mapping"/>
  <destination id="platform" url="https://platform.example/fhir">
    <tls ca="ca.crt" certificate="client.crt" key="client.key"/>
  </destination>
</gateway>
)";
// Parts of it, to be replaced.
inline const std::string kStorage = R"(<storage root="/srv/ssmix2")";
inline const std::string kDestination = R"(<destination id="platform")";
inline const std::string kUrl = R"(url="https://platform.example/fhir")";

/// `text` with its first `before` replaced; a test failure when there is none.
std::string with(std::string text, const std::string& before, const std::string& after);

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// `text` loaded as gateway.xml of `folder`.
boost::system::result<gateway::Settings, gateway::SettingsErrors> load(const std::string& text,
                                                                       const Folder& folder);
gateway::Settings loaded(const std::string& text);

using Mistakes = std::vector<std::pair<std::string, std::string>>;  // "gateway.xml:3", message
Mistakes mistakes_of(const std::string& text);
void check_one_mistake(const std::string& text, const std::string& place, const std::string& message);
/// That `attribute`, on line 4 in <storage>, is the one mistake.
void check_storage_mistake(const std::string& attribute, const std::string& message);

}  // namespace gateway::test
