#include "fhir_mapper/fhir_path_time.h"

#include <catch2/catch.hpp>

namespace fhir_mapper {
namespace {

std::optional<int> compared(std::string_view left, std::string_view right) {
  return FhirPathTime::parse_date(left)->compare(*FhirPathTime::parse_date(right));
}

TEST_CASE("only days and times that exist are dates") {
  for (const char* const text : {"2026", "2024-02-29", "2026-04-01T09", "2026-04-01T23:59:60Z",
                                 "2026-04-01T09:30:00.123456789012-05:00"}) {
    INFO(text);
    CHECK(FhirPathTime::parse_date(text).has_value());
  }
  for (const char* const text :
       {"", "26", "2026-13", "2026-02-29", "2026-04-01T24:00", "2026-04-01T09:60", "2026-04-01 09:00",
        "2026-04T09:00", "2026-04-01T09:30+15:00", "2026-04-01T09:30:00.", "2026-1"}) {
    INFO(text);
    CHECK_FALSE(FhirPathTime::parse_date(text).has_value());
  }
}

TEST_CASE("an offset moves a time over days and years") {
  CHECK(compared("2026-01-01T08:59:59+09:00", "2025-12-31T23:59:59Z") == 0);
  CHECK(compared("2026-01-01T00:00-01:00", "2026-01-01T00:30Z") == 1);
  CHECK(compared("2026-01-01T08+09:00", "2025-12-31T23Z") == 0);
}

TEST_CASE("what is left open decides nothing") {
  CHECK_FALSE(compared("2026-01-01", "2026").has_value());
  CHECK_FALSE(compared("2026-01-01T08:00", "2026-01-01T08:00Z").has_value());
  CHECK(compared("2026-01-01", "2027") == -1);
  CHECK(compared("2026-01-01T08:00:00.25Z", "2026-01-01T08:00:00.3Z") == -1);
}

}  // namespace
}  // namespace fhir_mapper
