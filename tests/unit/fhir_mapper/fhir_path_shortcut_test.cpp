#include "fhir_mapper/fhir_path_shortcut.h"

#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/fhir_tree.h"
#include "tests/unit/fhir_mapper/fhir_path_support.h"
#include "tests/unit/fhir_mapper/profile_packs.h"
#include "tests/unit/fhir_mapper/support.h"

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

constexpr std::string_view kGolden[] = {"ADT-61/drug-food-pollen-contraindication", "OML-11/values-and-codes",
                                        "OMP-01/two-rps", "PPR-01/modifiers-and-an-ended-one"};

/// What no shipped rule needs, and the forms that lie beside those that one does.
constexpr std::string_view kForms[] = {
    "identifier.count() = 2",
    "identifier.count() != 1",
    "identifier.value = '1'",
    "identifier.value != identifier.system",
    "identifier.where(value = '1').exists() xor identifier.exists()",
    "identifier.where(value.matches('^[0-9]')).exists() implies name.exists()",
    "identifier.exists(system = 'a').not()",
    "identifier.first().system.startsWith('urn:')",
    "identifier.tail().all(system.endsWith('1'))",
    "identifier.first().value.substring(1) = 'x'",
    "identifier.first().value.substring(1, 2) != '1' + identifier.first().value",
    "name.first().text.contains('　')",
    "name.text.matchesFull('.*')",
    "birthDate = '1960-02-29'",
    "birthDate.matches('^19')",
    "deceased.ofType(boolean).exists()",
    "value.ofType(Quantity).unit = 'mg/dL'",
    "value.ofType(CodeableConcept).coding.exists()",
    "value.ofType(string).empty()",
    "(value as Quantity).exists()",
    "extension.value.ofType(Identifier).value = '1310000001'",
    "extension.value.ofType(string).exists()",
    "contained.ofType(Organization).name.exists()",
    "contained.meta.exists()",
    "contained.where($this is Organization).exists()",
    "contained.first().is(Organization)",
    "entry.resource.ofType(Patient).identifier.exists()",
    "entry.resource.all(id.exists() or meta.exists())",
    "entry.resource.meta.profile.exists($this = 'x')",
    "entry.resource.ofType(Resource).exists()",
    "entry.resource.value.exists()",
    "identifier.system.subsetOf(identifier.where(use = 'official').system)",
    "referenceRange.low.unit.subsetOf(value.ofType(Quantity).unit)",
    "component.value.ofType(Quantity).value.subsetOf(value.ofType(Quantity).value)",
    "birthDate.subsetOf(name.text)",
    "code.coding.where(system = 'urn:a').code = 'X'",
    "code.coding.where(system = 'urn:a' and display.exists()).empty()",
};

std::string unescaped(std::string text) {
  const std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities) {
    for (std::size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

/// Of all rules of the shipped packs, and kForms.
std::vector<FhirPath> expressions() {
  std::set<std::string> texts(std::begin(kForms), std::end(kForms));
  for (const ConfigFile& file : shipped_profiles()) {
    constexpr std::string_view kBegin = "<holds>";
    for (std::size_t at = file.bytes.find(kBegin); at != std::string::npos;
         at = file.bytes.find(kBegin, at)) {
      at += kBegin.size();
      texts.insert(unescaped(file.bytes.substr(at, file.bytes.find("</holds>", at) - at)));
    }
  }
  std::vector<FhirPath> paths;
  for (const std::string& text : texts) paths.push_back(FhirPath::compile(text).value());
  return paths;
}

std::string word_of(FhirPathShortcut::Answer answer) {
  using Answer = FhirPathShortcut::Answer;
  if (answer == Answer::open) return "open";
  return answer == Answer::yes ? "holds" : answer == Answer::no ? "fails" : "nothing";
}

/// Golden Bundles, each with every member in turn left out, put beside, made a text, a null, an empty object,
/// an array or a fullUrl; and every item of an array left out, said twice or made another.
class Mutations {
 public:
  explicit Mutations(const Node& bundle) : bundle_(bundle) { count_places(bundle); }

  static constexpr std::size_t kKinds = 8;
  std::size_t count() const { return places_ * kKinds; }
  Tree mutation(std::size_t number) {
    place_ = number / kKinds;
    kind_ = number % kKinds;
    at_ = 0;
    Tree tree;
    copy(bundle_, tree.root(), tree);
    return tree;
  }

 private:
  void count_places(const Node& node) {
    for (const Node& child : node) {
      ++places_;
      count_places(child);
    }
  }
  static void add(Node& to, std::string_view name, Node& child, Tree& tree) {
    if (to.is_array()) return tree.append(to, child);
    tree.append(to, LastingText::vouched(tree.keep(name)), child);
  }
  Node& copied(const Node& node, Tree& tree) {
    if (node.is_object() || node.is_array()) {
      Node& made = node.is_object() ? tree.object() : tree.array();
      copy(node, made, tree);
      return made;
    }
    return leaf(node, tree);
  }
  static Node& leaf(const Node& node, Tree& tree) {
    switch (node.kind()) {
      case Node::Kind::decimal:
        return tree.leaf(tree.number(node.written()));
      case Node::Kind::boolean:
        return tree.leaf(Leaf(node.written() == "true"));
      case Node::Kind::snapshot_time:
        return tree.leaf(Leaf(SnapshotTime{}));
      case Node::Kind::entry_url:
        return tree.leaf(Leaf(EntryUrl{static_cast<std::uint32_t>(node.entry_index())}));
      case Node::Kind::null:
        return tree.leaf(Leaf(nullptr));
      default:
        return tree.leaf(tree.text(node.written()));
    }
  }
  void copy(const Node& from, Node& to, Tree& tree) {
    for (const Node& child : from) {
      const bool is_it = at_++ == place_;
      if (!is_it) {
        add(to, child.name(), copied(child, tree), tree);
        continue;
      }
      mutate(child, to, tree);
    }
  }
  void mutate(const Node& child, Node& to, Tree& tree) {
    const std::string name(child.name());
    Node* made = nullptr;
    if (kind_ == 1) made = &tree.leaf(tree.text("x"));
    if (kind_ == 2) made = &tree.leaf(Leaf(nullptr));
    if (kind_ == 3) made = &tree.object();
    if (kind_ == 4) {
      made = &tree.array();
      tree.append(*made, copied(child, tree));
      tree.append(*made, tree.leaf(tree.text("urn:")));
    }
    if (kind_ == 5) {
      made = &tree.object();
      tree.append(*made, "extension", tree.array());
    }
    if (kind_ == 6) {
      add(to, name, copied(child, tree), tree);
      if (to.is_array()) made = &tree.object();
    }
    if (kind_ == 7) made = &tree.leaf(Leaf(EntryUrl{1}));
    if (made != nullptr) add(to, kind_ == 5 ? "_" + name : name, *made, tree);
  }

  const Node& bundle_;
  std::size_t places_ = 0;
  std::size_t place_ = 0;
  std::size_t kind_ = 0;
  std::size_t at_ = 0;
};

/// Asks expressions and their shortcuts.
class Comparison {
 public:
  /// How many shortcuts answer; throws at the first answer that an evaluation does not give.
  std::size_t compare(const Node& resource) {
    const Node* const name = resource.find("resourceType");
    if (name == nullptr) return 0;
    const FhirType type = fhir_type(name->written());
    const FhirPathWorld world(resource, resource);
    std::size_t answered = 0;
    for (const FhirType focus : {type, FhirType::unknown}) {
      const auto& shortcuts = shortcuts_of(focus);
      for (std::size_t i = 0; i < paths_.size(); ++i) {
        const std::string answer = shortcuts[i] ? word_of(shortcuts[i]->ask(resource)) : "open";
        if (answer == "open") continue;
        ++answered;
        const std::string verdict(word_for(paths_[i].test(resource, type, world)));
        if (answer != verdict) {
          throw std::runtime_error(paths_[i].expression() + ": " + answer + ", not " + verdict + " on " +
                                   json_of(resource));
        }
      }
    }
    return answered;
  }

 private:
  const std::vector<std::optional<FhirPathShortcut>>& shortcuts_of(FhirType focus) {
    auto& shortcuts = shortcuts_[focus];
    if (shortcuts.empty()) {
      for (const FhirPath& path : paths_) shortcuts.push_back(path.shortcut(focus));
    }
    return shortcuts;
  }

  const std::vector<FhirPath> paths_ = expressions();
  std::map<FhirType, std::vector<std::optional<FhirPathShortcut>>> shortcuts_;
};

}  // namespace

TEST_CASE("a shortcut says what an evaluation says or leaves it open, whatever stands in the tree") {
  Comparison comparison;
  for (const std::string_view name : kGolden) {
    const std::string path = std::string(KAKEHASHI_GOLDEN_DIR) + "/" + std::string(name) + ".json";
    const Tree tree = tree_of(read_file(path));
    Mutations mutations(tree.root());
    CAPTURE(name);
    std::size_t answered = 0;
    constexpr std::size_t kEach = 3;  // of so many, or it takes minutes
    for (std::size_t i = 0; i < mutations.count(); i += kEach) {
      const Tree mutated = mutations.mutation(i);
      answered += comparison.compare(mutated.root());
      const Node* const entries = mutated.root().find("entry");
      if (entries == nullptr) continue;
      for (const Node& entry : *entries) {
        const Node* const resource = entry.find("resource");
        if (resource != nullptr) answered += comparison.compare(*resource);
      }
    }
    CHECK(answered > 100'000);
  }
}

TEST_CASE("what only an evaluation can tell a shortcut leaves open") {
  const auto asked = [](std::string_view expression, std::string_view members) {
    const Tree tree = tree_of("{\"resourceType\": \"Patient\", " + std::string(members) + "}");
    return word_of(FhirPath::compile(expression)->shortcut(fhir_type("Patient"))->ask(tree.root()));
  };
  constexpr std::string_view kChoice = "extension.value.ofType(Identifier).exists()";
  CHECK(asked(kChoice, R"("extension": [{"valueIdentifier": {}}])") == "holds");
  CHECK(asked(kChoice, R"("extension": [{"url": "a"}])") == "fails");
  CHECK(asked(kChoice, R"("extension": [{"valueString": "a", "valueIdentifier": {}}])") == "open");
  CHECK(asked(kChoice, R"("extension": [{"valueIdentifier": {}, "valueString": "a"}])") == "open");
  CHECK(asked("birthDate.exists()", R"("active": true)") == "fails");
  CHECK(asked("birthDate.exists()", R"("_birthDate": {"id": "a"})") == "open");
  CHECK(asked("name.text.exists()", R"("name": [{"family": "a"}, {"text": "b"}])") == "holds");
  CHECK(asked("name.text.exists()", R"("name": [null, {"text": "b"}])") == "open");
  CHECK(asked("name.text.matches('b')", R"("name": [{"family": "a"}, {"text": "b"}])") == "holds");
  CHECK(asked("name.text.matches('b')", R"("name": [{"text": "b"}, {"text": "b"}])") == "open");
  CHECK(asked("contained.meta.exists()", R"("contained": [{"resourceType": "Observation"}])") == "fails");
  CHECK(asked("contained.meta.exists()", R"("contained": [{"resourceType": "Nothing"}])") == "open");
  constexpr std::string_view kSubset = "name.text.subsetOf(identifier.value)";
  CHECK(asked(kSubset, R"("name": [{"text": "b"}], "identifier": [{"value": "b"}])") == "holds");
  CHECK(asked(kSubset, R"("name": [{"text": "b"}], "identifier": [{"value": "c"}])") == "fails");
  CHECK(asked(kSubset, R"("name": [{"text": "b"}])") == "fails");
  CHECK(asked(kSubset, R"("identifier": [{"value": "c"}])") == "holds");
  CHECK(asked(kSubset, R"("name": [{"text": "b"}], "identifier": [{"value": "b"}, {"value": "c"}])") ==
        "open");
  CHECK(asked(kSubset, R"("name": [{"text": "b"}, {"text": "b"}], "identifier": [{"value": "b"}])") ==
        "open");
}

TEST_CASE("the rules of the guide that every Bundle is asked have a shortcut") {
  const FhirType bundle = fhir_type("Bundle");
  const auto asked = [&](std::string_view expression) {
    return FhirPath::compile(expression)->shortcut(bundle).has_value();
  };
  CHECK(asked("entry.first().resource.is(Patient)"));
  CHECK(asked("entry.first().resource.meta.profile.exists($this = 'a' or $this.startsWith('a|'))"));
  CHECK(asked("meta.tag.where(system = 'a' and code = 'b').count() = 1"));
  CHECK(asked("meta.tag.where(system = 'a').code = 'b' and entry.resource.ofType(Observation).exists()"));
  CHECK(
      asked("entry.tail().resource.all(extension.where(url = 'a').value.ofType(Identifier).value"
            ".matches('^[0-9]$'))"));
  CHECK(asked("entry.resource.ofType(Condition).all(onset.ofType(dateTime).exists())"));
}

TEST_CASE("a long row of types takes no longer to look at than its length") {
  std::string expression = "contained.ofType(Patient)";
  for (int i = 0; i < 60; ++i) expression += ".contained.ofType(Patient)";
  const auto path = FhirPath::compile(expression + ".exists()");
  REQUIRE(path.has_value());
  CHECK(path->shortcut(fhir_type("Patient")).has_value());
}

TEST_CASE("there is no shortcut for what it would leave open") {
  const auto asked = [](std::string_view expression) {
    return FhirPath::compile(expression)->shortcut(fhir_type("Patient")).has_value();
  };
  CHECK_FALSE(asked("birthDate = '1960-02-29'"));
  CHECK_FALSE(asked("deceased.exists()"));
  CHECK_FALSE(asked("name.distinct().exists()"));
  CHECK_FALSE(asked("%resource.name.exists()"));
  CHECK_FALSE(asked("name.text ~ 'a'"));
  CHECK_FALSE(asked("birthDate.subsetOf(name.text)"));
  CHECK(asked("active.exists() or name.distinct().exists()"));
}

}  // namespace fhir_mapper::test
