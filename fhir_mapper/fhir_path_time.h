#pragma once
// A date, a dateTime, an instant or a time of day as an expression compares it: as exact as it is written.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fhir_mapper {

class FhirPathTime {
 public:
  /// "2026", "2026-04", "2026-04-01", "2026-04-01T09:30", "2026-04-01T09:30:00.000+09:00"; also "2026-04T".
  static std::optional<FhirPathTime> parse_date(std::string_view text);
  /// "09:30:00"
  static std::optional<FhirPathTime> parse_time(std::string_view text);

  /// Below zero, zero, above it. Nothing: that depends on what one of them leaves open, a precision or an
  /// offset.
  std::optional<int> compare(const FhirPathTime& other) const;

 private:
  static constexpr std::size_t kParts = 6;  // year, month, day, hour, minute, second

  bool read_date(std::string_view& rest);
  bool read_time(std::string_view& rest);
  bool read_offset(std::string_view& rest);
  bool is_valid() const;
  FhirPathTime in_utc() const;

  std::array<std::int32_t, kParts> parts_{};  // of a time of day the first three are 0
  std::int64_t nanoseconds_ = 0;
  std::size_t precision_ = 0;          // how many parts are known
  std::optional<int> offset_minutes_;  // east of UTC
};

}  // namespace fhir_mapper
