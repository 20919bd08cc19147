#include "gateway/retry_after.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace std::chrono_literals;

// 1994-11-06T08:49:37Z, the example of RFC 9110
constexpr Instant kExample = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s;

}  // namespace

TEST_CASE("Retry-After in seconds is taken as it is, and at most a year") {
  CHECK(parse_retry_after("0", kExample) == 0s);
  CHECK(parse_retry_after("120", kExample) == 120s);
  CHECK(parse_retry_after("99999999999", kExample) == 24h * 365);
  CHECK(parse_retry_after("99999999999999999999999999", kExample) == 24h * 365);
}

TEST_CASE("Retry-After as a date is counted from now") {
  const std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(parse_retry_after(date, kExample - 90s) == 90s);
  CHECK(parse_retry_after(date, kExample - 1ms) == 1s);
  CHECK(parse_retry_after(date, kExample) == 0s);
  CHECK(parse_retry_after(date, kExample + 24h) == 0s);
}

TEST_CASE("Every other Retry-After is ignored") {
  const auto text = GENERATE(
      as<std::string>{}, "", "-1", "+5", "1.5", " 5", "5s", "soon", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 JST", "Sun, 31 Feb 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ");
  CAPTURE(text);
  CHECK_FALSE(parse_retry_after(text, kExample - 90s));
}
