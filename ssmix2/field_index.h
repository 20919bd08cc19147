#pragma once
// Where every field of a message begins, each of its repetitions and each component of these: found in one
// pass, so that rules which ask many things of a segment look them up. Views into the Message, which must
// outlive it. One thread.

#include "ssmix2/check.h"
#include "ssmix2/hl7_message.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ssmix2 {

class FieldIndex;

/// One repetition of a field; what is not there is empty. Points into the index.
class IndexedRepetition {
 public:
  IndexedRepetition() = default;

  Value whole() const;
  Value component(std::size_t number) const;  // 1-based

 private:
  friend class FieldIndex;
  IndexedRepetition(const FieldIndex& index, std::uint32_t begin, std::uint32_t end)
      : index_(&index), begin_(begin), end_(end) {}

  const FieldIndex* index_ = nullptr;
  std::uint32_t begin_ = 0;  // of its components
  std::uint32_t end_ = 0;
};

class FieldIndex {
 public:
  explicit FieldIndex(const Message& message);
  FieldIndex(FieldIndex&&) = delete;  // repetitions point into it

  const Message& message() const { return *message_; }
  std::size_t fields(std::size_t segment) const;  // highest field number written
  /// The same as segment.field(number) of the message's segment `segment`.
  Value field(std::size_t segment, std::size_t number) const;
  /// None in a field that has nothing.
  std::size_t repetitions(std::size_t segment, std::size_t field) const;
  IndexedRepetition repetition(std::size_t segment, std::size_t field, std::size_t number) const;

  /// The same as value.text() of a value of the message. It lives as long as the index.
  std::string_view text(const Value& value) const {
    if (value.is_null()) return {};
    return has_escapes_ && value.has_escapes() ? without_escapes(value) : value.raw();
  }

 private:
  friend class IndexedRepetition;
  /// What a character ends; what is further down ends with it.
  enum class Ends : std::uint8_t { nothing, component, repetition, field };
  using EndsByCharacter = std::array<Ends, 256>;

  struct Component {
    std::uint32_t begin;  // in the message's text
    std::uint32_t end;
  };
  struct Range {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t size() const { return end - begin; }
  };

  /// MSH-1 is the delimiter itself, and MSH-2 must not be split by its own characters. Where MSH-3's
  /// delimiter is; npos: there is none.
  std::size_t add_header(std::string_view text);
  void add_fields(std::string_view text, const EndsByCharacter& ends);
  void close(Ends what, Component component);
  Range repetitions_of(std::size_t segment, std::size_t field) const;
  Value value(std::uint32_t begin, std::uint32_t end) const;
  std::string_view without_escapes(const Value& value) const;

  const Message* message_;
  const char* text_;           // of the message
  std::uint32_t unsplit_ = 0;  // where MSH-3 begins: what stands before it is made of delimiters
  std::vector<Component> components_;
  // Where each ends in what stands above; it begins where the one before it ends.
  std::vector<std::uint32_t> repetition_ends_{0};
  std::vector<std::uint32_t> field_ends_{0};
  std::vector<std::uint32_t> segment_ends_{0};
  bool has_escapes_ = false;
  // Of values with escapes, by where they begin and their size: each is resolved once, however many ask.
  mutable std::map<std::pair<const char*, std::size_t>, std::string> unescaped_;
};

inline FieldIndex::Range FieldIndex::repetitions_of(std::size_t segment, std::size_t field) const {
  KAKEHASHI_CHECK(segment + 1 < segment_ends_.size());
  const std::size_t begin = segment_ends_[segment];
  if (field - 1 >= segment_ends_[segment + 1] - begin) return {0, 0};  // field 0, too
  return {field_ends_[begin + field - 1], field_ends_[begin + field]};
}

inline IndexedRepetition FieldIndex::repetition(std::size_t segment, std::size_t field,
                                                std::size_t number) const {
  const Range all = repetitions_of(segment, field);
  if (number - 1 >= all.size()) return {};
  const std::size_t index = all.begin + number - 1;
  return {*this, repetition_ends_[index], repetition_ends_[index + 1]};
}

inline Value FieldIndex::value(std::uint32_t begin, std::uint32_t end) const {
  return Value({text_ + begin, end - begin}, begin < unsplit_ ? nullptr : &message_->delimiters());
}

inline Value IndexedRepetition::whole() const {
  if (begin_ == end_) return {};
  return index_->value(index_->components_[begin_].begin, index_->components_[end_ - 1].end);
}

inline Value IndexedRepetition::component(std::size_t number) const {
  if (number - 1 >= end_ - begin_) return {};  // 0, too
  const auto& found = index_->components_[begin_ + number - 1];
  return index_->value(found.begin, found.end);
}

}  // namespace ssmix2
