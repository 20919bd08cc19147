#include "fhir_mapper/class_pattern.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <re2/re2.h>

using namespace fhir_mapper;

namespace {

bool re2_matches(const re2::RE2& expression, std::string_view text) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), expression);
}
bool re2_finds(const re2::RE2& expression, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

}  // namespace

TEST_CASE("classes in a row are what RE2 takes them for") {
  re2::RE2::Options options;
  options.set_dot_nl(true);
  for (const std::string_view expression :
       {"^[0-4][0-9][1-3][0-9]{7}$", "[0-4][0-9][1-3][0-9]{7}", "[0-9]{4}[0-9A-Z]{8}", "[｡-ﾟ　\t\r\n]",
        "^[0-4]{2}[\\^]20[2-3][\\^][A-Za-z0-9\\-]{1,6}$", "^urn:oid:1[.]2[.]39",
        "^urn:oid:1[.]2[.]392[.]100495[.]20[.]3[.]41[.]1[0-9]{9}$", "ab$", "^a{2,3}$", "a\\.b", "[a-]",
        "架橋", "[é-ü]{2}", "[4-6a].*", "^a.*$", "[ｱ架].*"}) {
    CAPTURE(std::string(expression));
    const auto pattern = ClassPattern::of(expression);
    REQUIRE(pattern.has_value());
    const re2::RE2 re2(re2::StringPiece(expression.data(), expression.size()), options);
    for (const std::string_view text : {"",
                                        "1319999999",
                                        "x1319999999",
                                        "1319999999\n",
                                        "13199999990",
                                        "0413A0B1C2D3",
                                        "ｱ",
                                        "アレルギー　卵",
                                        "a\tb",
                                        "44^202^A-z9",
                                        "44^203^",
                                        "44^203^1234567",
                                        "urn:oid:1.2.392",
                                        "urn:oid:1.2.392.100495.20.3.41.1131999999",
                                        "urn:oid:1.2.392.100495.20.3.41.113199999",
                                        "urn:oid:1x2y392",
                                        "ab",
                                        "abab",
                                        "aba",
                                        "aaaa",
                                        "aa",
                                        "a.b",
                                        "axb",
                                        "-",
                                        "架橋太郎",
                                        "架",
                                        "éü",
                                        "e",
                                        "\xE6\x9E",
                                        "a\xE6\x9E",
                                        "架\n橋\xFF",
                                        "\xFF\xEF\xBD\xA1",
                                        "\xEF\xBD"}) {
      CAPTURE(std::string(text));
      CHECK(pattern->matches(text) == re2_matches(re2, text));
      CHECK(pattern->is_in(text) == re2_finds(re2, text));
    }
  }
}

TEST_CASE("every other expression is left to RE2") {
  for (const std::string_view expression :
       {"",          "^$",          "a*",    "a+",    "a?",     "[^a]",    "\\d{4}",  "[\\d]",
        "(ab)",      "a|b",         "a.b",   "a{2,}", "a{0,2}", "a{2,3}b", "^a{2,3}", "a{2,3}",
        "a{65}",     "[[:alpha:]]", "[b-a]", "[a",    "a\\b",   "(?i)a",   "a{1}{2}", "a{2}?",
        "\\x{3000}", "a.*$",        ".*",    ".*a",   "a\\.*",  "a.*?",    "a.+"}) {
    CAPTURE(std::string(expression));
    CHECK_FALSE(ClassPattern::of(expression).has_value());
  }
}
