#pragma once
// Where the decoders write: UTF-8 into one buffer, and the count of what was not as it should be. What the
// three encodings have in common, ASCII and its controls, is decided here.

#include "ssmix2/text_deviations.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace ssmix2 {

constexpr char32_t kReplacement = 0xFFFD;

constexpr bool is_control(unsigned char byte) {
  return byte < 0x20 || byte == 0x7F;
}
constexpr bool is_line_end(unsigned char byte) {
  return byte == '\r' || byte == '\n';
}
/// As a byte of eight bits, of which JIS X 0201 has no others.
constexpr bool is_half_width_kana(unsigned char byte) {
  return byte >= 0xA1 && byte <= 0xDF;
}

/// Returns where the next one goes.
inline char* append_utf8(char* to, char32_t code) {
  const auto byte = [&to](char32_t value) { *to++ = static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
  return to;
}

class TextWriter {
 public:
  TextDeviations deviations;

  /// No byte of any encoding becomes more than three: half-width kana, U+FFFD and two code points of a cell.
  explicit TextWriter(std::size_t input_bytes)
      : buffer_(std::make_unique_for_overwrite<char[]>(3 * input_bytes + kWord)), end_(buffer_.get()) {}

  std::string text() const { return std::string(buffer_.get(), end_); }
  std::size_t size() const { return static_cast<std::size_t>(end_ - buffer_.get()); }

  /// Copies bytes for as long as they are 0x20-0x7E, and tells where that ends.
  const unsigned char* append_plain(const unsigned char* at, const unsigned char* const end) {
    char* to = end_;  // a member would be written back at each byte: a char may be part of anything
    while (end - at >= static_cast<std::ptrdiff_t>(kWord)) {
      const std::size_t plain = copy_word(at, to);
      at += plain;
      to += plain;
      if (plain == kWord) continue;
      end_ = to;
      return at;
    }
    while (at != end && *at < 0x80 && !is_control(*at)) *to++ = static_cast<char>(*at++);
    end_ = to;
    return at;
  }

  void append(char32_t code) { end_ = append_utf8(end_, code); }

  /// For loops that append much: `end()` is theirs to move until they give it back.
  char* end() const { return end_; }
  void move_end(char* end) { end_ = end; }

  /// HL7 knows line ends and tabs, MLLP its marks; FHIR's strings can hold no other control character.
  void append_control(unsigned char control) {
    if (is_line_end(control) || control == '\t' || control == '\x0B' || control == '\x1C') {
      append(control);
    } else {
      replace();
    }
  }

  /// `index` counts from 0xA1, or 0x21 in a seven-bit set.
  void append_half_width_kana(unsigned index) {
    append(0xFF61 + index);
    ++deviations.half_width_kana;
  }

  void append_bytes(const unsigned char* at, std::size_t count) {
    std::memcpy(end_, at, count);
    end_ += count;
  }

  void replace() {
    append(kReplacement);
    ++deviations.replaced;
  }

 private:
  static constexpr std::size_t kWord = 8;

  /// Copies a word and tells how many of its first bytes are plain. Most runs are short: eight bytes at a
  /// time without a branch for each beat both a loop and wider registers.
  static std::size_t copy_word(const unsigned char* at, char* to) {
    static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    std::uint64_t word;
    std::memcpy(&word, at, kWord);
    std::memcpy(to, &word, kWord);
    const std::uint64_t below_space = word - 0x20 * kOnes;  // a borrow spoils only bytes behind a control
    const std::uint64_t above_tilde = word + kOnes;         // a carry only those behind a byte of eight bits
    const std::uint64_t marks = (word | below_space | above_tilde) & (0x80 * kOnes);
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }

  std::unique_ptr<char[]> buffer_;
  char* end_;
};

}  // namespace ssmix2
