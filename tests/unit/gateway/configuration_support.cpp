#include "tests/unit/gateway/configuration_support.h"

#include "tests/unit/gateway/storage_support.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

namespace gateway::test {

SiteFolder::SiteFolder() {
  std::string settings = with(kLeast, "/srv/ssmix2", root().string());
  settings = with(settings, R"(directory="mapping")", R"(directory="mapping" overlay="site")");
  settings = with(settings, "/var/lib/kakehashi", (path() / "state").string());
  write_file(path() / "gateway.xml", settings);
  for (const std::string part : {"mapping", "terminology", "profiles"}) {
    std::filesystem::copy(std::string(KAKEHASHI_SOURCE_DIR "/config/") + part, path() / part);
  }
  std::filesystem::create_directory(path() / "site");
  std::filesystem::create_directory(root());
}

Configuration SiteFolder::configuration() const {
  auto loaded = load_configuration(path() / "gateway.xml");
  if (!loaded.has_value()) FAIL(mistakes());
  return std::move(*loaded);
}

std::string SiteFolder::mistakes() const {
  const auto loaded = load_configuration(path() / "gateway.xml");
  std::string text;
  if (loaded.has_value()) return text;
  for (const SettingsError& error : loaded.error()) text += error.place + ": " + error.message + "\n";
  return text;
}

void SiteFolder::change_settings(const std::string& before, const std::string& after) const {
  std::ifstream file(path() / "gateway.xml", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  write_file(path() / "gateway.xml", with(text, before, after));
}

}  // namespace gateway::test
