#include "fhir_mapper/fhir_path_world.h"

#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/fhir_tree.h"
#include "tests/unit/fhir_mapper/fhir_path_support.h"

#include <string>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

/// Knows one value set, one profile, one resource and the time.
class KnowingWorld : public FhirPathWorld {
 public:
  explicit KnowingWorld(const Node& root) : FhirPathWorld(root, root), root_(root) {}

  const Node* resolve(const Node& reference) const override {
    const Node* const text = reference.is_object() ? reference.find("reference") : &reference;
    return text != nullptr && text->text() == "#o1" ? root_.find("contained")->at(0) : nullptr;
  }
  std::optional<bool> member_of(std::string_view value_set, std::string_view system,
                                std::string_view code) const override {
    if (value_set != "urn:set") return std::nullopt;
    return code == "a" && (system.empty() || system == "urn:a");
  }
  std::optional<bool> conforms_to(const Node& node, std::string_view profile) const override {
    if (profile != "urn:profile") return std::nullopt;
    return node.find("name") != nullptr;
  }
  std::optional<bool> is_narrative(std::string_view div) const override { return div == "<div/>"; }
  std::string_view now() const override { return "2026-04-01T09:30:00+09:00"; }

 private:
  const Node& root_;
};

constexpr std::string_view kJson = R"json({
  "resourceType": "Condition", "text": {"div": "<div/>"}, "language": "a",
  "code": {"coding": [{"system": "urn:b", "code": "a"}, {"system": "urn:a", "code": "a"}]},
  "stage": [{"type": {"coding": [{"system": "urn:b", "code": "a"}]}}],
  "contained": [{"resourceType": "Organization", "id": "o1", "name": "架橋病院"}],
  "recorder": {"reference": "#o1"}, "asserter": {"reference": "#o2"}
})json";

std::string asked(std::string_view expression) {
  const Tree tree = tree_of(kJson);
  return std::string(
      word_for(FhirPath::compile(expression)->test(tree.root(), "", KnowingWorld(tree.root()))));
}

std::string asked_nobody(std::string_view expression) {
  return verdict_on(kJson, expression);
}

TEST_CASE("a reference leads to the resource that the world knows, or to nothing") {
  CHECK(asked("recorder.resolve() is Organization") == "holds");
  CHECK(asked("recorder.reference.resolve().name = '架橋病院'") == "holds");
  CHECK(asked("asserter.resolve()") == "nothing");
  CHECK(asked_nobody("recorder.resolve()") == "nothing");
}

TEST_CASE("a code is in a value set when one of its codings is") {
  CHECK(asked("code.memberOf('urn:set')") == "holds");
  CHECK(asked("code.coding.first().memberOf('urn:set')") == "fails");
  CHECK(asked("language.memberOf('urn:set')") == "holds");
  CHECK(asked("stage.type.memberOf('urn:set')") == "fails");
  CHECK(asked("severity.memberOf('urn:set')") == "nothing");
}

TEST_CASE("what the world does not know cannot be evaluated") {
  CHECK(asked("code.memberOf('urn:other')") == "unevaluable");
  CHECK(asked_nobody("code.memberOf('urn:set')") == "unevaluable");
  CHECK(asked_nobody("conformsTo('urn:profile')") == "unevaluable");
  CHECK(asked_nobody("now() > @2020") == "unevaluable");
  CHECK(asked_nobody("text.`div`.htmlChecks()") == "unevaluable");
}

TEST_CASE("profiles, narratives and the time are the world's") {
  CHECK(asked("contained.first().conformsTo('urn:profile')") == "holds");
  CHECK(asked("conformsTo('urn:profile')") == "fails");
  CHECK(asked("text.`div`.htmlChecks()") == "holds");
  CHECK(asked("now() > @2026-03-31T00:00:00Z and today() = @2026-04-01") == "holds");
}

TEST_CASE("the URL of an entry is a text of its own, and the time of a snapshot an instant") {
  Tree tree;
  Node& bundle = tree.root();
  tree.set(bundle, "resourceType", Leaf(LastingText("Bundle")));
  tree.set(bundle, "timestamp", Leaf(SnapshotTime{}));
  Node& entries = tree.array_at(bundle, "entry");
  for (const std::uint32_t index : {0u, 1u, 1u}) {
    Node& entry = tree.object();
    tree.append(entries, entry);
    tree.set(entry, "fullUrl", Leaf(EntryUrl{index}));
  }
  const auto verdict = [&](std::string_view expression) {
    return word_for(FhirPath::compile(expression)->test(bundle, "", FhirPathWorld(bundle, bundle)));
  };
  CHECK(verdict("entry.take(2).fullUrl.isDistinct() and entry.fullUrl.isDistinct().not()") == "holds");
  CHECK(verdict("entry[1].fullUrl = 'urn:uuid:00000000-0000-0000-0000-000000000001'") == "holds");
  CHECK(verdict("entry[0].fullUrl = entry[1].fullUrl") == "fails");
  CHECK(verdict("entry.skip(1).select(fullUrl & '/1').distinct().count() = 1") == "holds");
  CHECK(verdict("entry[1].fullUrl.substring(9).length() = 36") == "holds");
  CHECK(verdict("entry[0].fullUrl.contains('/_history/').not()") == "holds");
  CHECK(verdict("timestamp.hasValue() and timestamp is instant") == "holds");
  CHECK(verdict("timestamp.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$')") == "holds");
  CHECK(verdict("timestamp > @2020") == "unevaluable");
}

}  // namespace
}  // namespace fhir_mapper::test
