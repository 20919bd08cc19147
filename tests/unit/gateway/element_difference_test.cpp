#include "gateway/element_difference.h"

#include <catch2/catch.hpp>

namespace {

using fhir_mapper::Node;
using gateway::ElementDifference;
using gateway::Snapshot;

Node text(const std::string& value) {
  return Node(Node::Value(value));
}

/// A Condition with that identifier and text.
Node condition(const std::string& identifier, const std::string& name) {
  Node node;
  node.member("resourceType") = text("Condition");
  Node number;
  number.member("value") = text(identifier);
  node.member("identifier", Node(Node::Array{})).array().push_back(number);
  node.member("code").member("text") = text(name);
  return node;
}

/// A Bundle of them; the n-th one's text is made by the n-th rule.
Snapshot snapshot(const std::vector<Node>& resources, const std::vector<std::string>& rules) {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::content;
  Node& bundle = snapshot.bundle.emplace();
  bundle.member("resourceType") = text("Bundle");
  bundle.member("timestamp") = Node(Node::Value(fhir_mapper::SnapshotTime{}));
  Node& entries = bundle.member("entry", Node(Node::Array{}));
  for (std::size_t i = 0; i < resources.size(); ++i) {
    Node entry;
    entry.member("fullUrl") = Node(Node::Value(fhir_mapper::EntryUrl{i}));
    entry.member("resource") = resources[i];
    entries.array().push_back(entry);
    snapshot.explanations.push_back({"Condition", {{"code.text", "", rules.at(i), "PRB-3.2", ""}}});
  }
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
  CHECK(shown(differences(snapshot({condition("1", "old")}, {"condition.xml:7"}),
                          snapshot({condition("1", "new")}, {"condition.xml:9"}))) ==
        "Condition.code.text old>new by condition.xml:9|condition.xml:7\n");
}

TEST_CASE("The same content by other rules is no difference") {
  CHECK(shown(differences(snapshot({condition("1", "old")}, {"condition.xml:7"}),
                          snapshot({condition("1", "old")}, {"condition.xml:9"})))
            .empty());
}

TEST_CASE("An element that is new or gone has one value and one rule") {
  Node with = condition("1", "same");
  with.member("note", Node(Node::Array{})).array().push_back(text("seen"));
  CHECK(shown(differences(snapshot({condition("1", "same")}, {"r"}), snapshot({with}, {"r"}))) ==
        "Condition.note[0] ->seen by |\n");
  CHECK(shown(differences(snapshot({with}, {"r"}), snapshot({condition("1", "same")}, {"r"}))) ==
        "Condition.note[0] seen>- by |\n");
}

TEST_CASE("A resource that is left out now is one difference, and those behind it none") {
  const std::vector<Node> both{condition("1", "a"), condition("2", "b")};
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
