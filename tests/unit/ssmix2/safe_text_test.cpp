#include "ssmix2/safe_text.h"

#include <type_traits>

#include <catch2/catch.hpp>

using ssmix2::SafeText;

TEST_CASE("what was read from a file does not become safe text by itself") {
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, SafeText>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string_view, SafeText>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<const char*, SafeText>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<SafeText, std::string>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<SafeText, std::string_view>);
}

TEST_CASE("safe text is made of literals, numbers and vouched strings") {
  const SafeText literal = "rows: ";
  CHECK(literal.view() == "rows: ");
  CHECK((literal + 42 + SafeText::vouched(" in PRB")).str() == "rows: 42 in PRB");
  CHECK(SafeText(-1).view() == "-1");
}

TEST_CASE("safe text without content is empty however it was made") {
  CHECK(SafeText().empty());
  CHECK(SafeText("").empty());
  CHECK(SafeText::vouched("").empty());
  CHECK_FALSE(SafeText("x").empty());
}

TEST_CASE("a copy of safe text outlives its origin and equals it") {
  SafeText copy;
  {
    const SafeText origin = SafeText::vouched(std::string(100, 'x'));
    copy = origin;
    CHECK(copy == origin);
  }
  CHECK(copy.view() == std::string(100, 'x'));
  CHECK_FALSE(copy == SafeText("x"));
}
