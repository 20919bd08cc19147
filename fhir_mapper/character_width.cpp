#include "fhir_mapper/character_width.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fhir_mapper {
namespace {

// U+FF61..U+FF9D in full width, in order of code point.
constexpr std::u32string_view kFullWidthKana =
    U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ"
    U"ヤユヨラリルレロワン";
static_assert(kFullWidthKana.size() == 0xFF9E - 0xFF61);

constexpr char32_t kHalfVoicedMark = 0xFF9E;
constexpr char32_t kHalfSemiVoicedMark = 0xFF9F;

bool is_ascii(std::string_view utf8) {
  return std::ranges::all_of(utf8, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::u32string to_code_points(std::string_view utf8) {
  std::u32string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<std::uint8_t>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    static constexpr std::array<std::uint8_t, 5> kLeadMask{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t point = lead & kLeadMask[length];
    for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) {
      point = (point << 6) | (static_cast<std::uint8_t>(utf8[i + k]) & 0x3F);
    }
    out += point;
    i += length;
  }
  return out;
}

void append_utf8(std::string& out, char32_t point) {
  const auto byte = [&out](char32_t bits) { out += static_cast<char>(static_cast<std::uint8_t>(bits)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | (point >> 6));
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | (point >> 12));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | (point >> 18));
    byte(0x80 | ((point >> 12) & 0x3F));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

/// カ + ゛ is ガ: in Unicode the voiced kana follows its plain one, the semi-voiced is two behind.
bool join_sound_mark(std::u32string& text, char32_t mark) {
  if (text.empty()) return false;
  char32_t& last = text.back();
  if (mark == kHalfVoicedMark && last == U'ウ') {
    last = U'ヴ';
    return true;
  }
  const bool voiceable =
      std::u32string_view(U"カキクケコサシスセソタチツテトハヒフヘホ").find(last) != std::u32string::npos;
  const bool semi_voiceable = std::u32string_view(U"ハヒフヘホ").find(last) != std::u32string::npos;
  if (mark == kHalfVoicedMark && voiceable) {
    last += 1;
    return true;
  }
  if (mark == kHalfSemiVoicedMark && semi_voiceable) {
    last += 2;
    return true;
  }
  return false;
}

std::u32string with_wide_kana(std::u32string_view written) {
  std::u32string text;
  for (const char32_t point : written) {
    if (point == kHalfVoicedMark || point == kHalfSemiVoicedMark) {
      if (!join_sound_mark(text, point)) text += point == kHalfVoicedMark ? U'゛' : U'゜';
    } else if (point >= 0xFF61 && point < kHalfVoicedMark) {
      text += kFullWidthKana[point - 0xFF61];
    } else {
      text += point;
    }
  }
  return text;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t point : text) append_utf8(out, point);
  return out;
}

}  // namespace

std::string to_half_width_ascii(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  std::string out;
  for (char32_t point : to_code_points(utf8)) {
    if (point >= 0xFF01 && point <= 0xFF5E) point -= 0xFEE0;
    if (point == 0x3000) point = ' ';
    append_utf8(out, point);
  }
  return out;
}

std::string to_wide_kana(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  return to_utf8(with_wide_kana(to_code_points(utf8)));
}

std::string to_full_width(std::string_view utf8) {
  std::u32string text = with_wide_kana(to_code_points(utf8));
  for (char32_t& point : text) {
    if (point > 0x20 && point < 0x7F) point += 0xFEE0;
    if (point == ' ') point = U'　';
  }
  return to_utf8(text);
}

std::string_view without_outer_spaces(std::string_view utf8) {
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (const std::string_view space : {" ", "\t", "　"}) {
      const std::size_t size = utf8.size();
      if (utf8.starts_with(space)) utf8.remove_prefix(space.size());
      if (utf8.ends_with(space)) utf8.remove_suffix(space.size());
      shorter = shorter || utf8.size() < size;
    }
  }
  return utf8;
}

std::string with_single_spaces(std::string_view utf8) {
  std::string out;
  std::string_view rest = without_outer_spaces(utf8);
  while (!rest.empty()) {
    const std::size_t space = std::min({rest.find(' '), rest.find('\t'), rest.find("　")});
    out.append(rest.substr(0, space));
    if (space == std::string_view::npos) break;
    rest = without_outer_spaces(rest.substr(space));
    out += ' ';
  }
  return out;
}

}  // namespace fhir_mapper
