#include "tests/storage_gen/iso2022jp_encoder.h"

#include "tests/storage_gen/usage_error.h"

#include <array>
#include <stdexcept>

#include <iconv.h>

namespace storage_gen {
namespace {

enum class CharacterSet { ascii, jis_x_0208, half_width_kana };

/// A cell of the 94 x 94 plane as Shift_JIS puts it: two rows share one lead byte.
std::array<char, 2> shift_jis_bytes(unsigned row, unsigned cell) {
  const unsigned pair = (row - 1) / 2;
  const unsigned lead = pair < 31 ? 0x81 + pair : 0xC1 + pair;
  const bool first_of_pair = row % 2 == 1;
  const unsigned gap = first_of_pair && cell >= 64 ? 1 : 0;  // 0x7F is no trail byte
  const unsigned trail = first_of_pair ? 0x3F + cell + gap : 0x9E + cell;
  return {static_cast<char>(lead), static_cast<char>(trail)};
}

/// 0 when CP932 leaves the cell empty.
std::uint32_t cp932_character(iconv_t converter, std::array<char, 2> bytes) {
  std::array<unsigned char, 4> ucs4{};
  char* in = bytes.data();
  char* out = reinterpret_cast<char*>(ucs4.data());
  std::size_t in_left = bytes.size();
  std::size_t out_left = ucs4.size();
  iconv(converter, nullptr, nullptr, nullptr, nullptr);
  if (iconv(converter, &in, &in_left, &out, &out_left) != 0 || out_left != 0) return 0;
  return (static_cast<std::uint32_t>(ucs4[2]) << 8) | ucs4[3];
}

std::uint32_t take_character(std::string_view utf8, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(utf8[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const bool continuation_as_lead = lead >= 0x80 && lead < 0xC0;
  if (continuation_as_lead || at + length > utf8.size())
    throw UsageError("the text given is not valid UTF-8");
  std::uint32_t character = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[at + i]);
    if ((byte & 0xC0u) != 0x80u) throw UsageError("the text given is not valid UTF-8");
    character = (character << 6) | (byte & 0x3Fu);
  }
  at += length;
  return character;
}

void switch_to(CharacterSet wanted, CharacterSet& current, std::string& out) {
  if (wanted == current) return;
  out += wanted == CharacterSet::ascii ? "\x1B(B" : wanted == CharacterSet::jis_x_0208 ? "\x1B$B" : "\x1B(I";
  current = wanted;
}

}  // namespace

Iso2022JpEncoder::Iso2022JpEncoder() : cells_(0x10000) {
  const iconv_t converter = iconv_open("UCS-4BE", "CP932");
  if (converter == reinterpret_cast<iconv_t>(-1))
    throw std::runtime_error("the C library has no CP932 converter");
  for (unsigned row = 1; row <= 94; ++row) {
    for (unsigned cell = 1; cell <= 94; ++cell) {
      const std::uint32_t character = cp932_character(converter, shift_jis_bytes(row, cell));
      // The first cell wins: a few signs stand again in row 13 or in the rows of the IBM kanji. Asking
      // iconv for the other direction would give the IBM cells FAxx, which have no place in this plane.
      if (character != 0 && cells_[character] == 0)
        cells_[character] = static_cast<std::uint16_t>(((row + 0x20) << 8) | (cell + 0x20));
    }
  }
  iconv_close(converter);
}

void Iso2022JpEncoder::append(std::string_view utf8, std::string& out) const {
  CharacterSet current = CharacterSet::ascii;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::uint32_t character = take_character(utf8, at);
    if (character < 0x80) {
      switch_to(CharacterSet::ascii, current, out);
      out += static_cast<char>(character);
    } else if (character >= 0xFF61 && character <= 0xFF9F) {
      switch_to(CharacterSet::half_width_kana, current, out);
      out += static_cast<char>(character - 0xFF61 + 0x21);
    } else if (character < cells_.size() && cells_[character] != 0) {
      switch_to(CharacterSet::jis_x_0208, current, out);
      out += static_cast<char>(cells_[character] >> 8);
      out += static_cast<char>(cells_[character] & 0xFF);
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      std::string code;
      for (int shift = 20; shift >= 0; shift -= 4) code += kHex[(character >> shift) & 0xFu];
      throw UsageError("U+" + code + " has no place in JIS X 0208, not even with the CP932 extensions");
    }
  }
  switch_to(CharacterSet::ascii, current, out);
}

}  // namespace storage_gen
