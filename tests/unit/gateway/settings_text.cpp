#include "tests/unit/gateway/settings_text.h"

#include <fstream>
#include <stdexcept>

#include <catch2/catch.hpp>
#include <stdlib.h>

namespace gateway::test {

using gateway::Settings;

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "settings_test.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::filesystem::remove_all(path_);
}

std::string with(std::string text, const std::string& before, const std::string& after) {
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.replace(at, before.size(), after);
}

boost::system::result<Settings, gateway::SettingsErrors> load(const std::string& text, const Folder& folder) {
  std::ofstream(folder.path() / "gateway.xml", std::ios::binary) << text;
  return gateway::load_settings(folder.path() / "gateway.xml");
}

Settings loaded(const std::string& text) {
  const Folder folder;
  const auto settings = load(text, folder);
  for (const auto& error : settings ? gateway::SettingsErrors() : settings.error()) {
    FAIL_CHECK(error.place << ": " << error.message);
  }
  REQUIRE(settings.has_value());
  return *settings;
}

Mistakes mistakes_of(const std::string& text) {
  const Folder folder;
  const auto settings = load(text, folder);
  Mistakes mistakes;
  if (settings) return mistakes;
  for (const auto& error : settings.error()) {
    mistakes.emplace_back(std::filesystem::path(error.place).filename(), error.message);
  }
  return mistakes;
}

void check_one_mistake(const std::string& text, const std::string& place, const std::string& message) {
  const Mistakes mistakes = mistakes_of(text);
  CAPTURE(text);
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].first == place);
  CHECK_THAT(mistakes[0].second, Catch::Contains(message));
}

void check_storage_mistake(const std::string& attribute, const std::string& message) {
  check_one_mistake(with(kLeast, kStorage, kStorage + "\n" + attribute), "gateway.xml:4", message);
}

}  // namespace gateway::test
