#include "ssmix2/jis_decoder.h"

#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;
using namespace std::string_literals;

namespace {

DecodedText decoded(std::string_view bytes) {
  const auto result = decode_iso2022jp(bytes);
  REQUIRE(result.has_value());
  return *result;
}

Failure failure_of(std::string_view bytes) {
  const auto result = decode_iso2022jp(bytes);
  REQUIRE(result.has_error());
  return result.error();
}

Failure at(FailureCode code, std::size_t byte) {
  return {code, {.byte = byte}};
}

}  // namespace

TEST_CASE("ASCII is unchanged and deviates in nothing") {
  const auto text = decoded("MSH|^~\\&|HIS\rPID|\t1\nPV1");
  CHECK(text.utf8 == "MSH|^~\\&|HIS\rPID|\t1\nPV1");
  CHECK(text.deviations == TextDeviations{});
}

TEST_CASE("two-byte characters become UTF-8") {
  const auto text = decoded("PID|\x1B$B2M66\x1B(B^\x1B$BB@O:\x1B(B|");
  CHECK(text.utf8 == "PID|架橋^太郎|");
  CHECK(text.deviations == TextDeviations{});
}

TEST_CASE("delimiter bytes inside two-byte characters are not delimiters") {
  CHECK(decoded("\x1B$BE|G\"IB\x1B(B|").utf8 == "糖尿病|");
  CHECK(decoded("\x1B$B0^%\\1&\x1B(B").utf8 == "緯ボ右");
}

TEST_CASE("extension characters are decoded and counted") {
  const auto text = decoded("\x1B$B-!-j|byu0!\x1B(B");
  CHECK(text.utf8 == "①㈱髙﨑亜");
  CHECK(text.deviations == TextDeviations{.extension_cells = 4});
}

TEST_CASE("unassigned cells become replacement characters and are counted") {
  const auto text = decoded("\x1B$B.!0!~~\x1B(B");
  CHECK(text.utf8 == "\uFFFD亜\uFFFD");
  CHECK(text.deviations == TextDeviations{.unassigned_cells = 2});
}

TEST_CASE("half-width kana by escape or as single bytes stay half-width") {
  const auto escaped = decoded("\x1B(I61\x1B(B|");
  CHECK(escaped.utf8 == "ｶｱ|");
  CHECK(escaped.deviations == TextDeviations{.half_width_kana = 2});
  CHECK(decoded("\x1B(I!_").utf8 == "｡ﾟ");
  CHECK(decoded("\x1B(I6 6").utf8 == "ｶ ｶ");
  const auto raw = decoded("a\xB6\xA1\xDF|");
  CHECK(raw.utf8 == "aｶ｡ﾟ|");
  CHECK(raw.deviations == TextDeviations{.half_width_kana = 3});
}

TEST_CASE("the backslash and tilde of JIS Latin are read as ASCII, because HL7 needs them") {
  const auto text = decoded("\x1B$B2M\x1B(J\\~^\x1B(B");
  CHECK(text.utf8 == "架\\~^");
  CHECK(text.deviations == TextDeviations{.jis_latin_escapes = 1});
}

TEST_CASE("the escape of old JIS is that of JIS X 0208") {
  const auto text = decoded("\x1B$@2M\x1B(B");
  CHECK(text.utf8 == "架");
  CHECK(text.deviations == TextDeviations{.old_jis_escapes = 1});
}

TEST_CASE("two-byte mode and kana mode end with the line") {
  const auto text = decoded("\x1B$B2M\rPID|\x1B$B66\nX|\x1B(I6\rB|\x1B$B2M");
  CHECK(text.utf8 == "架\rPID|橋\nX|ｶ\rB|架");
  CHECK(text.deviations == TextDeviations{.half_width_kana = 1, .shift_left_open = 3});
  CHECK(decoded("A\r\x1B$B2M\r").deviations.shift_left_open == 1);
}

TEST_CASE("marks before and after the message are dropped, offsets stay those of the file") {
  CHECK(decoded("\xEF\xBB\xBFMSH\r\x1C\r").utf8 == "MSH");
  CHECK(decoded("\x0BMSH\r\n\x1A\0\0"s).utf8 == "MSH");
  CHECK(decoded("\xEF\xBB\xBF\x0BMSH").utf8 == "MSH");
  CHECK(decoded("").utf8.empty());
  CHECK(decoded("\r\n\x1C").utf8.empty());
  CHECK(decoded("A\x0B\x1C"
                "B")
            .utf8 ==
        "A\x0B\x1C"
        "B");
  CHECK(failure_of("\xEF\xBB\xBF\x0B"
                   "ab\x80") == at(FailureCode::text_bad_byte, 6));
}

TEST_CASE("a character cut off by the end, a control character or an escape is refused") {
  CHECK(failure_of("ab\x1B$B2") == at(FailureCode::text_truncated_character, 5));
  CHECK(failure_of("\x1B$B2M6\rPID") == at(FailureCode::text_truncated_character, 5));
  CHECK(failure_of("\x1B$B2\x1B(B") == at(FailureCode::text_truncated_character, 3));
  CHECK(failure_of("ab\x1B") == at(FailureCode::text_truncated_character, 2));
  CHECK(failure_of("ab\x1B$") == at(FailureCode::text_truncated_character, 2));
  CHECK(failure_of("ab\x1B$\r") == at(FailureCode::text_truncated_character, 2));
}

TEST_CASE("bytes that no part of ISO-2022-JP has are refused") {
  CHECK(failure_of("a\x82\xA0") == at(FailureCode::text_bad_byte, 1));      // Shift_JIS
  CHECK(failure_of("a\xE3\x81\x82") == at(FailureCode::text_bad_byte, 1));  // UTF-8
  CHECK(failure_of("a\xE0") == at(FailureCode::text_bad_byte, 1));
  CHECK(failure_of("a\xA0") == at(FailureCode::text_bad_byte, 1));
  CHECK(failure_of("a\0b"s) == at(FailureCode::text_bad_byte, 1));
  CHECK(failure_of("a\x7F"
                   "b") == at(FailureCode::text_bad_byte, 1));
  CHECK(failure_of("a\x0E"
                   "b") == at(FailureCode::text_bad_byte, 1));
  CHECK(failure_of("\x1B$B2\xCD") == at(FailureCode::text_bad_byte, 4));
  CHECK(failure_of("\x1B$B\xB2\xCD") == at(FailureCode::text_bad_byte, 3));
  CHECK(failure_of("\x1B$B 2M") == at(FailureCode::text_bad_byte, 3));
  CHECK(failure_of("\x1B$B2 M") == at(FailureCode::text_bad_byte, 4));
  CHECK(failure_of("\x1B(I6|") == at(FailureCode::text_bad_byte, 4));
}

TEST_CASE("escapes of other character sets are refused") {
  CHECK(failure_of("ab\x1B$(D0!") == at(FailureCode::text_unknown_escape, 2));  // JIS X 0212
  CHECK(failure_of("ab\x1B$A0!") == at(FailureCode::text_unknown_escape, 2));
  CHECK(failure_of("ab\x1B(Hxx") == at(FailureCode::text_unknown_escape, 2));
  CHECK(failure_of("\x1B$B2M\x1B(Zx") == at(FailureCode::text_unknown_escape, 5));
}
