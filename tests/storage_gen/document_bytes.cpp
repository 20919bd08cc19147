#include "tests/storage_gen/document_bytes.h"

#include <array>

namespace storage_gen {
namespace {

/// U+30A1 ァ to U+30FC ー. The middle dot stays as it is: it separates 記号 from 番号 in IN1-10. Letters that
/// half-width kana lack (ヮ ヰ ヱ ヵ ヶ) are written by their nearest, as converters do.
constexpr std::array<std::string_view, 92> kHalfWidth = {
    "ｧ",  "ｱ",  "ｨ",  "ｲ",  "ｩ",  "ｳ",  "ｪ",  "ｴ",  "ｫ",  "ｵ",  "ｶ",  "ｶﾞ", "ｷ",  "ｷﾞ", "ｸ", "ｸﾞ",
    "ｹ",  "ｹﾞ", "ｺ",  "ｺﾞ", "ｻ",  "ｻﾞ", "ｼ",  "ｼﾞ", "ｽ",  "ｽﾞ", "ｾ",  "ｾﾞ", "ｿ",  "ｿﾞ", "ﾀ", "ﾀﾞ",
    "ﾁ",  "ﾁﾞ", "ｯ",  "ﾂ",  "ﾂﾞ", "ﾃ",  "ﾃﾞ", "ﾄ",  "ﾄﾞ", "ﾅ",  "ﾆ",  "ﾇ",  "ﾈ",  "ﾉ",  "ﾊ", "ﾊﾞ",
    "ﾊﾟ", "ﾋ",  "ﾋﾞ", "ﾋﾟ", "ﾌ",  "ﾌﾞ", "ﾌﾟ", "ﾍ",  "ﾍﾞ", "ﾍﾟ", "ﾎ",  "ﾎﾞ", "ﾎﾟ", "ﾏ",  "ﾐ", "ﾑ",
    "ﾒ",  "ﾓ",  "ｬ",  "ﾔ",  "ｭ",  "ﾕ",  "ｮ",  "ﾖ",  "ﾗ",  "ﾘ",  "ﾙ",  "ﾚ",  "ﾛ",  "ﾜ",  "ﾜ", "ｲ",
    "ｴ",  "ｦ",  "ﾝ",  "ｳﾞ", "ｶ",  "ｹ",  "ヷ", "ヸ", "ヹ", "ヺ", "・", "ｰ"};

std::string to_half_width(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead != 0xE3 || at + 3 > text.size()) {
      result += text[at++];
      continue;
    }
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const auto third = static_cast<unsigned char>(text[at + 2]);
    const unsigned character = 0x3000u | ((second & 0x3Fu) << 6) | (third & 0x3Fu);
    const bool katakana = character >= 0x30A1 && character < 0x30A1 + kHalfWidth.size();
    result += katakana ? kHalfWidth[character - 0x30A1] : text.substr(at, 3);
    at += 3;
  }
  return result;
}

std::string_view terminator_bytes(Terminator terminator) {
  switch (terminator) {
    case Terminator::cr:
      return "\r";
    case Terminator::crlf:
      return "\r\n";
    case Terminator::lf:
      return "\n";
  }
  return "\r";
}

}  // namespace

std::string document_bytes(std::string_view message, const TextForm& form, const Iso2022JpEncoder& encoder) {
  const std::string converted = form.half_width_kana ? to_half_width(message) : std::string();
  std::string_view rest = form.half_width_kana ? std::string_view(converted) : message;
  const std::string_view terminator = terminator_bytes(form.terminator);
  std::string bytes;
  bytes.reserve(rest.size() + rest.size() / 8);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\r');
    encoder.append(rest.substr(0, end), bytes);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!rest.empty() || !form.no_last_terminator) bytes += terminator;
  }
  if (form.file_separator) bytes += '\x1C';
  return bytes;
}

}  // namespace storage_gen
