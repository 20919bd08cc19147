#include "fhir_mapper/javascript_pattern.h"

#include <catch2/catch.hpp>

namespace fhir_mapper {
namespace {

TEST_CASE("an expression without what JavaScript means differently stays as it is") {
  for (const char* const expression : {"", "^[0-4][0-9]{7}$", R"(a\.b\\s)", R"([\^])", "(a|b)*", "\\"}) {
    CHECK(javascript_as_re2(expression) == expression);
  }
}

TEST_CASE("a replacement's groups are named as RE2 names them") {
  CHECK(javascript_replacement_as_re2("$1-$&-$$-\\1-$x") == R"(\1-\0-$-\\1-$x)");
}

}  // namespace
}  // namespace fhir_mapper
