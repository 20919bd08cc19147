#include "fhir_mapper/character_width.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

TEST_CASE("full-width ASCII becomes half-width and everything else stays") {
  CHECK(to_half_width_ascii("！ＡＺａｚ０９～") == "!AZaz09~");
  CHECK(to_half_width_ascii("あ　い") == "あ い");
  CHECK(to_half_width_ascii("ｱー・髙𠮷é") == "ｱー・髙𠮷é");
  CHECK(to_half_width_ascii("") == "");
}

TEST_CASE("ASCII becomes full-width and everything else stays") {
  CHECK(to_full_width("!AZaz09~-") == "！ＡＺａｚ０９～－");
  CHECK(to_full_width("a b") == "ａ　ｂ");
  CHECK(to_full_width("あ髙𠮷é１") == "あ髙𠮷é１");
}

TEST_CASE("half-width kana become full-width, each with its sound mark") {
  CHECK(to_full_width("ｱｲｳﾝ｡･ｰ") == "アイウン。・ー");
  CHECK(to_full_width("ｶﾞｷﾞﾊﾞﾊﾟﾎﾟｳﾞﾄﾞ") == "ガギバパポヴド");
  CHECK(to_full_width("ｱﾞ") == "ア゛");
  CHECK(to_full_width("ﾞ") == "゛");
  CHECK(to_full_width("ｶﾟ") == "カ゜");
  CHECK(to_full_width("カﾞ") == "ガ");
}

TEST_CASE("kana alone become full-width where ASCII has to stay") {
  CHECK(to_wide_kana("ﾄﾛ ﾀﾛｳ A-1") == "トロ タロウ A-1");
  CHECK(to_wide_kana("ｶﾞﾊﾟ｡Ａ１　") == "ガパ。Ａ１　");
}

TEST_CASE("bytes that are no UTF-8 do not end the process") {
  for (const char* bytes : {"\xFF", "\xE3\x81", "\x80", "\xF0\x9F", "\xC3"}) {
    CHECK_NOTHROW(to_full_width(bytes));
    CHECK_NOTHROW(to_wide_kana(bytes));
    CHECK_NOTHROW(to_half_width_ascii(bytes));
  }
}

}  // namespace
}  // namespace fhir_mapper::test
