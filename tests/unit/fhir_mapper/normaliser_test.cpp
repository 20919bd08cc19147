#include "fhir_mapper/normaliser.h"

#include <set>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string with(std::string_view name, std::string_view text) {
  const Normaliser* normaliser = find_normaliser(name);
  REQUIRE(normaliser != nullptr);
  return normaliser->apply(text).value_or("nothing");
}

TEST_CASE("every normaliser has a name of its own and one sentence") {
  std::set<std::string_view> names;
  for (const Normaliser& normaliser : normalisers()) {
    INFO(normaliser.name);
    CHECK(names.insert(normaliser.name).second);
    CHECK(find_normaliser(normaliser.name) == &normaliser);
    CHECK(normaliser.meaning.ends_with('.'));
    CHECK(normaliser.meaning.find('|') == std::string_view::npos);  // a cell of a table
  }
  CHECK(find_normaliser("") == nullptr);
  CHECK(find_normaliser("Trim") == nullptr);
}

TEST_CASE("trim takes spaces of both widths from the ends and from nowhere else") {
  CHECK(with("trim", " 　架橋　太郎\t　 ") == "架橋　太郎");
  CHECK(with("trim", "架橋") == "架橋");
  CHECK(with("trim", " 　 ") == "nothing");
}

TEST_CASE("single-spaces makes every run of spaces one of half width, and takes those at the ends") {
  CHECK(with("single-spaces", "　架橋 　太郎　") == "架橋 太郎");
  CHECK(with("single-spaces", "Ｊ　架橋\t\t太郎") == "Ｊ 架橋 太郎");
  CHECK(with("single-spaces", "架橋") == "架橋");
  CHECK(with("single-spaces", " 　 ") == "nothing");
}

TEST_CASE("half-width and full-width concern ASCII, wide-kana and full-width concern kana") {
  CHECK(with("half-width", "Ａ－１　（ｱ）") == "A-1 (ｱ)");
  CHECK(with("full-width", "A-1 (ｶﾞ)") == "Ａ－１　（ガ）");
  CHECK(with("wide-kana", "A-1 ﾊﾟﾝﾀﾞ") == "A-1 パンダ");
}

TEST_CASE("no-spaces leaves no space of either width, nor a tab or the end of a line") {
  CHECK(with("no-spaces", " 総 蛋　白\t\r\n") == "総蛋白");
  CHECK(with("no-spaces", " 　") == "nothing");
}

TEST_CASE("code-characters keeps a code of those, and writes every other so that no two become one") {
  CHECK(with("code-characters", "ALB_1-a") == "ALB_1-a");
  CHECK(with("code-characters", "1A.01") == "__1A_2E01");
  CHECK(with("code-characters", "__1A_2E01") == "___5F_5F1A_5F2E01");
  CHECK(with("code-characters", "_1") == "_1");
  CHECK(with("code-characters", "総") == "___E7_B7_8F");
  CHECK(with("code-characters", "A\uFFFD") == "nothing");
  CHECK(with("code-characters", "") == "nothing");
}

TEST_CASE("unit, ordinal and the two names of a person are reachable by name") {
  CHECK(with("unit", "ｍｇ／ｄｌ") == "mg/dL");
  CHECK(with("ordinal", "（－）") == "-");
  CHECK(with("family-name", "架橋　太郎") == "架橋");
  CHECK(with("given-name", "架橋　太郎") == "太郎");
  CHECK(with("given-name", "架橋太郎") == "nothing");
}

TEST_CASE("insurer-number: 8 digits, padded on the left with zeros") {
  CHECK(with("insurer-number", "138057") == "00138057");
  CHECK(with("insurer-number", "０６１３９９９９") == "06139999");
  CHECK(with("insurer-number", "123456789") == "nothing");
  CHECK(with("insurer-number", "") == "nothing");
}

TEST_CASE("insured-symbol may be empty") {
  CHECK(with("insured-symbol", "") == "");
  CHECK(with("insured-symbol", "　") == "");
}

TEST_CASE("insured-symbol is wholly half-width or wholly full-width") {
  CHECK(with("insured-symbol", "12AB") == "12AB");
  CHECK(with("insured-symbol", "１２ＡＢ") == "１２ＡＢ");
  CHECK(with("insured-symbol", "１２AB") == "12AB");
}

TEST_CASE("insured-symbol is full-width as a whole when it holds symbols, kana or kanji") {
  CHECK(with("insured-symbol", "12-34") == "１２－３４");
  CHECK(with("insured-symbol", "ｱﾄﾞ1") == "アド１");
  CHECK(with("insured-symbol", "あいう") == "あいう");
  CHECK(with("insured-symbol", "東123") == "東１２３");
}

TEST_CASE("insured-symbol has no spaces, neither those of half nor those of full width") {
  CHECK(with("insured-symbol", " 東 1　2 ") == "東１２");
}

TEST_CASE("insured-symbol cannot hold the colon and circumflex that end it, only their full-width forms") {
  CHECK(with("insured-symbol", "1:2^3") == "１：２＾３");
}

TEST_CASE("a symbol or number with a character that could not be read is none") {
  CHECK(with("insured-symbol", "東\uFFFD1") == "nothing");
  CHECK(with("insured-number", "1\uFFFD7") == "nothing");
}

TEST_CASE("insured-number follows the symbol's rule and cannot be empty") {
  CHECK(with("insured-number", "１８７") == "１８７");
  CHECK(with("insured-number", "１８7") == "187");
  CHECK(with("insured-number", "1-87") == "１－８７");
  CHECK(with("insured-number", " ") == "nothing");
}

TEST_CASE("insured-branch has two half-width digits, and stays empty where none is printed") {
  CHECK(with("insured-branch", "５") == "05");
  CHECK(with("insured-branch", "00") == "00");
  CHECK(with("insured-branch", "") == "");
  CHECK(with("insured-branch", "123") == "nothing");
  CHECK(with("insured-branch", "A") == "nothing");
}

TEST_CASE("a normaliser applied to its own result changes nothing") {
  // A part of a name has no space left to part it at. And code-characters must tell a code that looks like
  // its result from that result, so that no two codes become one.
  const std::set<std::string_view> excepted{"family-name", "given-name", "code-characters"};
  const std::string_view pieces[] = {"",   " ", "　", "ｶ",  "ﾞ",  "ﾟ",      "ハ", "゛", "A",
                                     "Ａ", "-", "－", "ー", "1",  "１",     "+",  "＋", "/",
                                     "μ",  "l", "m",  "g",  "東", "\uFFFD", "^",  "10"};
  for (const Normaliser& normaliser : normalisers()) {
    if (excepted.contains(normaliser.name)) continue;
    for (const std::string_view first : pieces) {
      for (const std::string_view second : pieces) {
        for (const std::string_view third : pieces) {
          const auto once = normaliser.apply(std::string(first).append(second).append(third));
          if (!once || normaliser.apply(*once) == once) continue;
          FAIL(normaliser.name << ": " << first << second << third << " gives " << *once);
        }
      }
    }
  }
}

TEST_CASE("no normaliser ends the process on bytes that are no UTF-8") {
  for (const Normaliser& normaliser : normalisers()) {
    for (const char* bytes : {"\xFF", "\xE3\x81", "\x80", "\xF0\x9F", "\xC3", "1\xE3"}) {
      CHECK_NOTHROW(normaliser.apply(bytes));
    }
  }
}

}  // namespace
}  // namespace fhir_mapper::test
