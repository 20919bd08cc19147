#include "tests/unit/fhir_mapper/support.h"

#include "fhir_mapper/json_writer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fhir_mapper::test {
namespace {

std::vector<ConfigFile> files_of(const std::string& folder, const std::string& extension) {
  std::vector<ConfigFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(KAKEHASHI_SOURCE_DIR "/config/" + folder)) {
    if (entry.path().extension() != extension) continue;
    files.push_back({entry.path().filename().string(), read_file(entry.path().string())});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::vector<ConfigFile> shipped_mappings() {
  return files_of("mapping", ".xml");
}
std::vector<ConfigFile> shipped_tables() {
  return files_of("terminology", ".tsv");
}

const Mapping& shipped_mapping() {
  static const auto mapping = load_mapping(shipped_mappings(), shipped_tables()).value();
  return *mapping;
}

std::vector<ConfigFile> mapping_of(std::string_view body) {
  return {
      {"test.xml", "<mapping xmlns=\"urn:kakehashi:mapping:1\">\n" + std::string(body) + "\n</mapping>\n"}};
}

ConfigFile table_of(std::string name, std::string_view rows) {
  return {std::move(name),
          "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n" + std::string(rows)};
}

ssmix2::Message message_of(std::string_view text) {
  auto message = ssmix2::Message::parse(std::string(text));
  if (!message) throw std::runtime_error(ssmix2::to_text(message.error()).str());
  return std::move(*message);
}

std::string json_of(const Node& node) {
  return SnapshotTemplate::of(node).render(
      "<time>", [](std::size_t index) { return "<url " + std::to_string(index) + ">"; });
}

ssmix2::DocumentName document_name(std::string_view file_name) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(file_name)};
  for (std::string part; std::getline(stream, part, '_');) parts.push_back(part);
  const std::string& patient = parts.at(0);
  const auto name =
      ssmix2::parse_document_path(patient.substr(0, 3) + "/" + patient.substr(3, 3) + "/" + patient + "/" +
                                  parts.at(1) + "/" + parts.at(2) + "/" + std::string(file_name));
  if (!name) throw std::runtime_error(ssmix2::to_text(name.error()).str());
  return *name;
}

UnitSettings settings() {
  UnitSettings settings;
  settings.institution_number = "1319999999";
  settings.facility_name = "架空病院";
  settings.zone = "+09:00";
  settings.pack_version = "1.12.0";
  settings.untold = "all";
  settings.today = "20260701";
  return settings;
}

}  // namespace fhir_mapper::test
