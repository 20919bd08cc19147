#include "gateway/coverage_run.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <sstream>

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

namespace {

using namespace gateway::test;
using Catch::Contains;
using gateway::CoverageFormat;
using gateway::CoverageOptions;

constexpr const char* kAl1 = "AL1|1|DA^x^HL70127|1234^PENICILLIN^99XYZ\r";

struct Covered {
  bool good = false;
  std::string text;
  std::string messages;
};

/// A patient with ADT-00 and a problem list.
class Site {
 public:
  Site() {
    write(kMasterName, master_bytes());
    write(kProblemName, problem_bytes());
  }
  void write(const std::string& name, const std::string& bytes) { write_document(site_.root(), name, bytes); }
  std::filesystem::path path_of(const std::string& name) const {
    return site_.root() / document(name).relative_path();
  }
  Covered cover(const CoverageOptions& options = {}) const { return cover(site_.root(), options); }
  Covered cover(const std::filesystem::path& path, const CoverageOptions& options) const {
    std::ostringstream results;
    std::ostringstream messages;
    gateway::CoverageRun run(site_.configuration(), options, results, messages);
    REQUIRE(run.add(path));
    const bool good = run.finish();
    return {good, results.str(), messages.str()};
  }

  /// Of one data type or "total": "documents present".
  std::string counts(const std::string& of) const {
    std::istringstream lines(cover({.format = CoverageFormat::json_lines}).text);
    for (std::string line; std::getline(lines, line);) {
      rapidjson::Document json;
      json.Parse(line.c_str());
      const bool is_it =
          json.HasMember("present") &&
          (json.HasMember("data_type") ? json["data_type"] == of.c_str() : json["kind"] == of.c_str());
      if (is_it) {
        const auto sum = json["mapped"].GetUint64() + json["ignored"].GetUint64() +
                         json["malformed"].GetUint64() + json["unmapped"].GetUint64();
        CHECK(sum == json["present"].GetUint64());
        return std::to_string(json["documents"].GetUint64()) + " " + std::to_string(sum);
      }
    }
    return "none";
  }

 private:
  SiteFolder site_;
};

std::string line_of(const std::string& text, const std::string& begin) {
  const auto at = text.find("\n" + begin);
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST_CASE("A storage's values are counted by kind of document, an ADT-00 once whatever units have it") {
  Site site;
  CHECK(site.counts("PPR-01") == "1 42");
  const std::string before = site.counts("ADT-00");
  site.write(kMasterName, master_bytes() + kAl1);
  CHECK(before == "1 42");
  CHECK(site.counts("ADT-00") == "1 49");
  CHECK(site.counts("total") == "2 91");
}

TEST_CASE("An AL1 is mapped in the account of its ADT-00, beside the patient") {
  Site site;
  site.write(kMasterName, master_bytes() + kAl1);
  const Covered covered = site.cover(site.path_of(kMasterName), {.each_value = true});
  CHECK_THAT(line_of(covered.text, "AL1[1]-3.2\t"), Contains("\tmapped\t") && Contains("code.text"));
  CHECK_THAT(line_of(covered.text, "PID[1]-7\t"),
             Contains("19600229\tmapped\tpatient/birthDate (patient.xml:") && Contains("\tbirthDate"));
}

TEST_CASE("A patient without units has an ADT-00 that is accounted for") {
  const Site site;
  std::filesystem::remove(site.path_of(kProblemName));
  CHECK(site.counts("ADT-00") == "1 42");
  CHECK(site.cover().good);
}

TEST_CASE("What is mapped nowhere is listed by position, and nothing of a patient is") {
  Site site;
  site.write(kProblemName, problem_bytes() + "ZXX|1||KAKEHASHI is well\r");
  const Covered covered = site.cover();
  CHECK(covered.good);
  REQUIRE_THAT(covered.text, Contains("\nunmapped\n"));
  const std::string unmapped = covered.text.substr(covered.text.find("\nunmapped\n"));
  CHECK_THAT(unmapped.substr(0, unmapped.find("\n\n")), Contains("1  PPR-01  ZXX-3"));
  CHECK_THAT(covered.text, !Contains("0001234") && !Contains("KAKEHASHI") && !Contains("19600229"));
  CHECK(covered.messages.empty());
}

TEST_CASE("Documents without account are counted with the reason") {
  Site site;
  site.write("0001234_20260401_ADT-12_999999999999999_20260401093000000_01_1", "x");
  std::string old_name = kProblemName;
  old_name.back() = '2';
  site.write(old_name, problem_bytes());
  const std::string text = site.cover().text;
  CHECK_THAT(text, Contains("1  ADT-12  not a mapped kind") && Contains("1  PPR-01  deleted or superseded"));
}

TEST_CASE("Held units and unreadable documents are told, and values of what is held are accounted for") {
  Site site;
  site.write(kMasterName, with(master_bytes(), "6139999", "x"));
  site.write("0001234_20260401_OML-11_000000000000001_20260401093000000_01_1", "");
  const Covered covered = site.cover();
  CHECK_FALSE(covered.good);
  CHECK_THAT(covered.text, Contains("1  patient:no-insurance") && Contains("1  OML-11  file:empty"));
  CHECK_THAT(covered.text,
             Contains("1  ADT-00  IN1-3") && Contains("no insured identifier can be made of it"));
  CHECK(site.counts("PPR-01") == "1 42");
  CHECK(covered.messages.empty());
  CHECK_THAT(site.cover(site.path_of(kProblemName), {.each_value = true}).messages,
             Contains("held: patient:no-insurance"));
}

TEST_CASE("Every kind is accounted for though no destination takes it, or only the one that is named") {
  Site site;
  site.write(
      "0001234_20260401_OMP-01_000000000000001_20260401093000000_-_1",
      with(problem_bytes().substr(0, problem_bytes().find("PRB|")), "PPR^ZD1^PPR_ZD1", "RDE^O11^RDE_O11"));
  CHECK(site.counts("OMP-01") != "none");
  CHECK_THAT(site.cover({.destination = "national"}).text, Contains("OMP-01"));
}
