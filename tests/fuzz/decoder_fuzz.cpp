// Any bytes become UTF-8 or are refused at one of them; each byte of the text leads back into the file.
#include "ssmix2/check.h"
#include "ssmix2/completeness.h"
#include "ssmix2/jis_decoder.h"
#include "ssmix2/value_place.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/utf8.h"

#include <optional>
#include <string>
#include <string_view>

using namespace ssmix2;

namespace {

// The one place that knows how the decoder answers.
std::optional<std::string> decode(std::string_view bytes) {
  auto text = decode_iso2022jp(bytes);
  if (text) return std::move(text->utf8);
  KAKEHASHI_CHECK(text.error().place.byte < bytes.size());
  return std::nullopt;
}

/// At two offsets only: each costs some fifty decodings.
void check_source_bytes(std::string_view file, const std::string& text) {
  std::size_t last = 0;
  for (const std::size_t offset : {text.size() / 2, text.size()}) {
    const auto byte = source_byte_of(file, offset);
    KAKEHASHI_CHECK(byte && *byte <= file.size() && *byte >= last);
    const auto before = decode(file.substr(0, *byte));
    KAKEHASHI_CHECK(before && before->size() <= offset);
    last = *byte;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(find_incompleteness(bytes));
  const auto text = decode(bytes);
  if (!text) return 0;
  KAKEHASHI_CHECK(fuzz::is_utf8(*text));
  KAKEHASHI_CHECK(text->size() <= 3 * bytes.size());  // a byte of kana becomes three, a pair too
  KAKEHASHI_CHECK(decode(bytes) == text);
  check_source_bytes(bytes, *text);
  return 0;
}
