// The expressions that FHIR, JP Core and JP-CLINS publish, where KAKEHASHI_VALIDATOR names a validator with
// their definitions; they are not part of the project. With its fhirpath.js they also give the same here and
// there.
#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/node_path.h"
#include "tests/unit/fhir_mapper/fhir_path_support.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace fhir_mapper::test {
namespace {

namespace fs = std::filesystem;

/// Empty: there is none.
fs::path validator() {
  const char* const folder = std::getenv("KAKEHASHI_VALIDATOR");
  return folder == nullptr ? fs::path() : fs::path(folder);
}

using Expressions = std::map<std::string, std::set<std::string>>;  // of each type or element

void add_definition(const Node& definition, Expressions& expressions) {
  const Node* const snapshot = definition.find("snapshot");
  if (snapshot == nullptr) return;
  for (const Node& element : *snapshot->find("element")) {
    const Node* const constraints = element.find("constraint");
    if (constraints == nullptr) continue;
    for (const Node& constraint : *constraints) {
      const Node* const expression = constraint.find("expression");
      if (expression != nullptr) {
        expressions[std::string(element.find("path")->written())].insert(std::string(expression->written()));
      }
    }
  }
}

Expressions published() {
  Expressions expressions;
  std::istringstream core(read_file(validator() / "profiles/r4-core/StructureDefinition.tsv"));
  for (std::string line; std::getline(core, line);) {
    add_definition(tree_of(line.substr(line.find('\t') + 1)).root(), expressions);
  }
  for (const char* const folder : {"profiles/jp-clins", "profiles/jp-core"}) {
    for (const auto& file : fs::directory_iterator(validator() / folder)) {
      if (!file.path().filename().string().starts_with("StructureDefinition")) continue;
      add_definition(tree_of(read_file(file.path())).root(), expressions);
    }
  }
  return expressions;
}

/// The rules as JP-CLINS writes them, also those that no profile obeys.
std::vector<std::string> clins_rules() {
  const std::string list = read_file(validator() / "profiles/jp-clins/invariants-fsh.json");
  const Tree tree = tree_of("{\"rules\":" + list + "}");
  std::vector<std::string> rules;
  for (const Node& rule : *tree.root().find("rules")) rules.emplace_back(rule.find("expression")->written());
  return rules;
}

/// What no published rule needs and a later one may.
const std::vector<std::string> kOperators = {"children().count()",
                                             "descendants().count() > 9",
                                             "id.length()",
                                             "id.length() > 5",
                                             "id.upper() = id",
                                             "id.lower() = id",
                                             "id.indexOf('-') > 3",
                                             "id.substring(3, 4)",
                                             "id.substring(999)",
                                             "id.replace('-', '/') = id",
                                             "id.replaceMatches('[0-9]', '') = id",
                                             "id & meta.versionId",
                                             "id + id",
                                             "(id | status | id).count() = 2",
                                             "meta.profile.isDistinct()",
                                             "name.given.first()",
                                             "name[0].use",
                                             "identifier.select(value).distinct().count() > 1",
                                             "identifier.system ~ identifier.system",
                                             "code.coding.system.first() ~ 'URN:X'",
                                             "code.coding.count() mod 2 = 1",
                                             "code.coding.all(code.exists() and system.exists())",
                                             "code.coding.skip(1).exists()",
                                             "code.coding.take(1).code",
                                             "code.coding.last() = code.coding.first()",
                                             "code.coding.combine(code.coding).count() > 2",
                                             "code.coding.tail().empty()",
                                             "code.coding.exclude(code.coding.first()).count() = 1",
                                             "code.coding.intersect(code.coding.first()).exists()",
                                             "code.coding.subsetOf(code.coding)",
                                             "value is Quantity",
                                             "value is CodeableConcept",
                                             "value.exists() and value is string",
                                             "value.value > 3",
                                             "value.value.toString()",
                                             "value.value * 2 > 9",
                                             "value.value = 7.2",
                                             "-value.value < 0",
                                             "birthDate < @2000-01-01",
                                             "birthDate > @2000",
                                             "effective < @2030-01-01",
                                             "effective = @2030",
                                             "onset < now()",
                                             "recordedDate > @2020-01",
                                             "contained.ofType(Encounter).class.code",
                                             "contained.where(is(Encounter)).exists()",
                                             "contained.first() is DomainResource",
                                             "extension.url.where($this.startsWith('http')).count() > 1",
                                             "extension.select($index).last()",
                                             "repeat(extension).count()",
                                             "entry.resource.select(iif($this is Patient, 'p', 'o')).first()",
                                             "entry.resource.ofType(Patient).name.given.count()",
                                             "text.status = 'generated' implies text.`div`.exists()",
                                             "status in ('final' | 'active')",
                                             "('a' | 'b') contains status",
                                             "meta.lastUpdated > @2020-01-01T00:00:00Z",
                                             "meta.lastUpdated is instant",
                                             "gender is code",
                                             "gender is string",
                                             "gender is uri",
                                             "'1'.toInteger() + 1 = 2",
                                             "1 | 2 is Integer",
                                             "active xor active.not()",
                                             "{}",
                                             "%resource is Resource",
                                             "$this is Patient",
                                             "authoredOn ~ authoredOn",
                                             "dosageInstruction.timing.repeat.bounds.exists()",
                                             "medication is CodeableConcept",
                                             "code.coding.where(display ~ ' X').empty()",
                                             "(1 | 2).allTrue().not()",
                                             "id.matches('^[A-Z]')",
                                             "id.toDecimal()"};

/// A place in a file, as JavaScript goes there.
struct Place {
  const Node* node;
  std::string type;
  std::string steps;     // "\"entry\",0"
  std::string resource;  // its steps
  std::string root;
  const Node* resource_node;
  const Node* root_node;
};

struct Job {
  std::string line;
  std::string own;
  std::string told;  // of a person
};

std::string json_text(std::string_view text) {
  Tree tree;
  return printed_json(tree.leaf(tree.text(text)));
}

class Jobs {
 public:
  Jobs(const Expressions& expressions, const std::vector<std::string>& rules)
      : expressions_(expressions), rules_(rules) {}

  void add_file(const fs::path& path) {
    const Tree tree = tree_of(read_file(path));
    file_ = path.string();
    visit({&tree.root(), "", "", "", "", &tree.root(), &tree.root()});
  }
  std::vector<Job> take() { return std::move(jobs_); }

 private:
  void visit(Place place);
  void ask(const Place& place, const std::string& path);
  void ask_one(const Place& place, const std::string& expression);

  const Expressions& expressions_;
  const std::vector<std::string>& rules_;
  std::string file_;
  std::vector<Job> jobs_;
};

void Jobs::ask_one(const Place& place, const std::string& expression) {
  const auto path = FhirPath::compile(expression);
  if (path.has_error()) return;
  struct World : FhirPathWorld {
    using FhirPathWorld::FhirPathWorld;
    std::optional<bool> is_narrative(std::string_view) const override { return true; }
    std::string_view now() const override { return "2026-04-01T09:30:00+09:00"; }
  };
  const World world(*place.resource_node, *place.root_node);
  const std::string base = place.node == place.resource_node ? "" : place.type;
  jobs_.push_back({"{\"file\":" + json_text(file_) + ",\"at\":[" + place.steps + "],\"in\":[" +
                       place.resource + "],\"root\":[" + place.root + "],\"base\":" + json_text(base) +
                       ",\"expression\":" + json_text(expression) + "}\n",
                   std::string(word_for(path->test(*place.node, place.type, world))),
                   fs::path(file_).filename().string() + " [" + place.steps + "] " + expression});
}

void Jobs::ask(const Place& place, const std::string& path) {
  const auto found = expressions_.find(path);
  if (found == expressions_.end()) return;
  for (const std::string& expression : found->second) ask_one(place, expression);
}

void Jobs::visit(Place place) {
  if (const Node* const type = place.node->find("resourceType")) {
    const bool is_contained = place.steps.find("\"contained\"") != std::string::npos;
    place.type = type->written();
    place.resource = place.steps;
    place.resource_node = place.node;
    if (!is_contained) {
      place.root = place.steps;
      place.root_node = place.node;
    }
    for (const std::string& rule : rules_) ask_one(place, rule);
    for (const std::string& expression : kOperators) ask_one(place, expression);
  }
  ask(place, place.type);
  const auto members = FhirPath::compile("children()")->find(*place.node, place.type, FhirPathWorld());
  for (const FhirPath::Found& member : *members) {
    if (!member.node->is_object()) continue;
    Place below = place;
    below.node = member.node;
    below.type = member.type;
    for (const Node& own : *place.node) {
      const std::string steps = (place.steps.empty() ? "" : place.steps + ",") + json_text(own.name());
      if (&own == member.node) below.steps = steps;
      if (!own.is_array()) continue;
      std::size_t index = 0;
      for (const Node& item : own) {
        if (&item == member.node) below.steps = steps + "," + std::to_string(index);
        ++index;
      }
    }
    visit(below);
  }
}

/// Verdicts of fhirpath.js, in the order of the jobs.
std::vector<std::string> asked_oracle(const std::vector<Job>& jobs) {
  const fs::path folder = fs::temp_directory_path() / ("fhir_path_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream file(folder / "jobs");
  for (const Job& job : jobs) file << job.line;
  file.close();
  const std::string command = "node " KAKEHASHI_SOURCE_DIR "/tests/unit/fhir_mapper/fhir_path_oracle.mjs '" +
                              validator().string() + "' < '" + (folder / "jobs").string() + "' > '" +
                              (folder / "verdicts").string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  std::istringstream verdicts(read_file(folder / "verdicts"));
  fs::remove_all(folder);
  std::vector<std::string> lines;
  for (std::string line; std::getline(verdicts, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("every published expression compiles, but for those whose brackets do not close") {
  if (validator().empty()) return;
  std::size_t count = 0;
  for (const auto& [path, expressions] : published()) {
    for (const std::string& expression : expressions) {
      INFO(path << ": " << expression);
      const auto compiled = FhirPath::compile(expression);
      if (compiled.has_error()) INFO(compiled.error().column << " " << compiled.error().message);
      CHECK(compiled.has_value());
      ++count;
    }
  }
  CHECK(count > 1000);
  std::size_t open = 0;
  for (const std::string& rule : clins_rules()) {
    const auto compiled = FhirPath::compile(rule);
    if (compiled.has_value()) continue;
    INFO(rule << " " << compiled.error().message);
    CHECK(compiled.error().message == "\"(\" is never closed; write ) where it ends");
    ++open;
  }
  CHECK(open == 4);
}

TEST_CASE("on the published examples fhirpath.js and we come to the same verdict") {
  if (validator().empty() || !fs::exists(validator() / "node_modules/fhirpath")) return;
  if (std::system("node --version > /dev/null 2>&1") != 0) return;
  const Expressions expressions = published();
  const std::vector<std::string> rules = clins_rules();
  Jobs all(expressions, rules);
  for (const auto& file : fs::directory_iterator(validator() / "profiles/examples"))
    all.add_file(file.path());
  const std::vector<Job> jobs = all.take();
  const std::vector<std::string> verdicts = asked_oracle(jobs);
  REQUIRE(verdicts.size() == jobs.size());
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ++counts[jobs[i].own + " / " + verdicts[i].substr(0, verdicts[i].find(':'))];
    if (verdicts[i].starts_with("unevaluable")) continue;  // it says less than it could
    INFO(jobs[i].told);
    CHECK(jobs[i].own == verdicts[i]);
  }
  for (const auto& [pair, count] : counts)
    std::cout << "fhir_path: " << count << " times here / there " << pair << '\n';
  CHECK(jobs.size() > 9'000);
}

}  // namespace
}  // namespace fhir_mapper::test
