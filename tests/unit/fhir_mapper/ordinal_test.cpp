#include "fhir_mapper/ordinal.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string ordinal(std::string_view text) {
  return ordinal_spelling(text).value_or("nothing");
}

TEST_CASE("a negative result has one spelling") {
  for (const char* text : {"-", "  -", "－", "−", "(-)", "（－）", "（-)", "(- )", "[-]", "［－］", "陰性",
                           "インセイ", "ｲﾝｾｲ", "(-) 陰性", "陰性(-)", "（陰性）", "　－　"}) {
    INFO(text);
    CHECK(ordinal(text) == "-");
  }
}

TEST_CASE("a positive result has one spelling, and 1+ is another") {
  for (const char* text : {"+", "＋", "(+)", "（＋）", "  +", "陽性", "ﾖｳｾｲ", "(+)ヨウセイ", "陽性(+)"}) {
    INFO(text);
    CHECK(ordinal(text) == "+");
  }
  for (const char* text : {"1+", "１＋", "(1+)", " 1 +"}) {
    INFO(text);
    CHECK(ordinal(text) == "1+");
  }
}

TEST_CASE("a doubtful result has one spelling") {
  for (const char* text :
       {"±", "(±)", "（±）", "+-", "＋－", "+/-", "＋/－", "-/+", "-+", "(+-)", "(+ー)", "  +-"}) {
    INFO(text);
    CHECK(ordinal(text) == "+-");
  }
}

TEST_CASE("half-quantities are a digit and a plus, however often the plus was written") {
  CHECK(ordinal(" 2 +") == "2+");
  CHECK(ordinal("(2+)") == "2+");
  CHECK(ordinal("2＋") == "2+");
  CHECK(ordinal("（２＋）") == "2+");
  CHECK(ordinal("(++)") == "2+");
  CHECK(ordinal("＋＋＋") == "3+");
  CHECK(ordinal("++++") == "4+");
  CHECK(ordinal("(＋＋＋＋＋)") == "5+");
}

TEST_CASE("what is no ordinal, or two results at once, or says two things is not guessed at") {
  for (const char* text :
       {"",       " ",        "1",        "-1",   "+2",  "0+", "6+",  "12+", "2-",       "2++",     "++++++",
        ">3+",    "3+(300)",  "Hb＋Tr＋", "+ +",  "(+",  "-)", "(1)", "()",  "陰性(+)",  "陽性 -",  "弱陽性",
        "疑陽性", "陰性陽性", "判定保留", "少量", "1+↓", "ー", "--",  "*",   "検体不足", "陰\uFFFD"}) {
    INFO(text);
    CHECK(ordinal(text) == "nothing");
  }
}

TEST_CASE("an ordinal's own spelling is its spelling") {
  for (const char* text : {"-", "+-", "+", "1+", "2+", "3+", "4+", "5+"}) CHECK(ordinal(text) == text);
}

}  // namespace
}  // namespace fhir_mapper::test
