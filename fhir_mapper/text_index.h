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
      if (same(slots_[at].text, text)) return &slots_[at].value;
    }
    return nullptr;
  }
  bool contains(std::string_view text) const { return find(text) != nullptr; }

  /// The value that is there now: a text that was there keeps its own.
  Value& insert(std::string_view text, Value value) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    std::size_t at = hash_of(text) & mask();
    for (; slots_[at].used; at = (at + 1) & mask()) {
      if (same(slots_[at].text, text)) return slots_[at].value;
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

  static std::uint64_t load(const char* from, std::size_t bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, bytes);
    return word;
  }

  /// Names of elements and system URLs differ in their length and at their ends; codes are short.
  static std::size_t hash_of(std::string_view text) {
    const std::size_t size = text.size();
    const char* const at = text.data();
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (size >= 8) {
      first = load(at, 8) ^ std::rotl(load(at + (size - 8) / 2, 8), 17);
      last = load(at + size - 8, 8);
    } else if (size >= 4) {
      first = load(at, 4);
      last = load(at + size - 4, 4);
    } else if (size > 0) {
      first = static_cast<unsigned char>(at[0]) |
              static_cast<std::uint64_t>(static_cast<unsigned char>(at[size / 2])) << 8;
      last = static_cast<unsigned char>(at[size - 1]);
    }
    std::uint64_t hash = (first ^ size) * 0x9E3779B97F4A7C15u;
    hash = (std::rotl(hash, 23) ^ last) * 0xC2B2AE3D27D4EB4Fu;
    return static_cast<std::size_t>(hash ^ hash >> 32);
  }

  /// Most are shorter than two words, where calling the library takes longer than comparing.
  static bool same(std::string_view left, std::string_view right) {
    const std::size_t size = left.size();
    if (size != right.size()) return false;
    if (size >= 8 && size <= 16) {
      return load(left.data(), 8) == load(right.data(), 8) &&
             load(left.data() + size - 8, 8) == load(right.data() + size - 8, 8);
    }
    if (size >= 4 && size < 8) {
      return load(left.data(), 4) == load(right.data(), 4) &&
             load(left.data() + size - 4, 4) == load(right.data() + size - 4, 4);
    }
    return left == right;
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
