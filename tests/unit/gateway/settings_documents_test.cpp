// What stands beside the program says what the program does: the example, the table for people, the schema.

#include "gateway/settings.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <pugixml.hpp>

namespace {

using namespace std::chrono_literals;

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

const std::filesystem::path kConfig = std::filesystem::path(KAKEHASHI_SOURCE_DIR) / "config";

using Defaults = std::map<std::string, std::string>;  // "gateway/storage@settle" -> "`2s`"

Defaults defaults_of_table() {
  Defaults defaults;
  std::istringstream table(gateway::describe_settings());
  for (std::string line; std::getline(table, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    REQUIRE(cells.size() == 6);
    const auto bare = [](std::string cell) {
      cell.erase(std::remove(cell.begin(), cell.end(), '`'), cell.end());
      return cell.substr(1, cell.size() - 2);
    };
    if (cells[1].find('`') != std::string::npos)
      defaults[bare(cells[1]) + '@' + bare(cells[2])] = bare(cells[3]);
  }
  return defaults;
}

void collect(const pugi::xml_node& schema, const pugi::xml_node& node, const std::string& path,
             Defaults& defaults) {
  for (const pugi::xml_node& child : node.children()) {
    const std::string kind = child.name();
    if (kind == "xs:attribute") {
      const bool required = std::string(child.attribute("use").value()) == "required";
      defaults[path + '@' + child.attribute("name").value()] =
          required ? "(required)" : child.attribute("default").value();
    } else if (kind == "xs:element") {
      const std::string below = path + (path.empty() ? "" : "/") + child.attribute("name").value();
      collect(schema, child, below, defaults);
      if (const auto type = child.attribute("type")) {
        const std::string name = std::string(type.value()).substr(2);
        collect(schema, schema.find_child_by_attribute("xs:complexType", "name", name.c_str()), below,
                defaults);
      }
    } else {
      collect(schema, child, path, defaults);
    }
  }
}

}  // namespace

TEST_CASE("the example settings load and say what their text says") {
  const auto settings = gateway::load_settings(kConfig / "gateway.xml");
  REQUIRE(settings.has_value());
  CHECK(settings->facility.institution_number == "1319999999");
  CHECK(settings->facility.name == "架橋病院");
  CHECK(settings->facility.zone.offset() == 9h);
  REQUIRE(settings->storages.size() == 1);
  CHECK(settings->storages[0].root == "/srv/ssmix2/standard");
  CHECK(settings->storages[0].sweep_interval == 60s);
  CHECK(settings->mapping_directory == kConfig / "mapping");
  REQUIRE(settings->destinations.size() == 1);
  CHECK(settings->destinations[0].tls.key == kConfig / "client.key");
  CHECK(settings->destinations[0].pack_version() == "1.12.0");
}

TEST_CASE("config/README.md has the table of settings the program reads") {
  const std::string text = read(kConfig / "README.md");
  const std::string begin = "<!-- settings table begin -->\n";
  const auto start = text.find(begin);
  const auto end = text.find("<!-- settings table end -->");
  REQUIRE(start != std::string::npos);
  REQUIRE(end != std::string::npos);
  CHECK(text.substr(start + begin.size(), end - start - begin.size()) == gateway::describe_settings());
}

TEST_CASE("the example settings name every attribute there is, with the default where there is one") {
  const std::string example = read(kConfig / "gateway.xml");
  std::istringstream table(gateway::describe_settings());
  const std::regex row(R"re(\| `([^`]+)` \| `([^`]+)` \| (`([^`]*)` \|)?.*)re");
  std::map<std::string, std::string> defaults;
  std::smatch match;
  for (std::string line; std::getline(table, line);) {
    if (!std::regex_match(line, match, row)) continue;
    CAPTURE(line);
    CHECK_THAT(example, Catch::Contains(match[2].str() + "=\""));
    if (match[3].matched) defaults[match[2]] = match[4];
  }
  CHECK(defaults.size() > 30);
  for (const auto& [name, value] : defaults) {
    const bool is_that_of_another = defaults.contains(value);  // pause-first is retry-first
    if (!is_that_of_another) CHECK_THAT(example, Catch::Contains(name + "=\"" + value + "\""));
  }
}

TEST_CASE("the schema has the attributes and defaults the program has") {
  pugi::xml_document document;
  REQUIRE(document.load_file((kConfig / "schema/gateway.xsd").c_str()));
  const pugi::xml_node schema = document.child("xs:schema");
  Defaults of_schema;
  collect(schema, schema.child("xs:element"), "gateway", of_schema);
  of_schema["gateway@xmlns"] = "(required)";  // in a schema this is its targetNamespace
  // Defaults that a schema cannot express.
  of_schema["gateway/destination/tls@server-name"] = "host of url";
  of_schema["gateway/destination/tls@crl"] = "none";
  for (const std::string schedule : {"result", "pause"}) {
    of_schema["gateway/destination/delivery@" + schedule + "-first"] = "retry-first";
    of_schema["gateway/destination/delivery@" + schedule + "-max"] = "retry-max";
  }
  of_schema["gateway/destination/delivery@late-window"] = "twice timeout";
  of_schema["gateway/destination/delivery@source-address"] = "as the system routes";
  of_schema["gateway/mapping@overlay"] = "none";
  of_schema["gateway/storage@transactions"] = "none";
  of_schema["gateway/storage/scope@types"] = "what some destination takes";
  of_schema["gateway/storage/scope@lab-lookback"] = "none";
  of_schema["gateway/storage/scope@prescription-lookback"] = "none";
  CHECK(of_schema == defaults_of_table());
}
