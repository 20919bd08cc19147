// Any text is an expression or refused with what is wrong and where; what is an expression is evaluated on a
// resource within its limits, the same way each time, and its shortcut says nothing else. The input is the
// expression.
#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/fhir_tree.h"
#include "ssmix2/check.h"
#include "tests/fuzz/fuzz_target.h"

#include <string_view>

using namespace fhir_mapper;

namespace {

/// A patient with a bit of everything that a tree may hold.
Tree patient() {
  Tree tree;
  Node& root = tree.root();
  const auto set = [&tree](Node& object, LastingText name, LastingText text) {
    tree.set(object, name, Leaf(text));
  };
  set(root, "resourceType", "Patient");
  tree.set(root, "active", Leaf(true));
  set(root, "birthDate", "1960-02-29");
  set(tree.object_at(root, "_gender"), "id", "g");
  for (const bool is_kana : {false, true}) {
    Node& name = tree.object();
    tree.append(tree.array_at(root, "name"), name);
    set(name, "family", is_kana ? LastingText("カキョウ") : LastingText("架橋"));
    set(name, "use", "official");
    tree.append(tree.array_at(name, "given"), tree.leaf(Leaf(LastingText("太郎"))));
  }
  Node& extension = tree.object();
  tree.append(tree.array_at(root, "extension"), extension);
  set(extension, "url", "urn:x");
  Node& quantity = tree.object_at(extension, "valueQuantity");
  tree.set(quantity, "value", tree.decimal(*Decimal::parse("7.20")));
  set(quantity, "code", "mg");
  tree.set(tree.object_at(root, "meta"), "lastUpdated", Leaf(SnapshotTime{}));
  tree.set(tree.object_at(root, "managingOrganization"), "reference", Leaf(EntryUrl{3}));
  return tree;
}

bool is_same(FhirPathShortcut::Answer answer, FhirPath::Verdict verdict) {
  switch (answer) {
    case FhirPathShortcut::Answer::yes:
      return verdict == FhirPath::Verdict::holds;
    case FhirPathShortcut::Answer::no:
      return verdict == FhirPath::Verdict::fails;
    case FhirPathShortcut::Answer::nothing:
      return verdict == FhirPath::Verdict::nothing;
    case FhirPathShortcut::Answer::open:
      break;
  }
  return true;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Tree tree = patient();
  const std::string_view expression(reinterpret_cast<const char*>(data), size);
  const auto path = FhirPath::compile(expression);
  if (path.has_error()) {
    KAKEHASHI_CHECK(path.error().column >= 1 && path.error().column <= size + 1);
    KAKEHASHI_CHECK(!path.error().message.empty());
    return 0;
  }
  KAKEHASHI_CHECK(path->expression() == expression);
  const FhirPathWorld world(tree.root(), tree.root());
  const FhirPath::Verdict verdict = path->test(tree.root(), "", world);
  KAKEHASHI_CHECK(FhirPath::compile(path->expression())->test(tree.root(), "", world) == verdict);
  const FhirType type = fhir_type("Patient");
  for (const FhirType focus : {type, FhirType::unknown}) {
    const auto shortcut = path->shortcut(focus);
    if (!shortcut.has_value()) continue;
    KAKEHASHI_CHECK(is_same(shortcut->ask(tree.root()), path->test(tree.root(), type, world)));
  }
  const auto found = path->find(tree.root(), "", world);
  if (found.has_value()) {
    for (const FhirPath::Found& each : *found) KAKEHASHI_CHECK(each.node != nullptr);
  }
  return 0;
}
