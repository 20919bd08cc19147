#pragma once
// Whether two texts are the same, for names of elements, codes and URLs: most have some words, for which
// calling the library takes longer than comparing. URLs of one publisher differ at their ends.

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
  if (size >= 8) {
    const std::size_t last = size - 8;
    if (word_at<std::uint64_t>(a + last) != word_at<std::uint64_t>(b + last)) return false;
    for (std::size_t i = 0; i < last; i += 8) {
      if (word_at<std::uint64_t>(a + i) != word_at<std::uint64_t>(b + i)) return false;
    }
    return true;
  }
  if (size >= 4) {
    const std::size_t last = size - 4;
    return word_at<std::uint32_t>(a) == word_at<std::uint32_t>(b) &&
           word_at<std::uint32_t>(a + last) == word_at<std::uint32_t>(b + last);
  }
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

inline bool begins_so(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same_text(text.substr(0, with.size()), with);
}

inline bool ends_so(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same_text(text.substr(text.size() - with.size()), with);
}

}  // namespace fhir_mapper
