#pragma once
// Texts to values, for tables that are made once and asked for every element of every resource: open
// addressing in one block, and no text is copied. The texts must outlive the index.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace fhir_mapper {

template <typename Value>
class TextIndex {
 public:
  std::size_t size() const { return used_; }
  bool empty() const { return used_ == 0; }

  /// Null: not there.
  const Value* find(std::string_view text) const {
    if (slots_.empty()) return nullptr;
    const std::size_t hash = hash_of(text);
    for (std::size_t at = hash & mask(); slots_[at].used; at = (at + 1) & mask()) {
      if (slots_[at].text == text) return &slots_[at].value;
    }
    return nullptr;
  }
  bool contains(std::string_view text) const { return find(text) != nullptr; }

  /// The value that is there now: a text that was there keeps its own.
  Value& insert(std::string_view text, Value value) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    std::size_t at = hash_of(text) & mask();
    for (; slots_[at].used; at = (at + 1) & mask()) {
      if (slots_[at].text == text) return slots_[at].value;
    }
    slots_[at] = {text, value, true};
    ++used_;
    return slots_[at].value;
  }

 private:
  struct Slot {
    std::string_view text;
    Value value{};
    bool used = false;
  };

  std::size_t mask() const { return slots_.size() - 1; }

  /// Names of elements and system URLs differ in their length and at their ends; codes are short.
  static std::size_t hash_of(std::string_view text) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t middle = 0;
    const std::size_t size = text.size();
    if (size >= 8) {
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + size - 8, 8);
      std::memcpy(&middle, text.data() + (size - 8) / 2, 8);
    } else {
      for (const char byte : text) first = first << 8 | static_cast<unsigned char>(byte);
    }
    std::uint64_t hash = (first ^ size) * 0x9E3779B97F4A7C15u;
    hash = (std::rotl(hash, 23) ^ last) * 0xC2B2AE3D27D4EB4Fu;
    hash = (std::rotl(hash, 29) ^ middle) * 0x165667B19E3779F9u;
    return static_cast<std::size_t>(hash ^ hash >> 32);
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 8 : slots_.size() * 2);
    old.swap(slots_);
    used_ = 0;
    for (const Slot& slot : old) {
      if (slot.used) insert(slot.text, slot.value);
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace fhir_mapper
