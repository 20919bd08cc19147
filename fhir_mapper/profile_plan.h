#pragma once
// A profile pack, compiled: names are indexes, code lists are hashed, slices are found by their fixed values.
// Made by ProfilePackBuilder, walked by ProfileWalk, immutable in between. Texts belong to the plan.

#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/fhir_primitive.h"
#include "fhir_mapper/fhir_type.h"
#include "fhir_mapper/name_key.h"
#include "fhir_mapper/pattern.h"
#include "fhir_mapper/profile_pack.h"
#include "fhir_mapper/text_index.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhir_mapper {

constexpr std::uint32_t kUnlimited = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t kNoGroup = std::numeric_limits<std::uint16_t>::max();
constexpr std::size_t kMostGroups = 64;  // elements of one type, a choice counted once
using GroupSet = std::uint64_t;          // a bit for each
static_assert(kMostGroups <= std::numeric_limits<GroupSet>::digits);

/// Of the cache of a usual processor. The walk comes by hundreds of elements of which it asks little: what
/// that is lies in one line.
constexpr std::size_t kLine = 64;

enum class Known : std::uint8_t { no, yes, not_told };

struct CodeSystemPlan {
  std::string_view url;
  bool listed = false;        // there is a list of codes
  bool complete = true;       // and nothing is a code that is not in it
  bool beyond_warns = false;  // a code that is not in it is worth a warning, not more
  bool ignores_case = false;
  TextIndex<std::uint32_t> codes;  // to an index into displays
  std::vector<std::vector<std::string_view>> displays;
  std::optional<Pattern> form;  // all that can be told of a code when there is no list
  std::string_view form_means;

  Known find(std::string_view code) const;
  const std::vector<std::string_view>* displays_of(std::string_view code) const;
};

struct CodeSetPlan {
  struct Part {
    std::string_view system;              // empty: of no system that is named
    const CodeSystemPlan* all = nullptr;  // all of it
    bool told = true;                     // false: its codes cannot be told here
    TextIndex<char> codes;                // else these
  };
  std::string_view id;
  std::vector<Part> parts;

  Known of_part(const Part& part, std::string_view code) const;
  /// Of whatever system.
  Known has_code(std::string_view code) const;
  Known has(std::string_view system, std::string_view code) const;
};

struct TypePlan;
struct ElementPlan;
struct ProfileShape;

/// One name of an element in JSON: each type of a choice has its own.
struct alignas(kLine) MemberPlan {
  const TypePlan* type = nullptr;  // null: primitive, or any resource
  Primitive primitive = Primitive::none;
  bool choice = false;
  bool repeats = false;
  bool resource = false;
  std::uint16_t group = 0;  // the same for all types of a choice
  std::uint8_t name_size = 0;
  std::uint8_t stem_size = 0;
  NameKey key;                       // of the name
  const char* characters = nullptr;  // of the name; its begin is the stem
  std::string_view type_name;        // "Quantity"

  std::string_view name() const { return {characters, name_size}; }  // "valueQuantity"
  std::string_view stem() const { return {characters, stem_size}; }  // "value", else the name
  bool is_leaf() const { return primitive != Primitive::none && !repeats; }
};
static_assert(sizeof(MemberPlan) == kLine);

enum class SpecialType : std::uint8_t {
  none,
  coding,
  concept_,
  extension,
  identifier,
  narrative,
  quantity,
  reference
};

struct alignas(kLine) TypePlan {
  bool is_resource = false;
  bool is_domain_resource = false;
  bool of_resource = false;  // it, or an element that stands inside of one alone
  SpecialType special = SpecialType::none;
  FhirType focus = FhirType::unknown;  // of its rules' focus
  GroupSet needs = 0;                  // what is required
  GroupSet id = 0;                     // the group of that name
  const ElementPlan* own = nullptr;    // what FHIR says of it beyond this; of an element within: null
  std::vector<std::uint8_t> by_name;   // where a name's key says: its number in `members`, from 1, or 0
  std::vector<MemberPlan> members;
  std::string_view name;                 // "Observation.referenceRange"
  std::vector<std::string_view> groups;  // "value[x]", "code"
  std::vector<std::uint16_t> required;   // groups

  const MemberPlan* find(std::string_view member) const {
    const NameKey key = NameKey::of(member);
    const std::size_t mask = by_name.size() - 1;
    for (std::size_t at = key.hash() & mask;; at = (at + 1) & mask) {
      const std::uint8_t number = by_name.data()[at];
      if (number == 0) return nullptr;
      const MemberPlan& known = members.data()[number - 1];
      if (known.key == key && known.name_size == member.size() &&
          (member.size() <= NameKey::kWhole || same_text(known.name(), member))) {
        return &known;
      }
    }
  }
  std::uint16_t group_of(std::string_view element) const;
};

struct alignas(kLine) RulePlan {
  std::uint32_t rule = 0;  // of ProfilePack::rules()
  bool decides = true;     // whether a resource conforms; false: whoever breaks it is told so
  const FhirPath* holds = nullptr;
  const FhirPathShortcut* shortcut = nullptr;  // of the element's type; null: there is none
  // Where the expression says at its begin that it holds, nothing is evaluated: "code.empty() or ...", where
  // there is no such element, and "code.exists() or ...", where there is one.
  GroupSet holds_without = 0;
  GroupSet holds_with = 0;
  std::string_view holds_without_entry;  // "entry.resource.ofType(T).all(...)": where no entry is a T
};
static_assert(sizeof(RulePlan) == kLine);

/// How a slice is told from others by the value at `path`.
struct SliceTest {
  enum class Kind { equals, coding, codes, present, absent, any, parts };
  std::vector<std::string_view> path;
  Kind kind = Kind::any;
  std::string_view text;    // equals; the code of a coding
  std::string_view system;  // of a coding
  const CodeSetPlan* codes = nullptr;
  std::vector<SliceTest> parts;
};

struct SlicePlan {
  std::string_view name;
  std::uint32_t min = 0;
  std::uint32_t max = kUnlimited;
  const ElementPlan* element = nullptr;
  std::vector<SliceTest> tests;           // by value, pattern, exists
  std::vector<std::string_view> types;    // by type
  const ProfileShape* profile = nullptr;  // by profile
};

struct SlicingPlan {
  enum class By { values, texts, url, type, profile, resource_profile };
  enum class Rules { open, closed, open_at_end };
  By by = By::values;
  Rules rules = Rules::open;
  bool ordered = false;
  std::string_view path;  // "coding", for messages
  const ProfileShape* owner = nullptr;
  std::vector<std::string_view> keys;  // by texts: the members whose texts together are looked up
  TextIndex<std::uint16_t> by_text;    // of keys joined by '\n'; by url: of urls
  std::vector<SlicePlan> slices;
  std::vector<std::uint16_t> required;  // slices with min > 0
  /// An item with one of these systems that is in no slice is an error of this rule.
  std::size_t escape_rule = 0;
  std::vector<std::string_view> escape_systems;
};

struct TargetPlan {
  std::string_view type;                  // empty: any
  const ProfileShape* profile = nullptr;  // null: every resource of that type
};

/// What is asked of an element beyond how many there are of it.
enum class Asks : std::uint8_t {
  nothing = 0,
  value = 1,  // fixed, pattern, codes, length
  profiles = 2,
  targets = 4,
  rules = 8,
  slices = 16,
  children = 32,
  types = 64,
  numbers = 128,  // of children: others than 0 to 1, 1 and any
};
constexpr Asks operator|(Asks left, Asks right) {
  return static_cast<Asks>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}
constexpr bool includes(Asks asks, Asks what) {
  return (static_cast<unsigned>(asks) & static_cast<unsigned>(what)) != 0;
}

struct alignas(kLine) ElementPlan {
  const TypePlan* type = nullptr;            // whose elements the children are; null: has none
  std::vector<const ElementPlan*> children;  // by group, as many as needed; null: nothing is said of it
  // What follows from the rest, see ProfilePackBuilder::sum_up(). Groups are counted only where the sets do
  // not tell that there are as many as there may be.
  Asks asks = Asks::nothing;
  GroupSet asked = 0;        // groups whose child asks for something
  GroupSet needed = 0;       // of which there is at least one
  GroupSet at_most_one = 0;  // of which there are not several
  GroupSet other = 0;        // of which there may be some other number

  const ProfileShape* owner = nullptr;  // null: FHIR itself
  std::uint32_t min = 0;
  std::uint32_t max = kUnlimited;
  std::uint32_t max_length = 0;  // 0: no limit
  std::optional<std::string_view> fixed;
  std::optional<std::string_view> pattern;
  std::optional<std::pair<std::string_view, std::string_view>> pattern_coding;  // system, code
  std::vector<std::string_view> types;  // the only ones of a choice; empty: all
  std::vector<const ProfileShape*> profiles;
  std::vector<TargetPlan> targets;
  const CodeSetPlan* codes = nullptr;
  std::vector<RulePlan> rules;
  std::vector<const SlicingPlan*> slicings;
  std::vector<std::uint16_t> counted;  // groups whose child has a cardinality or slices of its own

  const ElementPlan* child(std::uint16_t group) const {
    return group < children.size() ? children[group] : nullptr;
  }
  /// Whether there are as many of each group as there may be, from which of them there is one and several.
  bool holds(GroupSet present, GroupSet repeated) const {
    if (((needed & ~present) | (at_most_one & repeated)) != 0) return false;
    return !includes(asks, Asks::numbers) || (other & present) == 0;
  }
};

/// A profile: of a resource, a data type or an extension.
struct ProfileShape {
  std::string_view url;
  std::string_view name;
  std::string_view version;  // of itself; empty: not told
  const TypePlan* type = nullptr;
  std::string_view type_name;
  const ElementPlan* root = nullptr;       // null: known by name, not judged
  std::vector<std::string_view> contexts;  // of an extension: where it may stand
  bool modifier = false;
  std::vector<std::string_view> parts;  // of an extension: urls of those inside
};

/// The url of a system without what people get wrong in it: case, https, a slash at the end.
std::string normalised_system(std::string_view url);

struct ProfilePlan {
  std::deque<std::string> texts;
  std::deque<TypePlan> types;
  std::deque<ElementPlan> elements;
  std::deque<SlicingPlan> slicings;
  std::deque<FhirPath> expressions;
  std::deque<FhirPathShortcut> shortcuts;
  std::deque<ProfileShape> profiles;
  std::deque<CodeSystemPlan> systems;
  std::deque<CodeSetPlan> sets;

  TextIndex<const TypePlan*> type_index;
  TextIndex<const ProfileShape*> profile_index;  // by url without version
  TextIndex<const CodeSystemPlan*> system_index;
  TextIndex<const CodeSetPlan*> set_index;
  TextIndex<char> resource_names;
  TextIndex<char> extension_urls;               // known, not judged
  TextIndex<char> system_urls;                  // known, without a list
  std::vector<std::string_view> known_systems;  // all, and by how people misspell them
  TextIndex<std::string_view> normalised_systems;
  const TypePlan* extension_type = nullptr;
  std::vector<std::string_view> container;  // profiles of what is submitted, the Bundle's first
  bool version_required = false;
  std::string_view version;
  const std::vector<ProfileRule>* described = nullptr;  // ProfilePack::rules()

  const ProfileShape* profile(std::string_view canonical) const;
};

}  // namespace fhir_mapper
