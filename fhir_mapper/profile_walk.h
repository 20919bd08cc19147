#pragma once
// One walk over a resource with all that is demanded of each element. What is demanded lies on a stack: an
// element's demands are a range of it, those of its children are pushed above and taken away again. Nothing
// is allocated and no text is made where nothing is wrong. Used once for one tree.

#include "fhir_mapper/entry_index.h"
#include "fhir_mapper/profile_check.h"
#include "fhir_mapper/profile_plan.h"
#include "fhir_mapper/same_text.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhir_mapper {

constexpr std::size_t kMostIssues = 1000;  // errors, and as many warnings
constexpr std::size_t kFewContained = 32;  // that are looked through one by one
constexpr std::size_t kDeepestNode = 120;  // of objects in each other; FHIR's own are not a quarter as deep

class ProfileWalk {
 public:
  explicit ProfileWalk(const ProfilePack& pack) : plan_(pack.plan()), pack_(pack) {}

  ProfileIssues check(const Node& root, ProfileDemand demand);

 private:
  /// Where the walk is: one for each element around, on the C++ stack.
  struct Frame {
    const Frame* up = nullptr;
    std::string_view name;       // "value"
    std::string_view type_name;  // "Quantity", "Observation.component"
    std::ptrdiff_t index = -1;   // of a repetition
    bool is_choice = false;      // "value" is value[x]

    static Frame of(const MemberPlan& member, const Frame& around, std::ptrdiff_t index) {
      return {&around, member.stem(), member.type_name, index, member.choice};
    }
  };

  using TypeAndId = std::pair<std::string_view, std::string_view>;  // "Patient", "1"
  /// The entries of a Bundle, found by their fullUrl.
  struct Entries {
    std::vector<const Node*> nodes;
    EntryIndex<std::string_view> by_url;
    EntryIndex<std::uint32_t> by_open_url;  // of kind entry_url
    EntryIndex<TypeAndId> by_id;
    std::vector<std::uint32_t> same_url;  // entries whose fullUrl one before them has, ascending
    std::vector<std::uint32_t> same_id;   // or whose type and id
    std::string_view type;
    std::vector<std::string_view> resource_types;
  };

  /// The resource around an element.
  struct Scope {
    const Node* resource = nullptr;
    const TypePlan* type = nullptr;
    Scope* container = nullptr;  // of a contained resource
    const Entries* bundle = nullptr;
    const Node* entry = nullptr;
    std::vector<std::string_view> fragments;  // what stands behind # in it and in what it contains
    bool refers_up = false;                   // "#"

    const Scope& root() const { return container == nullptr ? *this : *container; }
  };

  /// Of which groups an object has one and several, whether they have a value or not.
  struct Count {
    GroupSet present = 0;
    GroupSet repeated = 0;

    /// As one, or as so many as it has items.
    void add(GroupSet group, const Node& node) {
      if (!node.is_array()) {
        repeated |= present & group;
      } else if (node.empty()) {
        return;
      } else {
        repeated |= ++node.begin() != node.end() ? group : present & group;
      }
      present |= group;
    }
  };

  /// Which elements an object has, as far as that is known.
  struct Present {
    GroupSet seen = ~GroupSet{0};  // or only what stands beside a value; every one where that is not known
    GroupSet valued = 0;
    Count count;
  };
  using Counts = std::array<std::uint32_t, kMostGroups>;

  /// Demands: a range of stack_. Small enough for one register.
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  /// The object whose members are walked.
  struct Object {
    const Node& node;
    const TypePlan& type;
    Range demands;
    const Frame& frame;
    Scope& scope;
  };

  struct Item {
    const Node* value = nullptr;   // null: it has only what stands beside it
    const Node* beside = nullptr;  // _birthDate
    const MemberPlan* member = nullptr;
    const Frame* frame = nullptr;
    Scope* scope = nullptr;
  };

  struct Hit {
    const SlicingPlan* slicing;
    std::size_t slice;  // kNoSlice: in none
    std::size_t item;
  };
  static constexpr std::size_t kNoSlice = static_cast<std::size_t>(-1);

  struct Resolved {
    enum class Kind { logical, contained, bundled, dangling, external, outside } kind = Kind::logical;
    const Node* target = nullptr;
    std::size_t entry = 0;
    bool loose = false;
  };

  class World;

  // profile_walk.cpp
  void top(const Node& root, ProfileDemand demand);
  void resource(const Node& node, const TypePlan& type, std::size_t begin, const Frame& frame, Scope& scope);
  void claims(const Node& node, const TypePlan& type, std::size_t begin, const Frame& frame,
              const Scope& scope);
  void claim(std::string_view canonical, const TypePlan& type, std::size_t begin, const Frame& at);
  Present object(const Object& object);
  void member(const Object& object, const Node& node, const MemberPlan& member, Range demands);
  void repetitions(const Object& object, const Node& node, const MemberPlan& member, Range kids, bool sliced);
  void odd_member(const Object& object, const Node& node, Present& there);
  void item(const Item& item, Range kids, bool sliced, std::size_t index);
  Asks asks_from(std::size_t begin) const;
  /// Nothing may be pushed while they are looked at.
  std::span<const ElementPlan* const> at(Range demands) const {
    return {stack_.data() + demands.begin, demands.end - demands.begin};
  }
  void drop_to(std::size_t size) {
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(size), stack_.end());
  }
  Range demands_from(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(stack_.size())};
  }
  std::size_t demands_of_choice(const Item& item, Range kids);
  void beside(const Node& value, const Node& around, const MemberPlan& member, const Frame& frame,
              Scope& scope);
  void complex(const Item& item, std::size_t begin);
  void nested(const Item& item, std::size_t begin);
  void cardinality(const Object& object, const Count& count);
  void misshapen(const Object& object, const Node& node, const MemberPlan& member);
  static Counts counts_of(const Node& object, const TypePlan& type);
  void null_value(std::string_view name, const TypePlan& type, const Frame& frame);
  static const Node* beside_null(const Node& object, std::string_view name, std::size_t index);
  void nothing_at_all(const Frame& frame);
  void shape_beside(const Node& node, const Node& beside, const TypePlan& type, const Frame& frame);
  void crowded_choice(const MemberPlan& member, const Frame& frame);
  void collect_fragments(const Node& node, Scope& scope, std::size_t depth);
  void unknown_member(const Node& node, const TypePlan& type, const Frame& frame);
  void add_profile(const ProfileShape& shape, std::size_t begin);
  void add_profiles_of(std::size_t begin, const Item& item);
  void rules(const Node& node, const TypePlan* type, const Present& present, std::size_t begin,
             const Frame& frame, Scope& scope);
  void run_rule(const RulePlan& rule, const Node& node, const TypePlan* type, const Frame& frame,
                const World& world, const ElementPlan& element);
  static std::optional<FhirPath::Verdict> verdict_at_once(const RulePlan& rule, const Node& node);
  static bool holds_at_once(const RulePlan& rule, const Node& node, const Scope& scope);
  const TypePlan* type_of(std::string_view name) const;

  // profile_value_check.cpp
  void leaf(const Node& value, const MemberPlan& member, const Frame& around, Scope& scope);
  void primitive(const Item& item, std::size_t begin);
  void primitive_values(const Item& item, std::size_t begin);
  void misshapen(const MemberPlan& member, const PrimitiveFlaw& flaw, const Frame& frame);
  static void note_fragment(const Node& value, Scope& scope);
  void beside(const Item& item);
  void values(const Item& item, std::size_t begin);
  void text_values(const Item& item, std::string_view text, const ElementPlan& element);
  void binding(const Item& item, const CodeSetPlan& codes, const ElementPlan& element);
  Known member_of(const CodeSetPlan& codes, const Item& item, bool& only_warns) const;
  void special(const Item& item, const TypePlan& type, std::size_t begin);
  void coding(const Item& item);
  void quantity(const Item& item);
  void identifier(const Item& item);
  void absolute(const Node* system, std::string_view what, const Frame& frame);
  void unknown_identifier_system(const Item& item, std::string_view system);
  void unknown_system(const Item& item, std::string_view system);
  void code_in_system(const Item& item, std::string_view system, std::string_view code, const Node* display);

  // profile_slice_check.cpp
  void slice(const Item& item, const SlicingPlan& slicing, std::size_t index);
  std::size_t find_slice(const Item& item, const SlicingPlan& slicing);
  bool passes(const SliceTest& test, const Node& node) const;
  bool passes_at(const SliceTest& test, std::size_t step, const Node& node) const;
  std::size_t slice_by_profile(const Item& item, const SlicingPlan& slicing);
  void escape(const Item& item, const SlicingPlan& slicing);
  void count_slices(const SlicingPlan& slicing, std::size_t hits, const Frame& frame);
  void tell_count(const SlicingPlan& slicing, std::size_t index, std::uint32_t found, const Frame& frame);
  void order_of_slices(const SlicingPlan& slicing, std::size_t hits, const Frame& frame);
  void no_slices(const SlicingPlan& slicing, const Frame& frame);

  // profile_reference_check.cpp
  Resolved resolve(const Node& reference, const Scope& scope) const;
  const Node* contained_with_id(const Node& contained, std::string_view id) const;
  void reference(const Item& item, std::size_t begin);
  void reference_form(const Item& item, const Resolved& resolved);
  void target(const Item& item, const ElementPlan& element, const Resolved& resolved);
  bool conforms(const Node& node, const ProfileShape& shape, const Item& from, const Resolved& resolved);
  bool conforms_as(const Node& node, const ProfileShape& shape, Scope& scope, const Frame& frame);

  // profile_extension_check.cpp
  void extension(const Item& item, std::size_t begin);
  bool context_allows(const ProfileShape& shape, const Frame& extension) const;

  // profile_bundle_check.cpp
  Entries entries_of(const Node& bundle) const;
  void bundle(const Node& bundle, const Entries& entries, const Frame& frame);
  void bundle_rules(const Node& bundle, const Entries& entries, const Frame& frame);
  void full_url(const Node& entry, const Node& url, const Frame& frame);
  void domain_resource(const Node& node, const Frame& frame, const Scope& scope);
  void contained_ids(const Node& contained, const Frame& frame);

  // Issues are rare: what leads to them is kept out of the way of everything else.
  [[gnu::cold]] bool wanted(IssueSeverity severity);
  [[gnu::cold]] void tell(IssueSeverity severity, const Frame& frame, std::string_view rule,
                          std::string_view owner, std::string en, std::string ja);
  [[gnu::cold]] void error(const Frame& frame, std::string_view rule, std::string_view owner, std::string en,
                           std::string ja) {
    tell(IssueSeverity::error, frame, rule, owner, std::move(en), std::move(ja));
  }
  static std::string location(const Frame& frame);
  static void append_location(const Frame& frame, std::string& text);
  static std::string_view name_of(const ProfileShape* shape, const Frame& frame);

  const ProfilePlan& plan_;
  const ProfilePack& pack_;
  ProfileIssues issues_;
  std::vector<const ElementPlan*> stack_;
  std::vector<Hit> hits_;
  std::size_t depth_ = 0;
  // While it is only asked whether something conforms, the first error decides and nothing is told.
  bool quiet_ = false;
  bool failed_ = false;
  bool full_ = false;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  struct Conforming {
    const Node* node;
    const ProfileShape* shape;
  };
  std::vector<Conforming> conforming_;  // the last ones first: most refer to what stands near
  std::map<std::pair<const Node*, const ProfileShape*>, bool> asked_;
  // Of a resource that contains many.
  mutable const Node* indexed_ = nullptr;
  mutable std::map<std::string_view, const Node*> by_contained_id_;
};

/// Whether one of the members or items does; the standard's algorithms want more of an iterator.
template <typename Does>
bool any_of(const Node& node, Does does) {
  for (const Node& one : node) {
    if (does(one)) return true;
  }
  return false;
}

/// The text of a member; empty when it has none.
inline std::string_view text_of(const Node& object, std::string_view name) {
  const Node* const node = object.find(name);
  return node != nullptr && node->kind() == Node::Kind::text ? node->written() : std::string_view();
}

/// Whether meta.profile names it, in whatever version.
bool claims_profile(const Node& resource, const ProfileShape& shape);

}  // namespace fhir_mapper
