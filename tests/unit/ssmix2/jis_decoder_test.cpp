#include "ssmix2/text_decoder.h"

#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;
using namespace std::string_literals;

namespace {

/// As lines of a file: what the end of a file does to text is of another test.
DecodedText decoded(const std::string& bytes) {
  const auto result = decode_text(bytes + "\r");
  REQUIRE(result.has_value());
  return *result;
}

std::size_t cut_at(std::string_view bytes) {
  const auto result = decode_text(bytes);
  REQUIRE(result.has_error());
  CHECK(result.error().code == FailureCode::text_truncated_character);
  return result.error().place.byte;
}

void check_replaced(const std::string& bytes, const std::string& utf8, std::size_t count) {
  const DecodedText text = decoded(bytes);
  CHECK(text.utf8 == utf8);
  CHECK(text.deviations.replaced == count);
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
  CHECK(decoded("\x1B$(B2M\x1B(B").utf8 == "架");
  CHECK(decoded("\x1B&@\x1B$B2M\x1B(B").deviations == TextDeviations{});
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

TEST_CASE("JIS X 0212 and both planes of JIS X 0213 are decoded and counted") {
  const auto supplementary = decoded("\x1B$(D0!\"7\x1B(B|");
  CHECK(supplementary.utf8 == "丂～|");
  CHECK(supplementary.deviations == TextDeviations{.jis_x_0212_cells = 2});
  const auto of_2000 = decoded("\x1B$(O.!\x1B(B|\x1B$(P!!\x1B(B|");
  CHECK(of_2000.utf8 == "\u4FF1|\U00020089|");
  CHECK(of_2000.deviations == TextDeviations{.jis_x_0213_cells = 2});
  CHECK(decoded("\x1B$(Q.!\x1B(B").utf8 == "\u4FF1");
}

TEST_CASE("a cell of JIS X 0213 may be two code points or one above the basic plane") {
  CHECK(decoded("\x1B$(Q$w%|\x1B(B").utf8 == "\u304B\u309A\u30BB\u309A");
  CHECK(decoded("\x1B$(Q.\"\x1B(B").utf8 == "\U0002000B");
}

TEST_CASE("half-width kana by escape, by shift out or as single bytes stay half-width") {
  const auto escaped = decoded("\x1B(I61\x1B(B|");
  CHECK(escaped.utf8 == "ｶｱ|");
  CHECK(escaped.deviations == TextDeviations{.half_width_kana = 2});
  CHECK(decoded("\x1B(I!_").utf8 == "｡ﾟ");
  CHECK(decoded("\x1B(I6 6").utf8 == "ｶ ｶ");
  const auto shifted = decoded(
      "\x1B)I\x0E"
      "61\x0F|\x1B$B2M\x0E"
      "6\x0F"
      "66\x1B(B");
  CHECK(shifted.utf8 == "ｶｱ|架ｶ橋");
  CHECK(shifted.deviations == TextDeviations{.half_width_kana = 3});
  const auto raw = decoded("\x1B$B2M\x1B(B\xB6\xA1\xDF|");
  CHECK(raw.utf8 == "架ｶ｡ﾟ|");
  CHECK(raw.deviations == TextDeviations{.half_width_kana = 3});
}

TEST_CASE("kana mode that was not left ends at a delimiter that no kana is") {
  const auto text = decoded("\x1B(I6|0001^~&|\x1B(I6~6|");
  CHECK(text.utf8 == "ｶ|0001^~&|ｶ~6|");
  CHECK(text.deviations == TextDeviations{.half_width_kana = 2, .shift_left_open = 2});
}

TEST_CASE("shift out without a set to shift to hides no delimiters") {
  check_replaced("a\x0E|b\x0F|", "a\uFFFD|b\uFFFD|", 2);
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

TEST_CASE("an unassigned cell becomes one replacement character") {
  check_replaced("\x1B$B.!0!~~\x1B(B|", "\uFFFD亜\uFFFD|", 2);
  check_replaced("\x1B$(D!!\x1B(B|", "\uFFFD|", 1);
}

TEST_CASE("a pair cut by a control character or an escape is replaced, what cuts it is kept") {
  check_replaced("\x1B$B2M6\rPID|", "架\uFFFD\rPID|", 1);
  check_replaced("\x1B$B2\nPID|", "\uFFFD\nPID|", 1);
  check_replaced("\x1B$B2\x1B(B|", "\uFFFD|", 1);
  check_replaced("\x1B$B2\t2M\x1B(B|", "\uFFFD\t架|", 1);
  check_replaced("\x1B$B2 2M\x1B(B|", "\uFFFD 架|", 1);
  check_replaced("\x1B$B 2M\x1B(B|", " 架|", 0);
}

TEST_CASE("a pair with a byte of eight bits is replaced as a whole, so that the pairs behind it stay pairs") {
  check_replaced("\x1B$B2\xCD\x32M\x1B(B|", "\uFFFD架|", 1);
  check_replaced("\x1B$B\xB2M2M\x1B(B|", "\uFFFD架|", 1);
  check_replaced("\x1B$B\x85|2M\x1B(B|", "\uFFFD架|", 1);
}

TEST_CASE("a byte that no set has is replaced by itself") {
  check_replaced("\x1B(Ba\x82\xA0|", "a\uFFFD\uFFFD|", 2);  // Shift_JIS
  check_replaced("\x1B(Ba\xE0|", "a\uFFFD|", 1);
  check_replaced("a\0b"s, "a\uFFFDb", 1);
  check_replaced("a\x7F|", "a\uFFFD|", 1);
  check_replaced(
      "\x1B$B2M\0"
      "2M\x1B(B|"s,
      "架\uFFFD架|", 1);
  check_replaced("\x1B(I6x6\x1B(B|", "ｶ\uFFFDｶ|", 1);
}

TEST_CASE("an unknown escape is replaced and counted, and swallows no delimiter") {
  const auto text = decoded("ab\x1B(Zx|\x1B.Ax|\x1B|\x1B(|\x1B&|\x1B\rPID|");
  CHECK(text.utf8 == "ab\uFFFDx|\uFFFDx|\uFFFD|\uFFFD(|\uFFFD&|\uFFFD\rPID|");
  CHECK(text.deviations == TextDeviations{.replaced = 6, .unknown_escapes = 6});
  CHECK(decoded("\x1B$B2M\x1B(Zx").utf8 == "架\uFFFDx");
}

TEST_CASE("behind the escape of an unknown two-byte set every pair is unknown, and none is a delimiter") {
  check_replaced("\x1B$A0!E|\x1B(B|", "\uFFFD\uFFFD\uFFFD|", 3);  // GB 2312
  check_replaced("\x1B$(C0!\rPID|", "\uFFFD\uFFFD\rPID|", 2);     // KS X 1001
}

TEST_CASE("a file that ends inside a character or an escape is cut off there") {
  CHECK(cut_at("ab\x1B$B2") == 5);
  CHECK(cut_at("\x1B$B2M2\0\0"s) == 5);
  CHECK(cut_at("ab\x1B") == 2);
  CHECK(cut_at("ab\x1B$") == 2);
  CHECK(cut_at("ab\x1B$(") == 2);
  CHECK(cut_at("ab\x1B&") == 2);
  CHECK(cut_at("\xEF\xBB\xBF\x0B"
               "ab\x1B(") == 6);
}

TEST_CASE("behind a segment end nothing can follow: what was cut off there is replaced") {
  check_replaced("ab\x1B$B2\r", "ab\uFFFD", 1);
  check_replaced("ab\x1B\r", "ab\uFFFD", 1);
  CHECK(decode_text("ab\x1B$B2\x1C").has_value());
  CHECK(decode_text("ab\x1B$B2\n").has_value());
}
