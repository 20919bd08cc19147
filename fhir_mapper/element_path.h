#pragma once
// path="code.coding[]" against FHIR R4: which elements it goes through, of which type it ends, and how a
// value there is written.

#include "fhir_mapper/mapping.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

struct ElementPath {
  Path steps;
  std::string_view type;  // of the last step: "Coding", "dateTime", "Resource"
};

/// `type` is what the path begins in. Nothing when FHIR has no such path; `why` then says what would be
/// right.
/// [] stands behind every element that FHIR repeats, and behind no other.
std::optional<ElementPath> resolve_path(std::string_view text, std::string_view type, std::string& why);

/// How text becomes a value of a primitive type where the rule does not say as="...".
Conversion conversion_for(std::string_view primitive_type);
/// Whether a value made by `conversion` may stand in an element of the type.
bool goes_into(Conversion conversion, std::string_view primitive_type);

/// Elements that FHIR requires and no rule makes.
struct MissingElement {
  const RuleIdentity* rule = nullptr;  // of the object; null: the resource itself
  std::string message;
};
std::vector<MissingElement> find_missing_elements(const std::vector<Rule>& rules, std::string_view type);

}  // namespace fhir_mapper
