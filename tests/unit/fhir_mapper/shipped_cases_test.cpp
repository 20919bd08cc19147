// The cases that come with the mapping: all pass, and each can fail.

#include "fhir_mapper/case_run.h"
#include "fhir_mapper/rule_coverage.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::vector<MappingCase> shipped_cases() {
  std::vector<ConfigFile> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(KAKEHASHI_SOURCE_DIR "/config/mapping/cases")) {
    files.push_back({entry.path().filename().string(), read_file(entry.path().string())});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return parse_cases(files).value();
}

/// Something else than was expected. What a path holds besides is checked by the others of its case.
void falsify(Expectation& expectation) {
  switch (expectation.kind) {
    case Expectation::Kind::element:
    case Expectation::Kind::json:
      expectation.text += "x";
      return;
    case Expectation::Kind::absent:
      expectation.kind = Expectation::Kind::element;
      expectation.text = "x";
      return;
    case Expectation::Kind::count:
    case Expectation::Kind::left_out:
      expectation.number += 1;
      return;
    case Expectation::Kind::held:
    case Expectation::Kind::warning:
      expectation.text = "file:empty";
      return;
    case Expectation::Kind::missing_code:
      expectation.text += "x";
      return;
  }
}

/// With these rows of a site's lab-items.tsv: the standard code of a result with this OBX-3 and SPM-4, or why
/// it is held.
std::string standard_code(const std::string& site_rows, const std::string& item,
                          const std::string& material = "023^血清^JC10") {
  auto tables = shipped_tables();
  tables.push_back({"site/lab-items.tsv",
                    "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n" + site_rows,
                    ConfigOrigin::site});
  const auto mapping = load_mapping(shipped_mappings(), tables);
  REQUIRE(mapping.has_value());
  const std::string cases = R"(<cases xmlns="urn:kakehashi:mapping-case:1"><case name="a">
      <document type="OML-11">SPM|1|S001||)" +
                            material + R"(|||||||||||||20260331
      OBX|1|NM|)" + item + R"(||1|mg/dL|||||F</document>
      <expect><element path="Observation.code.coding[1].code" is="?"/></expect></case></cases>)";
  const auto parsed = parse_cases({{"a.case.xml", cases}});
  REQUIRE(parsed.has_value());
  std::string got;
  for (const CaseDifference& difference : run_case(parsed->front(), **mapping).differences) {
    if (difference.got != "nothing") got += difference.got + ";";
  }
  return got.substr(0, got.find_first_of(" ;"));
}

TEST_CASE("a site's table says which JLAC10 code an item has, before OBX-3, and of each material") {
  const std::string albumin = "99LOC\tALB\tJC10\t3A015000002327101\n";
  CHECK(standard_code(albumin, "ALB^a^99LOC") == "3A015000002327101");
  CHECK(standard_code(albumin, "3B339000002327102^a^JC10^ALB^a^99LOC") == "3A015000002327101");
  CHECK(standard_code(albumin + "99LOC\tALB_023\tJC10\t3A015000002227101\n", "ALB^a^99LOC") ==
        "3A015000002227101");
  CHECK(standard_code("\tHBS\tJC10\t5F016141002312301\n", "HBS^a^99LOC") == "5F016141002399801");
  CHECK(standard_code("\tX\tJC10\t3B339000002327102\n", "X^a^99LOC") == "3B339000002327102");
  CHECK(standard_code("\tX\t\t\n", "X^a^99LOC") == "99999999999999999");
  CHECK(standard_code("\tX\tJC10\t3A015000002312301\n", "X^a^99LOC") == "code:shared-item");
  CHECK(standard_code("JC10\t3A015000002312301\tJC10\t3A015000002327101\n", "3A015000002312301^a^JC10") ==
        "3A015000002327101");
}

TEST_CASE("a row that is written for blood says nothing of a specimen of urine, and the other way round") {
  const std::string urine = "001^尿^JC10";
  const std::string albumin = "99LOC\tALB\tJC10\t3A015000002327101\n";
  CHECK(standard_code(albumin, "ALB^a^99LOC", "022^血漿^JC10") == "3A015000002327101");
  CHECK(standard_code(albumin, "ALB^a^99LOC", urine) == "map:bad-value");
  CHECK(standard_code(albumin + "99LOC\tALB_001\tJC10\t3A015000000127101\n", "ALB^a^99LOC", urine) ==
        "3A015000000127101");
  CHECK(standard_code("99LOC\tALB\tJC10\t3A015000000127101\n", "ALB^a^99LOC", urine) == "3A015000000127101");
  CHECK(standard_code("99LOC\tALB\tJC10\t3A015000000127101\n", "ALB^a^99LOC") == "map:bad-value");
}

TEST_CASE("every shipped case passes") {
  for (const MappingCase& each : shipped_cases()) {
    INFO(each.origin.text() << " " << each.name);
    const CaseResult result = run_case(each, shipped_mapping());
    for (const CaseDifference& difference : result.differences) {
      UNSCOPED_INFO(difference.what << ": expected " << difference.expected << ", got " << difference.got);
    }
    CHECK(result.passed());
  }
}

TEST_CASE("there are shipped cases for every rule of the shipped mapping, and at least forty") {
  std::vector<CaseResult> results;
  for (const MappingCase& each : shipped_cases()) results.push_back(run_case(each, shipped_mapping()));
  CHECK(results.size() >= 40);
  for (const RuleOrigin& origin : untouched_rules(shipped_mapping(), results)) {
    FAIL_CHECK(origin.text() << " is touched by no case");
  }
}

TEST_CASE("every expectation of every shipped case fails when it is made false") {
  for (MappingCase& each : shipped_cases()) {
    for (Expectation& expectation : each.expectations) {
      const Expectation kept = expectation;
      falsify(expectation);
      INFO(kept.origin.text() << " of \"" << each.name << "\"");
      CHECK_FALSE(run_case(each, shipped_mapping()).passed());
      expectation = kept;
    }
  }
}

TEST_CASE("every shipped case says something that is there, not only what is not") {
  for (const MappingCase& each : shipped_cases()) {
    INFO(each.origin.text() << " " << each.name);
    CHECK(std::any_of(each.expectations.begin(), each.expectations.end(), [](const Expectation& expectation) {
      return expectation.kind != Expectation::Kind::absent;
    }));
  }
}

}  // namespace
}  // namespace fhir_mapper::test
