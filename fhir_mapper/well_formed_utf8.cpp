#include "fhir_mapper/well_formed_utf8.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

bool is_following(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/// Bytes of the character that `text` begins with; 0: none is well-formed. Table 3-7 of the Unicode standard:
/// overlong forms, surrogates and what is above U+10FFFF show in the second byte.
std::size_t length_of_first(std::string_view text) {
  const auto at = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < least || at(1) > most) return 0;
  for (std::size_t index = 2; index < length; ++index) {
    if (!is_following(at(index))) return 0;
  }
  return length;
}

}  // namespace

std::optional<std::size_t> find_bad_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_of_first(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_following(static_cast<unsigned char>(c)); }));
}

}  // namespace fhir_mapper
