#include "fhir_mapper/well_formed_utf8.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

TEST_CASE("characters of every length are UTF-8") {
  CHECK(find_bad_utf8("") == std::nullopt);
  CHECK(find_bad_utf8("a\u00A9内\U0001F600\U0010FFFFz") == std::nullopt);
  CHECK(count_characters("a\u00A9内\U0001F600") == 4);
}

TEST_CASE("the first byte that belongs to no character is told") {
  CHECK(find_bad_utf8("a\x80") == 1u);             // nothing that it could follow
  CHECK(find_bad_utf8("内\x93\xE0") == 3u);        // CP932
  CHECK(find_bad_utf8("ab\xE5\x86") == 2u);        // cut off
  CHECK(find_bad_utf8("\xE5\x86z") == 0u);         // its third byte is missing
  CHECK(find_bad_utf8("\xC0\x80") == 0u);          // overlong
  CHECK(find_bad_utf8("\xC1\xBF") == 0u);          // overlong
  CHECK(find_bad_utf8("\xE0\x9F\xBF") == 0u);      // overlong
  CHECK(find_bad_utf8("\xF0\x8F\xBF\xBF") == 0u);  // overlong
  CHECK(find_bad_utf8("\xED\xA0\x80") == 0u);      // a surrogate
  CHECK(find_bad_utf8("\xF4\x90\x80\x80") == 0u);  // above U+10FFFF
  CHECK(find_bad_utf8("\xF5\x80\x80\x80") == 0u);
}

}  // namespace
}  // namespace fhir_mapper::test
