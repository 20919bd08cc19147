#include "ssmix2/text_decoder.h"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace ssmix2;
using namespace std::string_literals;

namespace {

DecodedText decoded(std::string_view bytes) {
  const auto result = decode_text(bytes);
  REQUIRE(result.has_value());
  return *result;
}

std::size_t cut_at(std::string_view bytes) {
  const auto result = decode_text(bytes);
  REQUIRE(result.has_error());
  CHECK(result.error().code == FailureCode::text_truncated_character);
  return result.error().place.byte;
}

/// Of each byte of the text, and of its end.
std::vector<std::size_t> sources_of(std::string_view bytes) {
  const std::size_t size = decoded(bytes).utf8.size();
  std::vector<std::size_t> sources;
  for (std::size_t offset = 0; offset <= size; ++offset) {
    const auto source = source_byte_of(bytes, offset);
    REQUIRE(source);
    sources.push_back(*source);
  }
  CHECK_FALSE(source_byte_of(bytes, size + 1));
  return sources;
}

using Sources = std::vector<std::size_t>;

}  // namespace

TEST_CASE("marks before and after the message are dropped and counted") {
  CHECK(decoded("MSH\r\n\x1A\0\0"s).deviations == TextDeviations{});
  CHECK(decoded("").utf8.empty());
  CHECK(decoded("\r\n").utf8.empty());
  const auto marked = decoded("\xEF\xBB\xBF\x0BMSH\r\x1C\r");
  CHECK(marked.utf8 == "MSH");
  CHECK(marked.deviations == TextDeviations{.byte_order_marks = 1, .mllp_marks = 1});
  CHECK(decoded("MSH\r\x1C").deviations == TextDeviations{.mllp_marks = 1});
  CHECK(decoded("A\x0B\x1C"
                "B")
            .utf8 ==
        "A\x0B\x1C"
        "B");
}

// --- which encoding ---

TEST_CASE("a file with an escape of ISO 2022 is ISO-2022-JP whatever else it has") {
  CHECK(decoded("\x1B$B2M\x1B(B\xE3\x81\x82").deviations.utf8_files == 0);
  CHECK(decoded("\x1B(I6\x1B(B\xB6\xC5|").utf8 == "ｶｶﾅ|");
  CHECK(decoded("\x1B(I6\x1B(B\xB6\xC5|").deviations == TextDeviations{.half_width_kana = 3});
}

TEST_CASE("a file in UTF-8 is read as such, with and without a mark") {
  const auto text = decoded("PID|架橋^太郎|±𠀋\rNTE|");
  CHECK(text.utf8 == "PID|架橋^太郎|±𠀋\rNTE|");
  CHECK(text.deviations == TextDeviations{.utf8_files = 1});
  const auto marked = decoded("\xEF\xBB\xBF架\xFF橋");
  CHECK(marked.utf8 == "架\uFFFD橋");
  CHECK(marked.deviations == TextDeviations{.utf8_files = 1, .byte_order_marks = 1, .replaced = 1});
}

TEST_CASE("a file in CP932 is read as such") {
  const auto text = decoded("PID|\x89\xCB\x8B\xB4^\xC0\xDB\xB3|\x95\\|\r");
  CHECK(text.utf8 == "PID|架橋^ﾀﾛｳ|表|");
  CHECK(text.deviations == TextDeviations{.cp932_files = 1, .half_width_kana = 3});
}

TEST_CASE("half-width kana alone are CP932, even where they would be UTF-8") {
  CHECK(decoded("a\xB6\xA1\xDF|").utf8 == "aｶ｡ﾟ|");
  CHECK(decoded("\xC4\xB3|").utf8 == "ﾄｳ|");
  CHECK(decoded("±|架").utf8 == "±|架");
  CHECK(decoded("×|").utf8 == "×|");
}

TEST_CASE("a bad byte among much UTF-8 does not make it CP932, which would be other names") {
  const auto text = decoded("架橋\xFF太郎|");
  CHECK(text.utf8 == "架橋\uFFFD太郎|");
  CHECK(text.deviations == TextDeviations{.utf8_files = 1, .replaced = 1});
}

// --- CP932 ---

TEST_CASE("the rows of NEC and IBM are decoded in CP932 and counted") {
  const auto text = decoded("\x87\x40\x87\x8A\xEE\xE0\xED\x95\xFA\xB1\xFB\xFC|");
  CHECK(text.utf8 == "①㈱髙﨑﨑髙|");
  CHECK(text.deviations == TextDeviations{.cp932_files = 1, .extension_cells = 6});
}

TEST_CASE("user-defined characters are replaced, one for each, and counted") {
  const auto text = decoded("\xF0\x40\xF9\xFC\xF1|X|");
  CHECK(text.utf8 == "\uFFFD\uFFFD\uFFFDX|");
  CHECK(text.deviations == TextDeviations{.cp932_files = 1, .replaced = 3, .gaiji = 3});
}

TEST_CASE("a bad pair of CP932 takes no delimiter, line end or letter with it") {
  const auto replaced = [](std::string_view bytes) {
    const auto text = decoded(bytes);
    CHECK(text.deviations.cp932_files == 1);
    return text.utf8;
  };
  CHECK(replaced("\x89\rPID|") == "\uFFFD\rPID|");
  CHECK(replaced("\x89\nPID|") == "\uFFFD\nPID|");
  CHECK(replaced("\x85|PID|") == "\uFFFD|PID|");
  CHECK(replaced("\x85^\x85&") == "\uFFFD^\uFFFD&");
  CHECK(replaced("\x89\x1C|") == "\uFFFD\x1C|");
  CHECK(replaced("\x85\xF0|") == "\uFFFD|");
  CHECK(replaced("\x80\xA0\xFD\xFF|") == "\uFFFD\uFFFD\uFFFD\uFFFD|");
}

// --- UTF-8 ---

TEST_CASE("what is not well-formed UTF-8 is replaced, and what follows is kept") {
  const auto replaced = [](const std::string& bytes) { return decoded("\xEF\xBB\xBF" + bytes).utf8; };
  CHECK(replaced("\xE3\x81|") == "\uFFFD|");
  CHECK(replaced("\xE3\rPID") == "\uFFFD\rPID");
  CHECK(replaced("\xC0\xAF|") == "\uFFFD\uFFFD|");                      // overlong
  CHECK(replaced("\xE0\x80\x80|") == "\uFFFD\uFFFD\uFFFD|");            // overlong
  CHECK(replaced("\xED\xA0\x80|") == "\uFFFD\uFFFD\uFFFD|");            // surrogate
  CHECK(replaced("\xF4\x90\x80\x80|") == "\uFFFD\uFFFD\uFFFD\uFFFD|");  // above U+10FFFF
  CHECK(replaced("\xF0\xA0\x80|") == "\uFFFD|");
  CHECK(replaced("\x81|\xF8|") == "\uFFFD|\uFFFD|");
  CHECK(replaced("架\0|\x1B|"s) == "架\uFFFD|\uFFFD|");
}

// --- the end ---

TEST_CASE("a file that ends inside a character is cut off there, in every encoding") {
  CHECK(cut_at("MSH|\xE6\x9E\xB6\xE6\xA9") == 7);
  CHECK(cut_at("MSH|\xE6\x9E") == 4);
  CHECK(cut_at("\xEF\xBB\xBFMSH|\xE6") == 7);
  CHECK(cut_at("MSH|\x89\xCB\x8B") == 6);
  CHECK(cut_at("MSH|\x1B$B2M6") == 9);
}

TEST_CASE("behind a segment end nothing can follow, in every encoding") {
  CHECK(decoded("架橋\xE6\xA9\r").utf8 == "架橋\uFFFD");
  CHECK(decoded("\x89\xCB\x8B\x1C").utf8 == "架\uFFFD");
}

// --- where text comes from ---

TEST_CASE("each byte of the text comes from where its character begins, in every encoding") {
  // a本bｱ本 CR LF c LF
  CHECK(sources_of("a\x1B$BK\\\x1B(Bb\x1B(I1\x1B(B\x1B$BK\\\r\nc\n") ==
        Sources{0, 4, 4, 4, 9, 13, 13, 13, 20, 20, 20, 22, 23, 24, 25});
  CHECK(sources_of("\x1B$B2M66\x1B$(D0!\"7\x1B$(Q$w.\"\n") ==  // 架橋丂～か゚𠀋, the last one in four bytes
        Sources{3, 3, 3, 5, 5, 5, 11, 11, 11, 13, 13, 13, 19, 19, 19, 19, 19, 19, 21, 21, 21, 21, 23});
  CHECK(sources_of("a本\x62±\r") == Sources{0, 1, 1, 1, 4, 5, 5, 7});
  CHECK(sources_of("a\x96{b\xB1\x83\\\r") == Sources{0, 1, 1, 1, 3, 4, 4, 4, 5, 5, 5, 7});  // a本bｱソ
}

TEST_CASE("the whole file says in which encoding a place in it is to be found") {
  // The beginning of each file would be something else by itself.
  CHECK(source_byte_of("\xC4\xB3|\x1B$B2M\x1B(B|", 6) == 2);           // CP932 before the escape
  CHECK(source_byte_of("\xC4\xB3|架", 3) == 3);                        // CP932 before the kanji
  CHECK(source_byte_of("\xE6\x9E\xB6|\x89\xCB|\x8B\xB4|\r", 7) == 4);  // UTF-8 before the second one
  CHECK(source_byte_of("\xFF\xFF|架橋太郎\r", 13) == 9);               // CP932 before the third one
}

TEST_CASE("what was replaced leads to the byte that could not be read, and what follows to its own") {
  CHECK(sources_of("\x1B$B2M6\rP|") == Sources{3, 3, 3, 5, 5, 5, 6, 7, 8, 9});       // half a pair
  CHECK(sources_of("\x1B$B2 2M\x1B(B|\n") == Sources{3, 3, 3, 4, 5, 5, 5, 10, 11});  // the same
  CHECK(sources_of("a\x1B(|b") == Sources{0, 1, 1, 1, 2, 3, 4, 5});                  // no escape
  CHECK(sources_of("a\x1B(Zb") == Sources{0, 1, 1, 1, 4, 5});                        // an unknown one
  CHECK(sources_of("\xEF\xBB\xBF\xE6\x9E|b") == Sources{3, 3, 3, 5, 6, 7});
  CHECK(sources_of("\x89\xCB\x85|b") == Sources{0, 0, 0, 2, 2, 2, 3, 4, 5});
  CHECK(sources_of("\x89\xCB\x89\r") == Sources{0, 0, 0, 2, 2, 2, 3});  // cut off before its line's end
}

TEST_CASE("both code points of a cell come from it") {
  CHECK(sources_of("\x1B$(Q$w\x1B(B|") == Sources{4, 4, 4, 4, 4, 4, 9, 10});  // か and its semi-voiced mark
}

TEST_CASE("marks around the text are counted as bytes of its file") {
  CHECK(sources_of("\xEF\xBB\xBF\x0BMS\r\x1C\r") == Sources{4, 5, 6});
  CHECK(sources_of("MS\x1A\0\0"s) == Sources{0, 1, 2});
  CHECK(sources_of("") == Sources{0});
  CHECK(sources_of("\r\n") == Sources{0});
}

TEST_CASE("a file that is refused has no text to come from somewhere") {
  CHECK_FALSE(source_byte_of("MSH|\x1B$B2", 0));
  CHECK_FALSE(source_byte_of("MSH|\x1B$B2", 1));
}

// --- counters ---

TEST_CASE("every counter has a stable name of its own") {
  std::set<std::string_view> names;
  TextDeviations numbered;
  std::size_t number = 0;
  for (const TextDeviationKind& kind : kTextDeviationKinds) {
    CHECK(kind.name.starts_with("text:"));
    CHECK(kind.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-:") == std::string_view::npos);
    names.insert(kind.name);
    numbered.*kind.count = ++number;
  }
  CHECK(names.size() == kTextDeviationKinds.size());
  number = 0;
  for (const TextDeviationKind& kind : kTextDeviationKinds) CHECK(numbered.*kind.count == ++number);
}
