#include "ssmix2/utf8_decoder.h"

#include <algorithm>

namespace ssmix2 {
namespace {

/// The longest beginning of a character at some place.
struct Sequence {
  std::size_t length;   // bytes that belong together
  std::size_t missing;  // bytes that should follow and do not; 0 in a whole character
  bool is_lead;         // false: no character begins like that
};

std::size_t length_by(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// Overlong forms, surrogates and what is above U+10FFFF show in the second byte.
bool is_second(unsigned char lead, unsigned char byte) {
  const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return byte >= least && byte <= most;
}

/// Of a byte above 0x7F.
Sequence sequence_at(const unsigned char* at, const unsigned char* end) {
  const std::size_t whole = length_by(*at);
  if (whole == 0) return {1, 0, false};
  std::size_t length = 1;
  while (length < whole && at + length != end) {
    const bool follows = length == 1 ? is_second(*at, at[1]) : (at[length] & 0xC0) == 0x80;
    if (!follows) break;
    ++length;
  }
  return {length, whole - length, true};
}

bool is_whole(const Sequence& sequence) {
  return sequence.is_lead && sequence.missing == 0;
}
bool is_cut_off(const Sequence& sequence, const unsigned char* at, const unsigned char* end) {
  return sequence.is_lead && sequence.missing > 0 && at + sequence.length == end;
}

}  // namespace

bool is_probably_utf8(const TextSpan& text) {
  std::size_t wide = 0, bad = 0;
  bool all_kana = true;
  for (const unsigned char* at = text.begin(); at != text.end();) {
    if (*at < 0x80) {
      ++at;
      continue;
    }
    const Sequence sequence = sequence_at(at, text.end());
    all_kana = all_kana && std::all_of(at, at + sequence.length, is_half_width_kana);
    if (is_whole(sequence)) {
      if (sequence.length > 2) ++wide;
    } else if (text.is_ended || !is_cut_off(sequence, at, text.end())) {
      ++bad;
    }
    at += sequence.length;
  }
  return bad == 0 ? wide > 0 || !all_kana : wide > bad;
}

std::optional<std::size_t> decode_utf8(const TextSpan& text, TextWriter& out) {
  const unsigned char* at = text.begin();
  while (at < text.stop() && (at = out.append_plain(at, text.stop())) < text.stop()) {
    if (*at < 0x80) {
      out.append_control(*at++);
      continue;
    }
    const Sequence sequence = sequence_at(at, text.end());
    if (is_whole(sequence)) {
      out.append_bytes(at, sequence.length);
    } else if (!text.is_ended && is_cut_off(sequence, at, text.end())) {
      return at - text.begin();
    } else {
      out.replace();
    }
    at += sequence.length;
  }
  return std::nullopt;
}

}  // namespace ssmix2
