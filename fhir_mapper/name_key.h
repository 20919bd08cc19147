#pragma once
// The name of an element as two words that say all of it, up to 16 bytes: where hundreds of names are looked
// up, numbers are compared.

#include "fhir_mapper/same_text.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fhir_mapper {

struct NameKey {
  static constexpr std::size_t kWhole = 16;  // names up to so long are the same when their keys and sizes are

  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  static NameKey of(std::string_view name) {
    const std::size_t size = name.size();
    const char* const at = name.data();
    if (size >= 4) {
      // Four words that overlap in short names: no branch for their length.
      const std::size_t step = size / 8 * 4;
      const char* const last = at + size - 4;
      return {two_words(at, at + step), two_words(last, last - step)};
    }
    if (size == 0) return {};
    const auto byte = [at](std::size_t i) -> std::uint64_t { return static_cast<unsigned char>(at[i]); };
    return {byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16, 0};
  }

  std::size_t hash() const {
    const std::uint64_t mixed = (begin ^ std::rotl(end, 29)) * 0x9E3779B97F4A7C15u;
    return static_cast<std::size_t>(mixed >> 40);
  }

  friend bool operator==(const NameKey& left, const NameKey& right) {
    return ((left.begin ^ right.begin) | (left.end ^ right.end)) == 0;
  }

 private:
  static std::uint64_t two_words(const char* first, const char* second) {
    return static_cast<std::uint64_t>(word_at<std::uint32_t>(first)) << 32 | word_at<std::uint32_t>(second);
  }
};

}  // namespace fhir_mapper
