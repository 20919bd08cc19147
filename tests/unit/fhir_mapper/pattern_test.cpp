#include "fhir_mapper/pattern.h"

#include <chrono>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

Pattern pattern(std::string_view expression) {
  return Pattern::compile(expression).value();
}

std::string failure(std::string_view expression) {
  const auto compiled = Pattern::compile(expression);
  REQUIRE(compiled.has_error());
  return compiled.error().message;
}

TEST_CASE("a pattern is about the whole text, not about a part of it") {
  const Pattern yj = pattern("[0-9]{7}[A-Z][0-9A-Z]{4}");
  CHECK(yj.matches("1141001F1ZZZ"));
  CHECK_FALSE(yj.matches("1141001F1ZZZ "));
  CHECK_FALSE(yj.matches("x1141001F1ZZZ"));
  CHECK_FALSE(pattern("a|ab|b").matches("abb"));
  CHECK(pattern("a|ab").matches("ab"));
  CHECK(pattern("").matches(""));
  CHECK(pattern("a*|b").matches(""));
  CHECK_FALSE(pattern("a|b").matches(""));
  CHECK_FALSE(pattern("").matches("a"));
  CHECK_FALSE(pattern("a$").matches("a\n"));
}

TEST_CASE("a character of a pattern is a character, not a byte of one") {
  CHECK(pattern("..").matches("内科"));
  CHECK_FALSE(pattern("..").matches("内"));
  CHECK(pattern("[ァ-ヶー]+").matches("カケハシ"));
  CHECK_FALSE(pattern("[ァ-ヶー]+").matches("かけはし"));
  CHECK(pattern("\\p{Han}+").matches("架橋"));
}

TEST_CASE("a value with lines is one text for a pattern") {
  CHECK(pattern("a.*b").matches("a\nb"));
}

TEST_CASE("what is taken is the first group, and all of it in a pattern without groups") {
  CHECK(pattern("L-([0-9]+)-(.)").taken("L-17-x") == "17");
  CHECK(pattern("(?:L|M)[0-9]+").taken("M7") == "M7");
  CHECK(pattern("a(b*)").taken("a") == "");
  CHECK(pattern("a(b)?").taken("a") == std::nullopt);
  CHECK(pattern("a(b)?").taken("c") == std::nullopt);
  CHECK(pattern("ab").taken("abc") == std::nullopt);
  CHECK(pattern("L-([0-9]+)").taken("L-17-x") == std::nullopt);
  CHECK(pattern("L-([0-9]+)").taken("xL-17") == std::nullopt);
}

TEST_CASE("what was taken points into the text it was taken from") {
  const std::string text = "L-17";
  const auto taken = pattern("L-(.*)").taken(text);
  REQUIRE(taken.has_value());
  CHECK(taken->data() == text.data() + 2);
}

TEST_CASE("an expression that is wrong says what is wrong with it") {
  CHECK_THAT(failure("(a"), Catch::Contains("missing )"));
  CHECK_THAT(failure("[a"), Catch::Contains("missing ]"));
  CHECK_THAT(failure("*"), Catch::Contains("need something before them"));
  CHECK_THAT(failure("(?=a)b"), Catch::Contains("look-ahead"));
  CHECK_THAT(failure("(a)\\1"), Catch::Contains("back reference"));
  CHECK_THAT(failure("a{1001}"), Catch::Contains("{1000}"));
  CHECK_THAT(failure("\xE5\x86"), Catch::Contains("UTF-8"));
}

TEST_CASE("an expression that would take much memory is refused") {
  CHECK_THAT(failure("((a{100}){100}){100}"), Catch::Contains("must stay small"));
  CHECK_THAT(failure("(\\pL{1000}){1}\\pL{1000}"), Catch::Contains("must stay small"));
}

TEST_CASE("an expression that makes others backtrack forever answers at once") {
  const Pattern evil = pattern("(a*)*(a|aa)+(.*.*)*b");
  const std::string text(100'000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(evil.matches(text));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST_CASE("bytes that are no UTF-8 match no character and do no harm") {
  CHECK_FALSE(pattern(".").matches("\xFF"));
  CHECK_FALSE(pattern(".*").taken("a\xE5\x86").has_value());
}

TEST_CASE("a text that is quoted matches itself alone and fits into a cell") {
  CHECK(Pattern::quoted("a.b*内科_1") == "a\\.b\\*内科_1");
  CHECK(Pattern::quoted("1\t2 ") == "1\\x092\\x20");
  CHECK(Pattern::quoted("科\u3000") == "科\\x{3000}");
  for (char byte = 1; byte > 0 && byte < 0x7F; ++byte) {
    const std::string text = std::string("a") + byte + "\u3000b";
    CHECK(pattern(Pattern::quoted(text)).matches(text));
    CHECK_FALSE(pattern(Pattern::quoted(text)).matches("ax\u3000b") == (byte != 'x'));
  }
}

TEST_CASE("a copy is the same pattern and outlives the first") {
  std::optional<Pattern> first = pattern("[0-9]+");
  const Pattern second = *first;
  CHECK(first == second);
  first.reset();
  CHECK(second.matches("7"));
  CHECK(second.expression() == "[0-9]+");
}

}  // namespace
}  // namespace fhir_mapper::test
