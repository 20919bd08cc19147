#pragma once
// Whether two texts are the same, for names of elements: most are shorter than two words, where calling the
// library takes longer than comparing.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fhir_mapper {

template <typename Word>
Word word_at(const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline bool same_text(std::string_view left, std::string_view right) {
  const std::size_t size = left.size();
  if (size != right.size()) return false;
  const char* const a = left.data();
  const char* const b = right.data();
  if (size >= 4 && size <= 8) {
    const std::size_t last = size - 4;
    return word_at<std::uint32_t>(a) == word_at<std::uint32_t>(b) &&
           word_at<std::uint32_t>(a + last) == word_at<std::uint32_t>(b + last);
  }
  if (size > 8 && size <= 16) {
    const std::size_t last = size - 8;
    return word_at<std::uint64_t>(a) == word_at<std::uint64_t>(b) &&
           word_at<std::uint64_t>(a + last) == word_at<std::uint64_t>(b + last);
  }
  return left == right;
}

}  // namespace fhir_mapper
