// Any bytes become UTF-8 or are cut off at one of them; each byte of the text leads back into the file.
#include "ssmix2/check.h"
#include "ssmix2/completeness.h"
#include "ssmix2/text_decoder.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/utf8.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

using namespace ssmix2;

namespace {

constexpr std::string_view kReplacement = "\uFFFD";

std::size_t replacements_in(std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(kReplacement); at != text.npos; at = text.find(kReplacement, at + 1)) ++count;
  return count;
}

bool begins_character(char byte) {
  return (byte & 0xC0) != 0x80;
}

/// The second code points of cells of JIS X 0213.
bool is_second_of_cell(std::string_view text) {
  return std::ranges::any_of(
      std::to_array<std::string_view>({"\u309A", "\u0300", "\u0301", "\u02E5", "\u02E9"}),
      [&](std::string_view mark) { return text.starts_with(mark); });
}

void check_text(std::string_view bytes, const DecodedText& text) {
  KAKEHASHI_CHECK(fuzz::is_utf8(text.utf8));
  KAKEHASHI_CHECK(text.utf8.size() <= 3 * bytes.size());  // a byte of kana becomes three, a pair six
  const TextDeviations& deviations = text.deviations;
  KAKEHASHI_CHECK(deviations.cp932_files + deviations.utf8_files <= 1);
  KAKEHASHI_CHECK(deviations.gaiji <= deviations.replaced);
  // Only a file in UTF-8 can have the character itself.
  const std::size_t replacements = replacements_in(text.utf8);
  KAKEHASHI_CHECK(deviations.utf8_files == 1 ? deviations.replaced <= replacements
                                             : deviations.replaced == replacements);
}

/// Each offset costs some ten decodings, so that of long texts only a few are asked for.
void check_source_bytes(std::string_view file, std::string_view text) {
  const std::size_t step = text.size() <= 64 ? 1 : text.size() / 8;
  std::size_t last = 0;
  for (std::size_t offset = 0; offset < text.size(); offset += step) {
    const auto byte = source_byte_of(file, offset);
    KAKEHASHI_CHECK(byte && *byte < file.size() && *byte >= last);
    const std::string_view rest = text.substr(offset);
    // What is ASCII in the text is the same byte in the file, whatever the encoding.
    KAKEHASHI_CHECK(static_cast<unsigned char>(rest[0]) >= 0x80 || file[*byte] == rest[0]);
    if (!begins_character(rest[0])) {
      KAKEHASHI_CHECK(step > 1 || *byte == last);
    } else if (offset != 0 && !is_second_of_cell(rest)) {
      KAKEHASHI_CHECK(*byte > last);
    }
    last = *byte;
  }
  const auto end = source_byte_of(file, text.size());
  KAKEHASHI_CHECK(end && *end <= file.size() && (text.empty() || *end > last));
  KAKEHASHI_CHECK(!source_byte_of(file, text.size() + 1));
}

/// Whoever waits for the end of a file waits for all that is cut off, and its end is enough.
void check_completeness(std::string_view bytes, const Result<DecodedText>& text) {
  const auto incomplete = find_incompleteness(bytes);
  KAKEHASHI_CHECK(incomplete || text);
  const std::string ended = std::string(bytes) + "\r";
  KAKEHASHI_CHECK(decode_text(ended).has_value());
  if (!incomplete || incomplete->code != FailureCode::text_truncated_character) return;
  KAKEHASHI_CHECK(incomplete->place.byte > 0 && incomplete->place.byte <= bytes.size());
  KAKEHASHI_CHECK(!find_incompleteness(ended));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto text = decode_text(bytes);
  check_completeness(bytes, text);
  if (text) {
    check_text(bytes, *text);
    check_source_bytes(bytes, text->utf8);
    return 0;
  }
  KAKEHASHI_CHECK(text.error().code == FailureCode::text_truncated_character);
  KAKEHASHI_CHECK(text.error().place.byte < bytes.size());
  KAKEHASHI_CHECK(!source_byte_of(bytes, 0));
  return 0;
}
