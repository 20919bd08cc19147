// A site's table and rules of 未告知, 未提供 and 長期保存, on top of the shipped mapping.

#include "fhir_mapper/case_run.h"
#include "fhir_mapper/mapping_loader.h"
#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kHeader = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n";
const std::string kOverlay = R"(<overlay xmlns="urn:kakehashi:mapping:1">)";

struct Site {
  std::vector<ConfigFile> overlays = {};
  std::vector<ConfigFile> tables = {};
};

ConfigFile table_of(const std::string& rows, const std::string& name = "site/diagnosis-marks.tsv") {
  return {name, kHeader + rows, ConfigOrigin::site};
}

auto loaded(const Site& site) {
  auto mappings = shipped_mappings();
  auto tables = shipped_tables();
  mappings.insert(mappings.end(), site.overlays.begin(), site.overlays.end());
  tables.insert(tables.end(), site.tables.begin(), site.tables.end());
  return load_mapping(mappings, tables);
}

/// What is wrong when two diagnoses, P1 and P2 of patient 0001234, are expected to have these marks. `giver`:
/// of the numbers, "^DEPT".
std::string difference(const Site& site, const std::string& untold, const std::string& expected,
                       const std::string& giver = "") {
  const std::string text =
      R"(<cases xmlns="urn:kakehashi:mapping-case:1"><case name="n"><settings untold=")" + untold + R"("/>
      <document type="PPR-01">
        PRB|AD|20260401|20054174^胃炎^MDCDX2|P1)" +
      giver + R"(|||20260301
        PRB|AD|20260401|20070000^捻挫^MDCDX2|P2)" +
      giver + R"(|||20260301||||||||||||||
      </document><expect>)" +
      expected + "</expect></case></cases>";
  const auto cases = parse_cases({{"n.case.xml", text}});
  if (cases.has_error()) return cases.error().front().message;
  const auto mapping = loaded(site);
  if (mapping.has_error()) return mapping.error().front().message;
  std::string all;
  for (const CaseDifference& each : run_case(cases->front(), **mapping).differences) {
    all += each.what + ": expected " + each.expected + ", got " + each.got + "\n";
  }
  return all;
}

std::string marked(int diagnosis, const std::vector<std::string>& marks) {
  const std::string tags = "Condition[" + std::to_string(diagnosis) + "].meta.tag";
  if (marks.empty()) return "<absent path=\"" + tags + "\"/>";
  std::string text = "<count path=\"" + tags + "\" is=\"" + std::to_string(marks.size()) + "\"/>";
  for (std::size_t i = 0; i < marks.size(); ++i) {
    text += "<element path=\"" + tags + "[" + std::to_string(i) + "].code\" is=\"" + marks[i] + "\"/>";
  }
  return text;
}

using Marks = std::vector<std::string>;
const std::string kOneUntold = "UNINFORMED\t0001234/P1\t\tUNINFORMED\nUNINFORMED\t*\t\t\n";

TEST_CASE("with untold=rules the site's table says which diagnoses are not told, and what all others are") {
  CHECK(difference({.tables = {table_of(kOneUntold)}}, "rules", marked(0, {"UNINFORMED"}) + marked(1, {})) ==
        "");
  const std::string told = "UNINFORMED\t0001234/P1\t\t\n";
  CHECK(difference({.tables = {table_of(told)}}, "rules", marked(0, {}) + marked(1, {"UNINFORMED"})) == "");
}

TEST_CASE("untold=all marks whatever the table says, untold=none leaves not-told marks out") {
  CHECK(difference({.tables = {table_of(kOneUntold)}}, "all",
                   marked(0, {"UNINFORMED"}) + marked(1, {"UNINFORMED"})) == "");
  CHECK(difference({.tables = {table_of(kOneUntold)}}, "none", marked(0, {}) + marked(1, {})) == "");
}

TEST_CASE("a diagnosis may have all three marks; those of delivery and storage do not depend on untold") {
  const Site site{.tables = {table_of(kOneUntold + "UNDELIVERED\t0001234/P1\t\tUNDELIVERED\n"
                                                   "LTS\t0001234/P1\t\tLTS\nLTS\t0001234/P2\t\tLTS\n")}};
  CHECK(difference(site, "rules", marked(0, {"UNINFORMED", "UNDELIVERED", "LTS"}) + marked(1, {"LTS"})) ==
        "");
  CHECK(difference(site, "none", marked(0, {"UNDELIVERED", "LTS"}) + marked(1, {"LTS"})) == "");
}

TEST_CASE("a table that was lost, or cut off before its last row, marks every diagnosis as not told") {
  const std::string both = marked(0, {"UNINFORMED"}) + marked(1, {"UNINFORMED"});
  CHECK(difference({}, "rules", both) == "");
  CHECK(difference({.tables = {table_of("UNINFORMED\t0001234/P1\t\tUNINFORMED\n")}}, "rules", both) == "");
}

TEST_CASE("a table of a name of its own must be there: without it nothing is mapped at all") {
  Site site{.overlays = {{"site/marks.xml", kOverlay + R"(<replace rule="condition/marks">
                            <use id="marks" template="diagnosis-marks" table="our-marks"/></replace></overlay>)",
                          ConfigOrigin::site}}};
  CHECK_THAT(difference(site, "rules", marked(0, {})), Catch::Contains("no code table \"our-marks\""));
  site.tables = {table_of("UNDELIVERED\t0001234/P2\t\tUNDELIVERED\n", "site/our-marks.tsv")};
  CHECK(difference(site, "rules", marked(0, {}) + marked(1, {"UNDELIVERED"})) == "");
  site.tables = {table_of("UNDELIVERED\t0001234/P2\t\tUNDELIVERED\nUNDELIVERED\t0001234/P2\t\t\n",
                          "site/our-marks.tsv")};
  CHECK(loaded(site).has_error());
}

TEST_CASE(
    "a mark of a number counts with and without the name of who gave it; told is what both say is told") {
  const std::string delivery =
      "UNDELIVERED\t0001234/P1\t\tUNDELIVERED\n"
      "UNDELIVERED\t0001234/P2_D\t\tUNDELIVERED\n";
  CHECK(difference({.tables = {table_of(kOneUntold + delivery)}}, "rules",
                   marked(0, {"UNINFORMED", "UNDELIVERED"}) + marked(1, {"UNDELIVERED"}), "^D") == "");
  const std::string told =
      "UNINFORMED\t0001234/P1\t\t\n"
      "UNINFORMED\t0001234/P2\t\t\n"
      "UNINFORMED\t0001234/P2_D\t\t\n";
  CHECK(difference({.tables = {table_of(told)}}, "rules", marked(0, {"UNINFORMED"}) + marked(1, {}), "^D") ==
        "");
}

TEST_CASE("a rule of the site marks beside the table, and never twice") {
  const Site site{.overlays = {{"site/marks.xml", kOverlay + R"(<add to="diagnosis-marks/uninformed">
                                  <object id="of-number" path="meta.tag[]" when="$untold = rules and PRB-3.1 = 20070000">
                                    <use template="mark" mark="UNINFORMED"/></object></add></overlay>)",
                                ConfigOrigin::site}},
                  .tables = {table_of(kOneUntold)}};
  CHECK(difference(site, "rules", marked(0, {"UNINFORMED"}) + marked(1, {"UNINFORMED"})) == "");
}

}  // namespace
}  // namespace fhir_mapper::test
