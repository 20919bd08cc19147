#include "gateway/configuration.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

namespace {

const std::string kTableHead = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n";

std::string gender_of_m(const SiteFolder& site) {
  const auto configuration = site.configuration();
  const auto* row = configuration.mapping->table("gender")->find("M");
  return row == nullptr ? "none" : row->to_code;
}

fhir_mapper::UnitSettings unit_settings_of(const SiteFolder& site, Instant now) {
  const Settings settings = site.configuration().settings;
  return unit_settings(settings, settings.storages.front(), settings.destinations.front(), now);
}

}  // namespace

TEST_CASE("Settings, mappings and tables are read together") {
  const SiteFolder site;
  CHECK(site.mistakes().empty());
  CHECK(site.configuration().settings.facility.institution_number == "1319999999");
  CHECK(gender_of_m(site) == "male");
}

TEST_CASE("A table of the overlay changes rows of the shipped table of the same name, others stay") {
  const SiteFolder site;
  write_file(site.path() / "site" / "gender.tsv", kTableHead + "HL70001\tM\t\tother\t\t\n");
  CHECK(gender_of_m(site) == "other");
  const auto configuration = site.configuration();
  CHECK(configuration.mapping->table("gender")->find("M")->place() == "site/gender.tsv:2");
  CHECK(configuration.mapping->table("gender")->find("F")->to_code == "female");
}

TEST_CASE("The files that were read are kept: the shipped ones by name, then the site's with their folder") {
  const SiteFolder site;
  write_file(site.path() / "site" / "gender.tsv", kTableHead + "HL70001\tM\t\tother\t\t\n");
  write_file(site.path() / "site" / "a.xml", "<mapping xmlns=\"urn:kakehashi:mapping:1\"/>");
  const auto files = site.configuration().files;
  REQUIRE(files.tables.size() > 2);
  CHECK(files.tables.back().name == "site/gender.tsv");
  CHECK(files.tables.back().bytes == kTableHead + "HL70001\tM\t\tother\t\t\n");
  CHECK(files.tables.back().origin == fhir_mapper::ConfigOrigin::site);
  CHECK(files.mappings.back().name == "site/a.xml");
  CHECK(files.mappings.back().origin == fhir_mapper::ConfigOrigin::site);
  for (const auto* shipped : {&files.mappings, &files.tables}) {
    for (std::size_t index = 0; index + 1 < shipped->size(); ++index) {
      CHECK((*shipped)[index].origin == fhir_mapper::ConfigOrigin::shipped);
      if (index > 0) CHECK((*shipped)[index - 1].name < (*shipped)[index].name);
    }
  }
}

TEST_CASE("An overlay that is written with a slash at its end has the same name") {
  const SiteFolder site;
  write_file(site.path() / "site" / "own.tsv", kTableHead);
  site.change_settings(R"(overlay="site")", R"(overlay="site/")");
  CHECK(site.configuration().files.tables.back().name == "site/own.tsv");
}

TEST_CASE("What is called like a table and is no file is told, not waited for") {
  const SiteFolder site;
  std::filesystem::create_directory(site.path() / "site" / "gender.tsv");
  CHECK_THAT(site.mistakes(), Catch::Contains("gender.tsv: is not a file"));
}

TEST_CASE("Files of other kinds beside the mappings are left alone") {
  const SiteFolder site;
  write_file(site.path() / "mapping" / "README.md", "not XML");
  write_file(site.path() / "site" / "condition.xml.bak", "not XML");
  CHECK(site.mistakes().empty());
}

TEST_CASE("The mistakes of all mapping files and tables are told at once") {
  const SiteFolder site;
  write_file(site.path() / "site" / "condition.xml", "<mapping");
  write_file(site.path() / "site" / "gender.tsv", "not a table\n");
  const std::string mistakes = site.mistakes();
  CHECK_THAT(mistakes, Catch::Contains("condition.xml"));
  CHECK_THAT(mistakes, Catch::Contains("site/gender.tsv:1: the first line must be the header"));
}

TEST_CASE("Every directory that is missing is told, not the first only") {
  const SiteFolder site;
  std::filesystem::remove_all(site.path() / "mapping");
  std::filesystem::remove_all(site.path() / "site");
  const std::string mistakes = site.mistakes();
  CHECK_THAT(mistakes, Catch::Contains((site.path() / "mapping").string() + ": cannot be listed"));
  CHECK_THAT(mistakes, Catch::Contains((site.path() / "site").string() + ": cannot be listed"));
}

TEST_CASE("A mapping file that cannot be read is told") {
  const SiteFolder site;
  std::filesystem::create_symlink(site.path() / "nowhere", site.path() / "site" / "condition.xml");
  CHECK_THAT(site.mistakes(), Catch::Contains("cannot be read"));
}

TEST_CASE("A mistake in the settings ends the reading: nothing else is named by them") {
  const SiteFolder site;
  site.change_settings("1319999999", "13");
  CHECK_THAT(site.mistakes(), Catch::Contains("gateway.xml:2"));
}

TEST_CASE("The mapper is told what the settings say of facility, storage and destination") {
  const SiteFolder site;
  const Instant now = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) + std::chrono::hours(16);
  auto unit = unit_settings_of(site, now);
  CHECK(unit.institution_number == "1319999999");
  CHECK(unit.facility_name == "架橋病院");
  CHECK(unit.zone == "+09:00");
  CHECK(unit.today == "20260702");  // in the facility's zone
  CHECK(unit.pack_version == "1.12.0");
  CHECK(unit.untold == "all");
  CHECK(unit.insured_number == fhir_mapper::InsuredNumberForm::repetition);
  CHECK_FALSE(unit.branch_required);
  CHECK_FALSE(unit.newest_document_only);

  site.change_settings("<storage ",
                       R"(<storage problem-list="newest" insured-number="joined" branch-required="yes" )");
  site.change_settings("</destination>", R"(<send untold="none"/></destination>)");
  unit = unit_settings_of(site, now);
  CHECK(unit.untold == "none");
  CHECK(unit.insured_number == fhir_mapper::InsuredNumberForm::joined);
  CHECK(unit.branch_required);
  CHECK(unit.newest_document_only);
}
