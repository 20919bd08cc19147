#pragma once
// The elements of all mapping files as one tree, before they mean anything: what overlays change and what is
// compiled. Points into the MappingFiles, which must outlive it.

#include "fhir_mapper/mapping_file.h"

#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// A <resource>, a <template>, a rule.
struct RuleElement {
  const MappingFile* file = nullptr;
  pugi::xml_node node;
  /// What it is called among the elements around it: its id, else its path without []. Empty: nothing
  /// (<first> and <use> without an id); its children are then called as if they stood in its place.
  std::string name;
  std::vector<RuleElement> children;

  std::string_view kind() const { return node.name(); }  // "value", "object", ...
  void error(std::string message) const { file->error(node, std::move(message)); }
};

/// The element with its children. Text between elements is a mistake, told to the file.
RuleElement read_element(const MappingFile& file, pugi::xml_node node);

/// What a <replace> or <remove> did.
struct RuleChange {
  RuleElement by;    // its children stand there instead
  RuleElement gone;  // what stood there
};

struct RuleTree {
  std::vector<RuleElement> elements;  // resources and templates, in the order of the files
  std::vector<RuleChange> changes;    // in their order

  /// Where an element stands: (*siblings)[index].
  struct Position {
    std::vector<RuleElement>* siblings;
    std::size_t index;
    RuleElement& element() const { return (*siblings)[index]; }
  };
  /// All elements of this address: "condition/code.coding/system". Changing the tree makes positions void.
  std::vector<Position> find(std::string_view address);
  /// Addresses below the longest part of `address` that exists, for "did you mean".
  std::vector<std::string> addresses_near(std::string_view address);
};

}  // namespace fhir_mapper
