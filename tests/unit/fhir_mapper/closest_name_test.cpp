#include "fhir_mapper/closest_name.h"

#include <array>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

constexpr std::array<std::string_view, 5> kNames{"value", "object", "first", "onsetDateTime", "url"};

TEST_CASE("a name with a slip is known: a letter too much, too few, another, or two swapped") {
  CHECK(closest_name("valuee", kNames) == "value");
  CHECK(closest_name("vlue", kNames) == "value");
  CHECK(closest_name("valve", kNames) == "value");
  CHECK(closest_name("ulr", kNames) == "url");
  CHECK(closest_name("onestDatetime", kNames) == "onsetDateTime");
}

TEST_CASE("a wrong case is no slip") {
  CHECK(closest_name("ONSETDATETIME", kNames) == "onsetDateTime");
  CHECK(closest_name("URL", kNames) == "url");
}

TEST_CASE("what is no slip of any name is not guessed") {
  CHECK(closest_name("quantity", kNames).empty());
  CHECK(closest_name("lru", kNames).empty());
  CHECK(closest_name("", kNames).empty());
  CHECK(closest_name(std::string(65, 'v'), kNames).empty());
  CHECK(closest_name("value", {}).empty());
}

TEST_CASE("of several names the nearest one is meant, and of equally near ones the first") {
  constexpr std::array<std::string_view, 3> names{"codings", "coding", "code"};
  CHECK(closest_name("codng", names) == "coding");
  constexpr std::array<std::string_view, 2> equal{"abcd", "abce"};
  CHECK(closest_name("abcf", equal) == "abcd");
}

TEST_CASE("the question is asked only when there is something to ask") {
  CHECK(did_you_mean("objetc", kNames) == "; did you mean object?");
  CHECK(did_you_mean("xyz", kNames).empty());
}

}  // namespace
}  // namespace fhir_mapper::test
