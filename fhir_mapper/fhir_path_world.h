#pragma once
// What an expression may ask beyond the element that it is about. Where an answer is not known, the
// expression cannot be evaluated: nobody guesses.

#include "fhir_mapper/fhir_node.h"

#include <optional>
#include <string_view>

namespace fhir_mapper {

class FhirPathWorld {
 public:
  FhirPathWorld() = default;
  /// `resource` is %resource, the resource that the element stands in; `root_resource` is %rootResource: of a
  /// contained resource the one that contains it, else the same.
  FhirPathWorld(const Node& resource, const Node& root_resource)
      : resource_(&resource), root_resource_(&root_resource) {}
  FhirPathWorld(const FhirPathWorld&) = delete;
  FhirPathWorld& operator=(const FhirPathWorld&) = delete;
  virtual ~FhirPathWorld() = default;

  const Node* resource() const { return resource_; }
  const Node* root_resource() const { return root_resource_; }

  /// The resource that a Reference, or the text of one, leads to; null: there is none.
  virtual const Node* resolve(const Node& reference) const;
  /// `system` is empty for a code without one.
  virtual std::optional<bool> member_of(std::string_view value_set, std::string_view system,
                                        std::string_view code) const;
  virtual std::optional<bool> conforms_to(const Node& node, std::string_view profile) const;
  /// Whether a narrative's div holds only what FHIR allows there (htmlChecks()).
  virtual std::optional<bool> is_narrative(std::string_view div) const;
  /// now(), today() and the time at which a snapshot is sent, as a FHIR instant; empty: not known.
  virtual std::string_view now() const { return {}; }

 private:
  const Node* resource_ = nullptr;
  const Node* root_resource_ = nullptr;
};

}  // namespace fhir_mapper
