#pragma once
// What an expression comes to, told from the nodes alone, where it is of the usual form and the tree as
// usual: a fifth of the code of an evaluation, and no items are made on the way. Answers what an evaluation
// would if it had no limit of steps, or leaves it open; whatever else might fail one is left open. Immutable;
// the FhirPath that made it must outlive it.

#include "fhir_mapper/fhir_node.h"
#include "fhir_mapper/pattern.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace fhir_mapper {

class FhirPathShortcut {
 public:
  enum class Answer : std::uint8_t { no, yes, nothing, open };

  /// Of a focus of the type that it was made for. Takes time in proportion to what stands in it.
  Answer ask(const Node& focus) const { return truth(root_, focus); }

 private:
  friend class FhirPathShortcutBuilder;
  using Index = std::uint16_t;

  enum class What : std::uint8_t {
    // Truths about a node.
    open,
    both,
    either,
    exclusive,
    implies,
    negation,
    text,   // system = 'http://loinc.org', $this.startsWith('http://')
    any,    // exists()
    none,   // empty()
    every,  // all()
    count,  // path.count() = 1
    is_type,
    matches,
    matches_full,
    has_text,  // contains() and the like
    same,      // of two readings
    within,    // subsetOf(), of one text each at most
    // Readings: one text at most.
    path,
    constant,
    substring,
    joined,
    // Parts of a path, which stand in a row.
    step,
    choice,  // value.ofType(Identifier)
    resource_type,
    where,
    first,
    tail,
    // Its end.
    found,
    ask_yes,  // whether one of the items is so
    ask_no,   // whether one is not
    take,
  };
  enum class Relation : std::uint8_t { is, begins, ends, holds };
  /// What it means when an object has no member of the name.
  enum class Absence : std::uint8_t { open, nothing, nothing_in_known_resource };

  struct Part {
    What what = What::open;
    Relation relation = Relation::is;
    Absence absence = Absence::open;
    bool is_negated = false;
    bool is_sure = false;  // nothing that comes behind can fail an evaluation
    Index first = 0;       // numbers of other parts; of a substring where it begins and its length
    Index second = 0;
    Index third = 0;
    std::string_view name = {};  // of a member; of the type of a resource or choice
    std::string_view text = {};  // that is compared; the stem of a choice
    const Pattern* pattern = nullptr;
  };

  /// What a path leads to.
  struct Taken {
    std::size_t count = 0;
    std::size_t passed = 0;  // by first() or tail()
    const Node* first = nullptr;
  };
  enum class Way : std::uint8_t { on, done, open };
  struct Reading {
    Answer found = Answer::open;  // yes: one; no: several
    std::string_view before;      // of a text in two pieces
    std::string_view text;
  };

  FhirPathShortcut(std::vector<Part> parts, Index root) : parts_(std::move(parts)), root_(root) {}

  Answer truth(Index index, const Node& node) const;
  Answer logic(const Part& part, const Node& node) const;
  Answer text(const Part& part, const Node& node) const;
  Answer each(const Part& part, const Node& node) const;
  Answer count(const Part& part, const Node& node) const;
  Answer is_type(const Part& part, const Node& node) const;
  Answer text_test(const Part& part, const Node& node) const;
  Answer same(const Part& part, const Node& node) const;
  Answer within(const Part& part, const Node& node) const;
  Reading read(Index index, const Node& node) const;
  Reading read_path(Index index, const Node& node) const;

  static bool leads_nowhere(const Part& part, const Node& node);
  Way walk(const Part* part, const Node* node, Taken& taken) const;
  Way walk_items(const Part* part, const Node& array, Taken& taken) const;
  Way end(const Part& part, const Node& node, Taken& taken) const;

  std::vector<Part> parts_;
  Index root_;
};

}  // namespace fhir_mapper
