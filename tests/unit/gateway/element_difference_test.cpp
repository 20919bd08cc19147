#include "gateway/element_difference.h"

#include "tests/unit/json_tree.h"

#include <catch2/catch.hpp>

namespace {

using gateway::ElementDifference;
using gateway::Snapshot;

/// JSON of a Condition with that identifier and text.
std::string condition(const std::string& identifier, const std::string& name, const std::string& more = "") {
  return R"({"resourceType":"Condition","identifier":[{"value":")" + identifier + R"("}],"code":{"text":")" +
         name + "\"}" + more + "}";
}

/// A Bundle of them; the n-th one's text is made by the n-th rule.
Snapshot snapshot(const std::vector<std::string>& resources, const std::vector<std::string>& rules) {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::content;
  std::string entries;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    entries += std::string(i == 0 ? "" : ",") + R"({"fullUrl":"<url )" + std::to_string(i) +
               R"(>","resource":)" + resources[i] + "}";
    fhir_mapper::Explanation explanation;
    explanation.element = "code.text";
    explanation.rule = rules.at(i);
    snapshot.explanations.push_back({"Condition", {explanation}});
  }
  snapshot.bundle = std::make_shared<const fhir_mapper::Tree>(fhir_mapper::test::tree_of(
      R"({"resourceType":"Bundle","timestamp":"<time>","entry":[)" + entries + "]}"));
  return snapshot;
}

std::string shown(const std::vector<ElementDifference>& found) {
  std::string all;
  for (const ElementDifference& each : found) {
    all += each.place() + " " + each.before.value_or("-") + ">" + each.now.value_or("-") + " by " +
           each.rule + "|" + each.rule_before + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("An element that changed is told with the rule that makes it now and the one before") {
  CHECK(shown(differences(snapshot({condition("1", "old")}, {"condition/code.text"}),
                          snapshot({condition("1", "new")}, {"condition/name"}))) ==
        "Condition.code.text old>new by condition/name|condition/code.text\n");
}

TEST_CASE("The same content by other rules is no difference") {
  CHECK(shown(differences(snapshot({condition("1", "old")}, {"condition/code.text"}),
                          snapshot({condition("1", "old")}, {"condition/name"})))
            .empty());
}

TEST_CASE("An element that is new or gone has one value and one rule") {
  const std::string with = condition("1", "same", R"(,"note":["seen"])");
  CHECK(shown(differences(snapshot({condition("1", "same")}, {"r"}), snapshot({with}, {"r"}))) ==
        "Condition.note[0] ->seen by |\n");
  CHECK(shown(differences(snapshot({with}, {"r"}), snapshot({condition("1", "same")}, {"r"}))) ==
        "Condition.note[0] seen>- by |\n");
}

TEST_CASE("A resource that is left out now is one difference, and those behind it none") {
  const std::vector<std::string> both{condition("1", "a"), condition("2", "b")};
  CHECK(shown(differences(snapshot(both, {"r", "r"}), snapshot({both[1]}, {"r"}))) == "Condition 1>- by |\n");
  CHECK(shown(differences(snapshot({both[1]}, {"r"}), snapshot(both, {"r", "r"}))) == "Condition ->1 by |\n");
}

TEST_CASE("Where the identifiers themselves changed, resources are compared as they follow each other") {
  CHECK(shown(differences(snapshot({condition("1", "a"), condition("2", "b")}, {"r", "r"}),
                          snapshot({condition("x1", "a"), condition("x2", "b")}, {"r", "r"}))) ==
        "Condition.identifier[0].value 1>x1 by |\nCondition.identifier[0].value 2>x2 by |\n");
}

TEST_CASE("What is no longer sent at all is told whole") {
  CHECK(shown(differences(snapshot({condition("1", "a")}, {"r"}), Snapshot())) ==
        "Bundle >- by |\nCondition 1>- by |\n");
}
