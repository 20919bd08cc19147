#pragma once
// The tree of a FHIR resource, to read: ordered, so that the same input gives the same bytes, with decimals
// as text and with places that are filled in when a snapshot is sent. Nodes are made and owned by a Tree.

#include "fhir_mapper/same_text.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fhir_mapper {

/// The time of the snapshot (Bundle.timestamp, meta.lastUpdated of the Bundle).
struct SnapshotTime {};

/// The fullUrl of entry `index`, or a reference to it. The platform wants a new UUID at every sending.
struct EntryUrl {
  std::uint32_t index = 0;
  friend bool operator==(EntryUrl, EntryUrl) = default;
};

/// Text that is not copied, because it outlives the tree: a literal, or the mapping's own. Names of elements
/// and constants are most of a resource.
class LastingText {
 public:
  consteval LastingText(const char* literal) : text_(literal) {}
  /// The caller vouches that it outlives every tree that gets it, such as what a mapping holds.
  static LastingText vouched(std::string_view text) { return LastingText(text); }

  std::string_view text() const { return text_; }

 private:
  explicit LastingText(std::string_view text) : text_(text) {}
  std::string_view text_;
};

class Node {
 public:
  enum class Kind : std::uint8_t { object, array, text, decimal, boolean, null, snapshot_time, entry_url };

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Kind kind() const { return kind_; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  /// Neither of them, and not null.
  bool is_leaf() const { return kind_ > Kind::array && kind_ != Kind::null; }
  /// Of a member; an item has none.
  std::string_view name() const { return name_; }
  bool is_named(std::string_view name) const { return same_text(name_, name); }

  /// Nothing when this is no text.
  std::optional<std::string_view> text() const;
  /// What stands in JSON for a number, a boolean or null, and of a text without its quotes; else empty.
  std::string_view written() const { return text_; }
  std::size_t entry_index() const { return entry_; }

  /// Member of an object; null when there is none or this is no object.
  const Node* find(std::string_view name) const {
    if (!is_object()) return nullptr;
    const Node* member = first_;
    while (member != nullptr && !member->is_named(name)) member = member->next_;
    return member;
  }
  /// Item or member number `index`; null when there are not so many.
  const Node* at(std::size_t index) const;
  /// Of an object or array.
  std::size_t size() const;
  /// Whether this is an object or array without anything in it.
  bool empty() const { return kind_ <= Kind::array && first_ == nullptr; }

  class Iterator {
   public:
    explicit Iterator(const Node* node) : node_(node) {}
    const Node& operator*() const { return *node_; }
    Iterator& operator++() {
      node_ = node_->next_;
      return *this;
    }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    const Node* node_;
  };
  /// Members or items, in the order in which they came.
  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(nullptr); }

 private:
  friend class Tree;
  explicit Node(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::uint32_t entry_ = 0;
  std::string_view name_;
  std::string_view text_;
  Node* first_ = nullptr;
  Node* last_ = nullptr;
  Node* next_ = nullptr;
};

/// A value before it has a place in a tree. Text is that of the tree it is for, or lasting.
class Leaf {
 public:
  explicit Leaf(LastingText text) : Leaf(Node::Kind::text, text.text()) {}
  explicit Leaf(bool truth) : Leaf(Node::Kind::boolean, truth ? "true" : "false") {}
  /// Which no mapping makes; FHIR allows it only beside an element of the same array.
  explicit Leaf(std::nullptr_t) : Leaf(Node::Kind::null, "null") {}
  explicit Leaf(SnapshotTime) : Leaf(Node::Kind::snapshot_time, "") {}
  explicit Leaf(EntryUrl url) : Leaf(Node::Kind::entry_url, "", url.index) {}

  Node::Kind kind() const { return kind_; }
  /// As Node::written().
  std::string_view written() const { return text_; }

 private:
  friend class Tree;
  Leaf(Node::Kind kind, std::string_view text, std::uint32_t entry = 0)
      : kind_(kind), entry_(entry), text_(text) {}

  Node::Kind kind_;
  std::uint32_t entry_;
  std::string_view text_;
};

}  // namespace fhir_mapper
