#pragma once
// What the rules of a pack may ask while a walk runs.

#include "fhir_mapper/narrative.h"
#include "fhir_mapper/profile_walk.h"

namespace fhir_mapper {

class ProfileWalk::World final : public FhirPathWorld {
 public:
  World(ProfileWalk& walk, Scope& scope)
      : FhirPathWorld(*scope.resource, *scope.root().resource), walk_(walk), scope_(scope) {}

  const Node* resolve(const Node& reference) const override {
    const Node* const text = reference.is_object() ? reference.find("reference") : &reference;
    return text == nullptr ? nullptr : walk_.resolve(*text, scope_).target;
  }
  std::optional<bool> member_of(std::string_view value_set, std::string_view system,
                                std::string_view code) const override {
    const CodeSetPlan* const* const set =
        walk_.plan_.set_index.find(value_set.substr(0, value_set.find('|')));
    if (set == nullptr) return std::nullopt;
    const Known known = system.empty() ? (*set)->has_code(code) : (*set)->has(system, code);
    if (known == Known::not_told) return std::nullopt;
    return known == Known::yes;
  }
  std::optional<bool> conforms_to(const Node& node, std::string_view profile) const override {
    const ProfileShape* const shape = walk_.plan_.profile(profile);
    if (shape == nullptr || shape->root == nullptr) return std::nullopt;
    const Frame nowhere;
    return walk_.conforms_as(node, *shape, scope_, nowhere);
  }
  std::optional<bool> is_narrative(std::string_view div) const override {
    return narrative_flaw(div).en.empty();
  }

 private:
  ProfileWalk& walk_;
  Scope& scope_;
};

}  // namespace fhir_mapper
