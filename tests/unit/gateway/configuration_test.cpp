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

TEST_CASE("A table of the overlay replaces the whole shipped table of the same name") {
  const SiteFolder site;
  write_file(site.path() / "site" / "gender.tsv", kTableHead + "HL70001\tW\t\tfemale\t\t\n");
  CHECK(gender_of_m(site) == "none");
}

TEST_CASE("A mapping of the overlay replaces the shipped mapping of the same name, others stay") {
  const SiteFolder site;
  write_file(site.path() / "site" / "condition.xml", "<mapping xmlns=\"urn:kakehashi:mapping:1\"/>");
  const auto configuration = site.configuration();
  CHECK(configuration.mapping->find("Condition", ssmix2::DataType::PPR_01) == nullptr);
  CHECK(configuration.mapping->find("Patient", ssmix2::DataType::ADT_00) != nullptr);
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
  CHECK_THAT(mistakes, Catch::Contains("gender.tsv"));
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
