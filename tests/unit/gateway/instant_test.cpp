#include "gateway/instant.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace std::chrono_literals;

constexpr Instant at(std::chrono::sys_days day, Milliseconds time) {
  return day + time;
}
constexpr auto kMarch2 = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2);
constexpr auto kNewYear = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);

TimeZone zone(const char* name) {
  return *TimeZone::named(name);
}

}  // namespace

TEST_CASE("An instant is written with milliseconds and the zone's offset") {
  const Instant instant = at(kMarch2, 9h + 5min + 11s + 12ms);
  CHECK(to_fhir_instant(instant, zone("Asia/Tokyo")) == "2026-03-02T18:05:11.012+09:00");
  CHECK(to_fhir_instant(instant, zone("UTC")) == "2026-03-02T09:05:11.012+00:00");
  CHECK(to_fhir_instant(instant, zone("-09:30")) == "2026-03-01T23:35:11.012-09:30");
  CHECK(to_fhir_instant(at(kMarch2, 0ms), zone("UTC")) == "2026-03-02T00:00:00.000+00:00");
}

TEST_CASE("An instant before 1970 is written like every other") {
  CHECK(to_fhir_instant(Instant(-1ms), zone("UTC")) == "1969-12-31T23:59:59.999+00:00");
}

TEST_CASE("Date and year are those of the zone") {
  const Instant new_year_eve = at(kNewYear, -1ms);
  CHECK(to_date(new_year_eve, zone("UTC")) == "2026-12-31");
  CHECK(year_of(new_year_eve, zone("UTC")) == 2026);
  CHECK(to_date(new_year_eve, zone("Asia/Tokyo")) == "2027-01-01");
  CHECK(year_of(new_year_eve, zone("Asia/Tokyo")) == 2027);
  CHECK(year_of(at(kNewYear, 0ms), zone("-00:01")) == 2026);
}

TEST_CASE("Zones are known by two names and by offset") {
  CHECK(zone("Asia/Tokyo").offset() == 9h);
  CHECK(zone("Asia/Tokyo").text() == "+09:00");
  CHECK(zone("UTC").text() == "+00:00");
  CHECK(zone("+09:00").text() == "+09:00");
  CHECK(zone("-03:30").offset() == -(3h + 30min));
  CHECK(zone("-03:30").text() == "-03:30");
  CHECK(zone("+14:00").text() == "+14:00");
}

TEST_CASE("Every other text is no zone") {
  const auto text =
      GENERATE(as<std::string>{}, "", "Asia/Seoul", "Europe/Berlin", "JST", "Z", "asia/tokyo", "09:00",
               "+9:00", "+09:60", "+14:01", "+15:00", "+0900", "+09:0", "+-9:00", "+09:000", "+09-00");
  CAPTURE(text);
  CHECK_FALSE(TimeZone::named(text));
}

TEST_CASE("now() is this century's") {
  CHECK(year_of(now(), zone("UTC")) >= 2024);
}
