#pragma once
// Two snapshots of one unit, element by element: what is not the same, and which rule makes it so. Pure.

#include "gateway/unit_builder.h"

#include <optional>
#include <string>
#include <vector>

namespace gateway {

struct ElementDifference {
  std::string resource;     // "Condition"; "Bundle" for what stands around the resources
  std::string element;      // "code.coding[1].code"; empty: the whole resource is there or not
  std::string rule;         // that makes it now; empty: none, or the gateway itself
  std::string rule_before;  // likewise
  // Of patients. Nothing: it is not there.
  std::optional<std::string> before;
  std::optional<std::string> now;

  std::string place() const { return element.empty() ? resource : resource + "." + element; }
};

/// Both built with `explain`; one that is no content has no resources. Resources are the same by their first
/// identifier. Times of the snapshot and entry URLs are no differences.
std::vector<ElementDifference> differences(const Snapshot& before, const Snapshot& now);

}  // namespace gateway
