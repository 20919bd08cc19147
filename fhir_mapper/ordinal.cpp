#include "fhir_mapper/ordinal.h"

#include "fhir_mapper/character_width.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

struct Spelling {
  std::string_view written;
  std::string_view ordinal;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view without_brackets(std::string_view text) {
  const bool bracketed =
      (text.starts_with('(') && text.ends_with(')')) || (text.starts_with('[') && text.ends_with(']'));
  return bracketed ? trimmed(text.substr(1, text.size() - 2)) : text;
}

std::string_view sign(std::string_view text) {
  // The last ones: the minus signs of other sets, and the long vowel mark that is typed for one behind "+".
  static constexpr std::array kSigns{
      Spelling{"-", "-"},    Spelling{"+", "+"},     Spelling{"+-", "+-"},    Spelling{"-+", "+-"},
      Spelling{"+/-", "+-"}, Spelling{"-/+", "+-"},  Spelling{"±", "+-"},     Spelling{"++", "2+"},
      Spelling{"+++", "3+"}, Spelling{"++++", "4+"}, Spelling{"+++++", "5+"}, Spelling{"1+", "1+"},
      Spelling{"2+", "2+"},  Spelling{"3+", "3+"},   Spelling{"4+", "4+"},    Spelling{"5+", "5+"},
      Spelling{"1 +", "1+"}, Spelling{"2 +", "2+"},  Spelling{"3 +", "3+"},   Spelling{"4 +", "4+"},
      Spelling{"5 +", "5+"}, Spelling{"−", "-"},     Spelling{"+−", "+-"},    Spelling{"+ー", "+-"}};
  const auto found = std::find_if(kSigns.begin(), kSigns.end(),
                                  [text](const Spelling& spelling) { return spelling.written == text; });
  return found == kSigns.end() ? std::string_view() : found->ordinal;
}

}  // namespace

std::optional<std::string> ordinal_spelling(std::string_view utf8) {
  static constexpr std::array kWords{Spelling{"陰性", "-"}, Spelling{"インセイ", "-"}, Spelling{"陽性", "+"},
                                     Spelling{"ヨウセイ", "+"}};
  const std::string folded = to_half_width_ascii(to_wide_kana(utf8));
  std::string_view text = without_brackets(trimmed(folded));
  for (const Spelling& word : kWords) {
    const bool first = text.starts_with(word.written);
    if (!first && !text.ends_with(word.written)) continue;
    if (first) {
      text.remove_prefix(word.written.size());
    } else {
      text.remove_suffix(word.written.size());
    }
    // "(-) 陰性": word and sign have to say the same.
    text = trimmed(text);
    if (text.empty() || sign(without_brackets(text)) == word.ordinal) return std::string(word.ordinal);
    return std::nullopt;
  }
  const std::string_view ordinal = sign(without_brackets(text));
  if (ordinal.empty()) return std::nullopt;
  return std::string(ordinal);
}

}  // namespace fhir_mapper
