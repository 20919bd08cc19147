#include "fhir_mapper/word_list.h"

namespace fhir_mapper {

std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view kSeparators = " \t\r\n";
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    words.emplace_back(text.substr(0, text.find_first_of(kSeparators)));
    text.remove_prefix(words.back().size());
  }
}

}  // namespace fhir_mapper
