#pragma once
// Texts to values, for tables that are made once and asked for every element of every resource: open
// addressing in one block, and no text is copied. The texts must outlive the index.

#include "fhir_mapper/same_text.h"

#include <bit>
#include <cstddef>
#include <cstdint>
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
    const Slot* const slots = slots_.data();
    std::size_t at = hash_of(text) & mask_;
    while (true) {
      const Slot& slot = slots[at];
      if (!slot.used) return nullptr;
      if (same_text(slot.text, text)) return &slot.value;
      at = (at + 1) & mask_;
    }
  }
  bool contains(std::string_view text) const { return find(text) != nullptr; }

  /// The value that is there now: a text that was there keeps its own.
  Value& insert(std::string_view text, Value value) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    std::size_t at = hash_of(text) & mask_;
    for (; slots_[at].used; at = (at + 1) & mask_) {
      if (same_text(slots_[at].text, text)) return slots_[at].value;
    }
    slots_[at] = {text, value, true};
    ++used_;
    return slots_[at].value;
  }

 private:
  /// Within one line of the cache where its value is small.
  struct alignas(sizeof(Value) <= sizeof(void*) ? 32 : alignof(std::string_view)) Slot {
    std::string_view text;
    Value value{};
    bool used = false;
  };

  /// Names of elements and system URLs differ in their length and at their ends; codes are short.
  static std::size_t hash_of(std::string_view text) {
    const std::size_t size = text.size();
    const char* const at = text.data();
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (size >= 8) {
      first = word_at<std::uint64_t>(at) ^ std::rotl(word_at<std::uint64_t>(at + (size - 8) / 2), 17);
      last = word_at<std::uint64_t>(at + size - 8);
    } else if (size >= 4) {
      first = word_at<std::uint32_t>(at);
      last = word_at<std::uint32_t>(at + size - 4);
    } else if (size > 0) {
      first = static_cast<unsigned char>(at[0]) |
              static_cast<std::uint64_t>(static_cast<unsigned char>(at[size / 2])) << 8;
      last = static_cast<unsigned char>(at[size - 1]);
    }
    std::uint64_t hash = (first ^ size) * 0x9E3779B97F4A7C15u;
    hash = (std::rotl(hash, 23) ^ last) * 0xC2B2AE3D27D4EB4Fu;
    return static_cast<std::size_t>(hash ^ hash >> 32);
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 8 : slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    used_ = 0;
    for (const Slot& slot : old) {
      if (slot.used) insert(slot.text, slot.value);
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
};

}  // namespace fhir_mapper
