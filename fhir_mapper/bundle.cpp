#include "fhir_mapper/bundle.h"

namespace fhir_mapper {
namespace {

Leaf type_name(UnitKind kind) {
  return Leaf(LastingText::vouched(info(kind).resource_type));
}

void add_clins_meta(Tree& tree, Node& meta, UnitKind kind, const std::string& pack_version) {
  constexpr const char* kProfile = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS|";
  tree.append(tree.array_at(meta, "profile"), tree.leaf(tree.text(kProfile + pack_version)));
  Node& tag = tree.object();
  tree.set(tag, "system", Leaf(LastingText("http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS")));
  tree.set(tag, "code", type_name(kind));
  tree.append(tree.array_at(meta, "tag"), tag);
}

}  // namespace

BundleFlavour flavour_for(UnitKind kind, bool clins_destination) {
  return clins_destination && kind != UnitKind::medication_request ? BundleFlavour::clins
                                                                   : BundleFlavour::plain;
}

Tree make_bundle(MappedUnit unit, UnitKind kind, BundleFlavour flavour, const std::string& bundle_id,
                 const std::string& pack_version) {
  Tree tree = std::move(unit.tree);
  Node& bundle = tree.root();
  tree.set(bundle, "resourceType", Leaf(LastingText("Bundle")));
  Node& meta = tree.object_at(bundle, "meta");
  tree.set(meta, "lastUpdated", Leaf(SnapshotTime{}));
  if (flavour == BundleFlavour::clins) add_clins_meta(tree, meta, kind, pack_version);
  Node& identifier = tree.object_at(bundle, "identifier");
  tree.set(identifier, "system", Leaf(kBundleIdSystem));
  tree.set(identifier, "value", tree.text(bundle_id));
  tree.set(bundle, "type", Leaf(LastingText("collection")));
  tree.set(bundle, "timestamp", Leaf(SnapshotTime{}));
  Node& entries = tree.array_at(bundle, "entry");
  std::uint32_t index = 0;
  const auto add_entry = [&](Node& resource) {
    Node& entry = tree.object();
    tree.set(entry, "fullUrl", Leaf(EntryUrl{index++}));
    tree.set(entry, "resource", resource);
    tree.append(entries, entry);
  };
  add_entry(*unit.patient);
  for (Node* resource : unit.resources) add_entry(*resource);
  return tree;
}

}  // namespace fhir_mapper
