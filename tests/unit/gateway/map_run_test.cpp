#include "gateway/map_run.h"

#include "gateway/digest.h"
#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <sstream>

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

namespace {

using namespace gateway::test;
using Catch::Contains;

struct Mapped {
  bool good = false;
  std::vector<std::string> lines;
  std::string messages;
};

/// A patient with ADT-00 and a problem list.
class Mapping {
 public:
  Mapping() {
    write(kMasterName, master_bytes());
    write(kProblemName, problem_bytes());
  }
  void write(const std::string& name, const std::string& bytes) { write_document(site_.root(), name, bytes); }
  void remove(const std::string& name) { std::filesystem::remove(path_of(name)); }
  std::filesystem::path path_of(const std::string& name) const {
    return site_.root() / document(name).relative_path();
  }
  std::filesystem::path root() const { return site_.root(); }

  Mapped map(const std::filesystem::path& path, gateway::MapOptions options = {false, 2026}) const {
    std::ostringstream results;
    std::ostringstream messages;
    gateway::MapRun run(site_.configuration(), options, results, messages);
    REQUIRE(run.add(path));
    Mapped mapped;
    mapped.good = run.finish();
    mapped.messages = messages.str();
    std::istringstream lines(results.str());
    for (std::string line; std::getline(lines, line);) mapped.lines.push_back(line);
    return mapped;
  }

 private:
  SiteFolder site_;
};

std::string with_flag(std::string name, char flag) {
  name.back() = flag;
  return name;
}

}  // namespace

TEST_CASE("A root becomes one Bundle a line for every unit, and a word for what gives none") {
  const Mapping mapping;
  const Mapped mapped = mapping.map(mapping.root());
  CAPTURE(mapped.messages);
  CHECK(mapped.good);
  REQUIRE(mapped.lines.size() == 1);
  rapidjson::Document bundle;
  bundle.Parse(mapped.lines[0].c_str());
  REQUIRE_FALSE(bundle.HasParseError());
  CHECK(bundle["resourceType"].GetString() == std::string("Bundle"));
  CHECK(bundle["identifier"]["value"].GetString() ==
        gateway::bundle_id("1319999999", 2026, 'C', "Condition|0001234"));
  CHECK(bundle["entry"].Size() == 2);
  CHECK_THAT(mapped.messages, Contains("AllergyIntolerance|0001234: nothing to report"));
}

TEST_CASE("A patient's folder, a folder below and a single file give the same Bundle as the root") {
  const Mapping mapping;
  const auto content = [](const Mapped& mapped) {
    REQUIRE(mapped.lines.size() == 1);
    return mapped.lines[0].substr(mapped.lines[0].find("\"resourceType\":\"Condition\""));
  };
  const std::string whole = content(mapping.map(mapping.root()));
  CHECK(content(mapping.map(mapping.root() / "000" / "123" / "0001234")) == whole);
  CHECK(content(mapping.map(mapping.path_of(kProblemName).parent_path())) == whole);
  CHECK(content(mapping.map(mapping.path_of(kProblemName))) == whole);
}

TEST_CASE("A file is mapped with the rest of its unit") {
  Mapping mapping;
  const std::string surgery = "0001234_-_PPR-01_999999999999999_20260401093000000_10_1";
  mapping.write(surgery, with(problem_bytes("Femur fracture"), "|P0001|", "|P0002|"));
  const Mapped mapped = mapping.map(mapping.path_of(kProblemName));
  REQUIRE(mapped.lines.size() == 1);
  CHECK_THAT(mapped.lines[0], Contains("Acute gastritis") && Contains("Femur fracture"));
}

TEST_CASE("What would be held prints its reason and no Bundle") {
  Mapping mapping;
  mapping.remove(kMasterName);
  const Mapped mapped = mapping.map(mapping.root());
  CHECK_FALSE(mapped.good);
  CHECK(mapped.lines.empty());
  CHECK_THAT(mapped.messages, Contains("Condition|0001234: held: patient:no-master"));
}

TEST_CASE("A file that cannot be mapped is named with its reason") {
  Mapping mapping;
  SECTION("its name") {
    mapping.write("0001234_-_PPR-01_1", "MSH|");
    const Mapped mapped = mapping.map(mapping.root());
    CHECK_FALSE(mapped.good);
    CHECK(mapped.lines.size() == 1);
    CHECK_THAT(mapped.messages, Contains("0001234_-_PPR-01_1: path:"));
  }
  SECTION("its content") {
    mapping.write(kProblemName, "%PDF-1.4");
    const Mapped mapped = mapping.map(mapping.root());
    CHECK_FALSE(mapped.good);
    CHECK(mapped.lines.empty());
    CHECK_THAT(mapped.messages, Contains(kProblemName + ": hl7:no-msh"));
  }
}

TEST_CASE("A document of a kind that nothing is made of is ignored by a rule, which is no mistake") {
  Mapping mapping;
  mapping.write("0001234_20260401_OMD_000000000000001_20260401093000000_-_1", "MSH|^~\\&|HIS\r");
  const Mapped mapped = mapping.map(mapping.root());
  CAPTURE(mapped.messages);
  CHECK(mapped.good);
  CHECK_THAT(mapped.messages, Contains("ignored"));
}

TEST_CASE("A deleted list has nothing to report: looking once there is no delete-settle to wait for") {
  Mapping mapping;
  mapping.remove(kProblemName);
  mapping.write(with_flag(kProblemName, '0'), problem_bytes());
  const Mapped mapped = mapping.map(mapping.root());
  CAPTURE(mapped.messages);
  CHECK(mapped.good);
  CHECK(mapped.lines.empty());
  CHECK_THAT(mapped.messages, Contains("Condition|0001234: nothing to report"));
}

TEST_CASE("A rename under way is held") {
  Mapping mapping;
  mapping.remove(kProblemName);
  mapping.write(with_flag(kProblemName, '2'), problem_bytes());
  const Mapped mapped = mapping.map(mapping.root());
  CHECK_FALSE(mapped.good);
  CHECK_THAT(mapped.messages, Contains("Condition|0001234: held: key:undecided"));
}

TEST_CASE("A tree that is not in the settings is mapped by the rules of the first storage") {
  Mapping mapping;
  const Folder elsewhere;
  write_document(elsewhere.path(), kMasterName, master_bytes());
  write_document(elsewhere.path(), kProblemName, problem_bytes("Femur fracture"));
  const Mapped mapped = mapping.map(elsewhere.path());
  CHECK(mapped.good);
  REQUIRE(mapped.lines.size() == 1);
  CHECK_THAT(mapped.lines[0], Contains("Femur fracture"));
}

TEST_CASE("Every element is explained with its rule and source when asked for") {
  const Mapping mapping;
  const Mapped mapped = mapping.map(mapping.root(), {true, 2026});
  REQUIRE(mapped.lines.size() > 10);
  CHECK(mapped.lines[0].front() == '{');
  for (std::size_t i = 1; i < mapped.lines.size(); ++i)
    CHECK_THAT(mapped.lines[i], Catch::StartsWith("# entry["));
  CHECK(std::any_of(mapped.lines.begin(), mapped.lines.end(), [](const std::string& line) {
    return line.find("\tAcute gastritis\tcondition/code.text (condition.xml:") != std::string::npos &&
           line.find(")\tPRB[1]-17\t") != std::string::npos;
  }));
}

TEST_CASE("Tools get the explanations as JSON lines, the Bundle as it always is") {
  const Mapping mapping;
  const Mapped text = mapping.map(mapping.root(), {true, 2026});
  const Mapped json = mapping.map(mapping.root(), {true, 2026, gateway::MapOptions::Format::json_lines});
  REQUIRE(json.lines.size() == text.lines.size());
  bool has_birth_date = false;
  for (std::size_t i = 1; i < json.lines.size(); ++i) {
    rapidjson::Document line;
    line.Parse(json.lines[i].c_str());
    REQUIRE(line.IsObject());
    if (line["element"].GetString() != std::string("birthDate")) continue;
    has_birth_date = true;
    CHECK(line["entry"].GetInt() == 0);
    CHECK(line["type"].GetString() == std::string("Patient"));
    CHECK(line["value"].GetString() == std::string("1960-02-29"));
    CHECK(line["rule"].GetString() == std::string("patient/birthDate"));
    CHECK_THAT(line["place"].GetString(), Contains("patient.xml:"));
    CHECK_FALSE(line["site"].GetBool());
    CHECK(line["source"].GetString() == std::string("PID[1]-7"));
    CHECK(line["table"].IsNull());
  }
  CHECK(has_birth_date);
}

TEST_CASE("Prescriptions are mapped, too, though no destination takes them") {
  Mapping mapping;
  mapping.write(
      "0001234_20260401_OMP-01_000000000000001_20260401093000000_-_1",
      with(problem_bytes().substr(0, problem_bytes().find("PRB|")), "PPR^ZD1^PPR_ZD1", "RDE^O11^RDE_O11"));
  CHECK_THAT(mapping.map(mapping.root()).messages,
             Contains("MedicationRequest|0001234|20260401|000000000000001: held: map:missing-element"));
}

TEST_CASE("A path that is not there is said to be none") {
  const SiteFolder site;
  std::ostringstream out;
  gateway::MapRun run(site.configuration(), {false, 2026}, out, out);
  CHECK_FALSE(run.add(site.path() / "none"));
}

TEST_CASE("Mapping writes nothing into the storage and makes no state") {
  const Mapping mapping;
  mapping.map(mapping.root());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(mapping.root())) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  CHECK(files == 2);
  CHECK_FALSE(std::filesystem::exists(mapping.root().parent_path() / "state"));
}
