#pragma once
// Wall-clock instants and how they are written. Durations inside the process use the steady clock; an Instant
// is for what is stored or sent, because it must survive a restart.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

using Milliseconds = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Milliseconds>;

Instant now();

/// The facility's offset from UTC. Japan has had no daylight saving time since 1951, so that an offset is
/// enough; zones with changing offsets are refused in the settings.
class TimeZone {
 public:
  /// "Asia/Tokyo", "UTC" or "+09:00"; nothing for every other.
  static std::optional<TimeZone> named(std::string_view name);

  std::chrono::minutes offset() const { return offset_; }
  std::string text() const;  // "+09:00"

 private:
  explicit TimeZone(std::chrono::minutes offset) : offset_(offset) {}
  std::chrono::minutes offset_;
};

/// "2026-03-02T18:05:11.012+09:00": FHIR instant with milliseconds.
std::string to_fhir_instant(Instant instant, const TimeZone& zone);
/// "2026-03-02" in `zone`.
std::string to_date(Instant instant, const TimeZone& zone);
int year_of(Instant instant, const TimeZone& zone);

}  // namespace gateway
