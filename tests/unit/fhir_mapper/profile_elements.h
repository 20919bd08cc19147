#pragma once
// The elements of a profile for the page config/profiles/README.md: an element as all that speaks of it sees
// it, with the slices it may have; and what an element is called there.

#include "fhir_mapper/profile_plan.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper::test {

/// Texts that stand below an element, by their path from it: "coding.system".
using Facts = std::map<std::string, std::set<std::string>>;

class ElementView;

struct SliceView {
  std::string name;
  std::string cardinality;
  std::vector<const SlicePlan*> slices;  // more than one: items of a table, told apart by their display alone
  const SlicingPlan* slicing = nullptr;
};

/// What the profile, the profiles of its data types and a slice say of one element, together.
class ElementView {
 public:
  explicit ElementView(const ProfileShape& profile) { add_profile(profile); }

  const TypePlan* type() const { return type_; }
  /// Of a group of type(): "code", "onset[x]".
  ElementView child(std::uint16_t group) const;
  /// Of a choice the element of one type.
  ElementView as(const MemberPlan& member) const;
  ElementView in(const SliceView& slice) const;

  /// "0..1"
  std::string cardinality() const;
  /// Whether a profile says more of it than FHIR does.
  bool is_constrained() const;
  bool is_required_by_fhir() const { return required_; }
  bool is_of_resources() const { return of_resources_; }
  std::vector<SliceView> slices() const;
  /// The profile of the only slice, if they are told apart by profile.
  static const ProfileShape* profile_of(const SliceView& slice) { return slice.slices.front()->profile; }

 private:
  ElementView() = default;
  void add(const ElementPlan* element);
  void add_profile(const ProfileShape& profile);

  std::vector<const ElementPlan*> layers_;
  const TypePlan* type_ = nullptr;
  bool required_ = false;
  bool repeats_ = false;
  bool of_resources_ = false;
};

/// Throws when the pack has none of that name.
const ProfileShape& profile_named(const ProfilePack& pack, std::string_view name);

/// Whether something that has these texts may be an item of the slice: none contradicts, one at least agrees.
bool may_be(const Facts& facts, const SliceView& slice);

/// "identifier:x" + "value". The first part may be empty.
std::string joined(const std::string& element, std::string_view child);
/// Whether `written` ("code.coding:a.system") is `element` ("code.coding", "code.coding.system",
/// "code.coding:a") or stands below.
bool is_at_or_below(std::string_view written, std::string_view element);
/// The same, but that `element` is outside of slices that it does not name.
bool is_itself_at_or_below(std::string_view written, std::string_view element);

}  // namespace fhir_mapper::test
