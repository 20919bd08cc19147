#pragma once
// Where an element stands among resources, as a person writes it: "Condition[0].code.coding[1].display",
// "Patient.identifier[system=urn:x].value". Pure.

#include "fhir_mapper/fhir_node.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class NodePath {
 public:
  /// Steps joined by dots; each a name, with [0] (counted from 0, as FHIRPath does) or [name.name=text]
  /// behind it. Nothing when `text` is no path; `why` then says what is wrong.
  static std::optional<NodePath> parse(std::string_view text, std::string& why);

  struct Located {
    const Node* node = nullptr;
    std::string problem;  // why nobody can say which element is meant; empty: it is there, or it is not
  };
  /// Below `root`: {"Patient": [...], "Condition": [...]}. A step without brackets means the only item
  /// of its array; of several items nobody can say which. The last step may be a whole array.
  Located find(const Node& root) const;
  /// What the last step stands in; without the brackets of the last step, when it has any.
  Located find_around(const Node& root) const;

  const std::string& text() const { return text_; }

 private:
  struct Step {
    std::string name;
    std::optional<std::size_t> index;
    std::vector<std::string> member;  // not empty: the item whose member, found by these names, is `value`
    std::string value;
    bool chosen() const { return index.has_value() || !member.empty(); }
  };
  static std::optional<Step> parse_step(std::string_view text, std::string& why);
  static Located descend(const Node& node, const Step& step, bool last);
  static Located choose(const Node& items, const Step& step);
  Located walk(const Node& root, std::size_t steps) const;

  std::string text_;
  std::vector<Step> steps_;
};

/// The item of a list of one; everything else as it is.
const Node& only_item_of(const Node& node);

/// Compact JSON, as a person compares it: the reference to the Patient is "entry[0]".
std::string printed_json(const Node& node);

/// A value as its text; an object or a list as JSON.
std::string text_of(const Node& node);

}  // namespace fhir_mapper
