#include "fhir_mapper/normaliser.h"

#include "fhir_mapper/character_width.h"
#include "fhir_mapper/insured_identifier.h"
#include "fhir_mapper/ordinal.h"
#include "fhir_mapper/person_name.h"
#include "fhir_mapper/replaced_character.h"
#include "fhir_mapper/unit_spelling.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

using Text = std::optional<std::string>;

Text unless_empty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

Text trim(std::string_view utf8) {
  return unless_empty(without_outer_spaces(utf8));
}

Text single_spaces(std::string_view utf8) {
  return unless_empty(with_single_spaces(utf8));
}

Text half_width(std::string_view utf8) {
  return to_half_width_ascii(utf8);
}

Text full_width(std::string_view utf8) {
  return to_full_width(utf8);
}

Text wide_kana(std::string_view utf8) {
  return to_wide_kana(utf8);
}

Text no_spaces(std::string_view utf8) {
  constexpr std::string_view kIdeographicSpace = "\u3000";
  std::string text;
  while (!utf8.empty()) {
    const bool is_wide = utf8.starts_with(kIdeographicSpace);
    const auto byte = static_cast<unsigned char>(utf8.front());
    if (!is_wide && byte > 0x20 && byte != 0x7F) text += utf8.front();
    utf8.remove_prefix(is_wide ? kIdeographicSpace.size() : 1);
  }
  return unless_empty(text);
}

/// No two codes become one: what is written otherwise begins with a mark that no other code keeps.
Text code_characters(std::string_view utf8) {
  constexpr std::string_view kMark = "__";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto is_kept = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  };
  const auto is_right = [&](char c) { return is_kept(c) || c == '_'; };
  if (has_replaced_character(utf8)) return std::nullopt;
  if (!utf8.starts_with(kMark) && std::ranges::all_of(utf8, is_right)) return unless_empty(utf8);
  std::string text(kMark);
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    text += is_kept(c) ? std::string{c} : std::string{'_', kDigits[byte >> 4], kDigits[byte & 0xF]};
  }
  return text;
}

Text family_name(std::string_view utf8) {
  auto name = split_name(utf8);
  return name ? Text(std::move(name->family)) : std::nullopt;
}

Text given_name(std::string_view utf8) {
  auto name = split_name(utf8);
  return name ? Text(std::move(name->given)) : std::nullopt;
}

Text insurer_number(std::string_view utf8) {
  return unless_empty(normalised_insurer_number(utf8));
}

/// A card may have no symbol, so that an empty one is of the form.
Text insured_symbol(std::string_view utf8) {
  if (has_replaced_character(utf8)) return std::nullopt;
  return normalised_insured_text(utf8);
}

Text insured_number(std::string_view utf8) {
  const Text number = insured_symbol(utf8);
  return number ? unless_empty(*number) : std::nullopt;
}

constexpr std::array kNormalisers{
    Normaliser{"trim", "Without spaces at both ends, ideographic spaces (U+3000) too.", trim},
    Normaliser{"half-width", "Full-width letters, digits, symbols and spaces as ASCII; kana and kanji stay.",
               half_width},
    Normaliser{"full-width",
               "ASCII, spaces and half-width kana as full-width, each kana joined with its sound mark.",
               full_width},
    Normaliser{"wide-kana", "Half-width kana as full-width, each joined with its sound mark; the rest stays.",
               wide_kana},
    Normaliser{"no-spaces", "Without any space (of either width), tab or end of a line.", no_spaces},
    Normaliser{
        "code-characters",
        "A code of letters, digits, `-` and `_` as it stands; any other, and one that begins with `__`, "
        "as `__` and its bytes, of which all but letters, digits and `-` are `_` and two hexadecimal "
        "digits: no two codes become one, and each can be read back.",
        code_characters},
    Normaliser{
        "single-spaces",
        "Without spaces at both ends, and each run of spaces between, ideographic ones (U+3000) too, as "
        "one space of half width.",
        single_spaces},
    Normaliser{
        "unit",
        "A laboratory's unit in the spelling of ISO+ as the National Hospital Organization lists it "
        "(`×10³／μｌ` is `.10*3/uL`), for codes and tables; nothing for a unit with a part that it does "
        "not know, so keep the written one beside it.",
        unit_spelling},
    Normaliser{
        "ordinal",
        "A result from negative to 5+ as `-`, `+-`, `+`, `1+` to `5+` (`（－）` is `-`, ` 2 +` and `++` are "
        "`2+`, `±` is `+-`, 陽性 is `+`); nothing for any other.",
        ordinal_spelling},
    Normaliser{"family-name",
               "What stands before the one space (of either width) of a name that is written family name "
               "first; nothing without a space or with several.",
               family_name},
    Normaliser{"given-name",
               "What stands behind the one space (of either width) of a name that is written family name "
               "first; nothing without a space or with several.",
               given_name},
    Normaliser{"insurer-number",
               "保険者番号: 8 half-width digits, zeros before them; nothing when it is no number of up to 8 "
               "digits.",
               insurer_number},
    Normaliser{
        "insured-symbol",
        "被保険者証記号: without spaces and of one width, full-width as soon as it has kana, kanji or a "
        "symbol; nothing when a character could not be read.",
        insured_symbol},
    Normaliser{"insured-number", "被保険者証番号: like `insured-symbol`, and nothing when it is empty.",
               insured_number},
    Normaliser{
        "insured-branch",
        "枝番: two half-width digits, or empty when none is written; nothing when it is no number of up "
        "to two digits.",
        normalised_branch_number},
};

}  // namespace

std::span<const Normaliser> normalisers() {
  return kNormalisers;
}

const Normaliser* find_normaliser(std::string_view name) {
  const auto found = std::find_if(kNormalisers.begin(), kNormalisers.end(),
                                  [name](const Normaliser& normaliser) { return normaliser.name == name; });
  return found == kNormalisers.end() ? nullptr : &*found;
}

}  // namespace fhir_mapper
