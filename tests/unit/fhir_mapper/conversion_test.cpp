#include "fhir_mapper/conversion.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string converted(Conversion conversion, std::string_view text) {
  Tree tree;
  const auto leaf = convert(conversion, text, "+09:00", tree);
  if (!leaf) return "nothing";
  tree.set(tree.root(), "v", *leaf);
  const std::string json = json_of(tree);
  return json.substr(5, json.size() - 6);
}

TEST_CASE("text stays as it is and a code loses the spaces around it") {
  CHECK(converted(Conversion::text, " a b ") == R"(" a b ")");
  CHECK(converted(Conversion::code, " a ") == R"("a")");
  CHECK(converted(Conversion::code, "  ") == "nothing");
  CHECK(converted(Conversion::text, "") == "nothing");
}

TEST_CASE("a decimal keeps its digits, an integer is whole, a boolean is true or false") {
  CHECK(converted(Conversion::decimal, "7.20") == "7.20");
  CHECK(converted(Conversion::decimal, "< 7") == "nothing");
  CHECK(converted(Conversion::integer, " 007 ") == "7");
  CHECK(converted(Conversion::integer, "7.0") == "nothing");
  CHECK(converted(Conversion::integer, "99999999999999999999") == "nothing");
  CHECK(converted(Conversion::boolean, "true") == "true");
  CHECK(converted(Conversion::boolean, "false") == "false");
  CHECK(converted(Conversion::boolean, "1") == "nothing");
}

TEST_CASE("a comparison is split into FHIR's sign and the number's own digits") {
  const auto both = [](std::string_view text) {
    return converted(Conversion::comparator, text) + " " + converted(Conversion::compared_decimal, text);
  };
  CHECK(both("< 0.5") == R"("<" 0.5)");
  CHECK(both("<=0.50") == R"("<=" 0.50)");
  CHECK(both(" >= 100") == R"(">=" 100)");
  CHECK(both(">10") == R"(">" 10)");
  CHECK(both("＜ 1") == R"("<" 1)");
  CHECK(both("＞1") == R"(">" 1)");
  CHECK(both("≦1") == R"("<=" 1)");
  CHECK(both("≧1") == R"(">=" 1)");
  CHECK(both("≤1") == R"("<=" 1)");
  CHECK(both("≥1") == R"(">=" 1)");
  CHECK(both("＜＝ 1.0") == R"("<=" 1.0)");
  CHECK(both("＝＞1") == R"(">=" 1)");
  CHECK(both("＞＝1") == R"(">=" 1)");
  CHECK(both("＝＜1") == R"("<=" 1)");
  CHECK(both("=>1") == R"(">=" 1)");
  CHECK(both("> =1") == R"(">=" 1)");
  CHECK(both("〉10") == R"(">" 10)");
  CHECK(both("=<1") == R"("<=" 1)");
  CHECK(both("< = 400") == R"("<=" 400)");
  CHECK(both("〈0.10") == R"("<" 0.10)");
}

TEST_CASE("a comparison in words stands behind its number, whose digits stay") {
  const auto both = [](std::string_view text) {
    return converted(Conversion::comparator, text) + " " + converted(Conversion::compared_decimal, text);
  };
  CHECK(both("0.50未満") == R"("<" 0.50)");
  CHECK(both("0.5 ミマン") == R"("<" 0.5)");
  CHECK(both("0.5ﾐﾏﾝ") == R"("<" 0.5)");
  CHECK(both("400以下") == R"("<=" 400)");
  CHECK(both("400ｲｶ") == R"("<=" 400)");
  CHECK(both("100以上") == R"(">=" 100)");
  CHECK(both("100 以上 ") == R"(">=" 100)");
  CHECK(both("100超") == R"(">" 100)");
  CHECK(both("100超過") == R"(">" 100)");
}

TEST_CASE("what is no comparison with one number is not guessed at") {
  for (const char* text :
       {"0.5",        "100<",    "<",         "< ",          "<<1",        "<>1",  "<x",   "以上",
        "基準値以下", "< 5以上", "5～10未満", "100イジョウ", "未満0.5",    "U100", "L300", "100↑",
        "5 H",        "±",       "(-)",       "< 0.5 mg",    "0.5 mg未満", ""}) {
    INFO(text);
    CHECK(converted(Conversion::comparator, text) == "nothing");
    CHECK(converted(Conversion::compared_decimal, text) == "nothing");
  }
}

TEST_CASE("times are as exact as they were written, with the facility's zone") {
  CHECK(converted(Conversion::date, "20260401103000") == R"("2026-04-01")");
  CHECK(converted(Conversion::date, "202604") == R"("2026-04")");
  CHECK(converted(Conversion::date_time, "2026") == R"("2026")");
  CHECK(converted(Conversion::date_time, "2026040110") == R"("2026-04-01")");
  CHECK(converted(Conversion::date_time, "202604011030") == R"("2026-04-01T10:30:00+09:00")");
  CHECK(converted(Conversion::date_time, "202604012530") == R"("2026-04-02T01:30:00+09:00")");
  CHECK(converted(Conversion::instant, "20260401103000") == R"("2026-04-01T10:30:00.000+09:00")");
  CHECK(converted(Conversion::instant, "202604011030") == "nothing");
  for (const char* text : {"20260231", "00000000", "99999999", "2026/04/01", "abc", ""}) {
    INFO(text);
    CHECK(converted(Conversion::date_time, text) == "nothing");
  }
}

}  // namespace
}  // namespace fhir_mapper::test
