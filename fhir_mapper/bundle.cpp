#include "fhir_mapper/bundle.h"

namespace fhir_mapper {
namespace {

Node coding(const char* system, std::string_view code) {
  Node node;
  node.member("system") = Node(system);
  node.member("code") = Node(std::string(code));
  return node;
}

Node entry(std::size_t index, Node resource) {
  Node node;
  node.member("fullUrl") = Node(Node::Value(EntryUrl{index}));
  node.member("resource") = std::move(resource);
  return node;
}

}  // namespace

BundleFlavour flavour_for(UnitKind kind, bool clins_destination) {
  return clins_destination && kind != UnitKind::medication_request ? BundleFlavour::clins
                                                                   : BundleFlavour::plain;
}

Node make_bundle(MappedUnit unit, UnitKind kind, BundleFlavour flavour, const std::string& bundle_id,
                 const std::string& pack_version) {
  Node bundle;
  bundle.member("resourceType") = Node("Bundle");
  Node& meta = bundle.member("meta");
  meta.member("lastUpdated") = Node(Node::Value(SnapshotTime{}));
  if (flavour == BundleFlavour::clins) {
    meta.member("profile", Node(Node::Array{}))
        .array()
        .push_back(Node("http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS|" + pack_version));
    meta.member("tag", Node(Node::Array{}))
        .array()
        .push_back(
            coding("http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS", info(kind).resource_type));
  }
  Node& identifier = bundle.member("identifier");
  identifier.member("system") = Node(std::string(kBundleIdSystem));
  identifier.member("value") = Node(bundle_id);
  bundle.member("type") = Node("collection");
  bundle.member("timestamp") = Node(Node::Value(SnapshotTime{}));
  auto& entries = bundle.member("entry", Node(Node::Array{})).array();
  entries.push_back(entry(0, std::move(unit.patient)));
  for (Node& resource : unit.resources) entries.push_back(entry(entries.size(), std::move(resource)));
  return bundle;
}

}  // namespace fhir_mapper
