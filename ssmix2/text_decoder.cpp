#include "ssmix2/text_decoder.h"

#include "ssmix2/cp932_decoder.h"
#include "ssmix2/jis_decoder.h"
#include "ssmix2/utf8_decoder.h"

#include <algorithm>

namespace ssmix2 {
namespace {

constexpr std::string_view kTrailing{"\x1C\r\n\x1A\0", 5};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Both decide it: a seven-bit file with half-width kana alone has only ESC ( I.
bool has_iso2022_escape(std::string_view bytes) {
  for (auto at = bytes.find('\x1B'); at != std::string_view::npos; at = bytes.find('\x1B', at + 1)) {
    const std::string_view behind = bytes.substr(at + 1);
    if (behind.starts_with('$') || behind.starts_with('(')) return true;
  }
  return false;
}

bool is_seven_bit(std::string_view bytes) {
  return std::ranges::none_of(bytes, [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; });
}

enum class Encoding { iso2022jp, utf8, cp932 };

Encoding encoding_of(const TextSpan& text, bool has_byte_order_mark) {
  if (has_iso2022_escape(text.bytes) || is_seven_bit(text.bytes)) return Encoding::iso2022jp;
  return has_byte_order_mark || is_probably_utf8(text) ? Encoding::utf8 : Encoding::cp932;
}

/// What is to be known of a whole file before any of it is decoded.
struct TextFile {
  TextSpan text;
  std::size_t begin;  // of the text in the file
  Encoding encoding;
  TextDeviations deviations;
};

TextFile examine(std::string_view bytes) {
  const std::size_t end = bytes.find_last_not_of(kTrailing) + 1;
  const std::string_view trailing = bytes.substr(end);
  const std::string_view content = bytes.substr(0, end);
  const bool has_byte_order_mark = content.starts_with(kByteOrderMark);
  std::size_t begin = has_byte_order_mark ? kByteOrderMark.size() : 0;
  const bool has_start_block = content.substr(begin).starts_with('\x0B');
  if (has_start_block) ++begin;

  const TextSpan text{content.substr(begin), trailing.find_first_of("\r\n\x1C") != std::string_view::npos};
  TextFile file{text, begin, encoding_of(text, has_byte_order_mark), {}};
  if (file.encoding == Encoding::utf8) ++file.deviations.utf8_files;
  if (file.encoding == Encoding::cp932) ++file.deviations.cp932_files;
  if (has_byte_order_mark) ++file.deviations.byte_order_marks;
  if (has_start_block || trailing.find('\x1C') != std::string_view::npos) ++file.deviations.mllp_marks;
  return file;
}

std::optional<std::size_t> decode(const TextSpan& text, Encoding encoding, TextWriter& out) {
  switch (encoding) {
    case Encoding::iso2022jp:
      return decode_iso2022jp(text, out);
    case Encoding::utf8:
      return decode_utf8(text, out);
    case Encoding::cp932:
      return decode_cp932(text, out);
  }
  return std::nullopt;
}

/// Bytes of UTF-8 that come from what begins before `stop_at` in the text; nothing when that is cut off.
std::optional<std::size_t> decoded_size(const TextFile& file, std::size_t stop_at) {
  TextSpan text = file.text;
  text.stop_at = stop_at;
  TextWriter out(text.bytes.size());
  if (decode(text, file.encoding, out)) return std::nullopt;
  return out.size();
}

}  // namespace

Result<DecodedText> decode_text(std::string_view bytes) {
  const TextFile file = examine(bytes);
  TextWriter out(file.text.bytes.size());
  out.deviations = file.deviations;
  if (const auto cut_at = decode(file.text, file.encoding, out)) {
    return Failure{FailureCode::text_truncated_character, {.byte = file.begin + *cut_at}};
  }
  return DecodedText{out.text(), out.deviations};
}

std::optional<std::size_t> source_byte_of(std::string_view bytes, std::size_t utf8_offset) {
  const TextFile file = examine(bytes);
  const std::size_t size = file.text.bytes.size();
  const auto whole = decoded_size(file, size);
  if (!whole || *whole < utf8_offset) return std::nullopt;
  // The last place before which no more than the offset was decoded.
  std::size_t place = 0, too_far = size + 1;
  while (too_far - place > 1) {
    const std::size_t middle = place + (too_far - place) / 2;
    (*decoded_size(file, middle) <= utf8_offset ? place : too_far) = middle;
  }
  return file.begin + place;
}

}  // namespace ssmix2
