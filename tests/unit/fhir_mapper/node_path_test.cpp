#include "fhir_mapper/node_path.h"

#include "tests/unit/json_tree.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const char* const kResources = R"({
  "Patient": [{"resourceType": "Patient", "active": true}],
  "Observation": [
    {"resourceType": "Observation",
     "code": {"coding": [{"system": "urn:a.b", "code": "1"}, {"system": "urn:c", "code": "2"}]},
     "value": 7.20,
     "subject": {"reference": "<url 0>"},
     "note": [{"text": "一"}]},
    {"resourceType": "Observation", "code": {"text": "二"}}
  ]})";

/// The text there, "nothing", or the problem in brackets.
std::string at(const std::string& path) {
  std::string why;
  const auto parsed = NodePath::parse(path, why);
  if (!parsed) return "no path: " + why;
  const Tree resources = tree_of(kResources);
  const auto located = parsed->find(resources.root());
  if (!located.problem.empty()) return "(" + located.problem + ")";
  return located.node == nullptr ? "nothing" : text_of(*located.node);
}

TEST_CASE("an element is found by its names and numbers, which count from 0") {
  CHECK(at("Observation[0].code.coding[1].code") == "2");
  CHECK(at("Observation[1].code.text") == "二");
  CHECK(at("Patient.active") == "true");
}

TEST_CASE(
    "a value is compared as its own text: decimals keep their digits, a reference to the Patient has a "
    "name") {
  CHECK(at("Observation[0].value") == "7.20");
  CHECK(at("Observation[0].subject.reference") == "entry[0]");
  CHECK(at("Observation[0].note") == R"([{"text":"一"}])");
}

TEST_CASE("a list of one needs no number, one of several does") {
  CHECK(at("Observation[0].note.text") == "一");
  CHECK(at("Observation[0].code.coding.code") == "(there are 2 of coding: say which, like [0] or [code=H])");
  CHECK(at("Observation.code.text") == "(there are 2 of Observation: say which, like [0] or [code=H])");
}

TEST_CASE("an item is chosen by what it holds, also by text with dots and deeper down") {
  CHECK(at("Observation[0].code.coding[system=urn:a.b].code") == "1");
  CHECK(at("Observation[code.text=二].code.text") == "二");
  CHECK(at("Observation[0].code.coding[system=urn:x].code") == "nothing");
  CHECK(at("Observation[resourceType=Observation].code") == "(several of Observation are like that)");
}

TEST_CASE("what is not there is nothing, whatever is asked of it") {
  CHECK(at("Condition[0].code.text") == "nothing");
  CHECK(at("Observation[2]") == "nothing");
  CHECK(at("Observation[0].code.coding[5].code") == "nothing");
}

TEST_CASE("brackets behind what is no list are a mistake, not an absence") {
  CHECK(at("Observation[0].code[0].text") == "(code is no list: it takes no brackets)");
}

TEST_CASE("what is no path is told") {
  CHECK(at("") == "no path: \"\" is no name of an element");
  CHECK(at("Observation..code") == "no path: \"\" is no name of an element");
  CHECK(at("Observation[0") ==
        "no path: \"Observation[0\" needs a number or name=text in its brackets, like [0] or [code=H]");
  CHECK(at("Observation[x].code").starts_with("no path: \"Observation[x]\" needs"));
  CHECK(at("Observation[0]x.code").starts_with("no path: \"Observation[0]x\" needs"));
}

}  // namespace
}  // namespace fhir_mapper::test
