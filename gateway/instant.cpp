#include "gateway/instant.h"

#include <charconv>
#include <cstdlib>

namespace gateway {

namespace {

// Not iostreams or printf: their output depends on the locale.
std::string padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

std::optional<int> two_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() != 2 || error != std::errc{} || end != text.data() + 2 || number < 0) return std::nullopt;
  return number;
}

/// The instant as the clock on the wall in `zone` shows it.
std::chrono::local_time<Milliseconds> local(Instant instant, const TimeZone& zone) {
  return std::chrono::local_time<Milliseconds>(instant.time_since_epoch() + zone.offset());
}

std::chrono::year_month_day date_of(Instant instant, const TimeZone& zone) {
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local(instant, zone)));
}

}  // namespace

Instant now() {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

std::optional<TimeZone> TimeZone::named(std::string_view name) {
  using std::chrono::minutes;
  if (name == "Asia/Tokyo") return TimeZone(minutes(9 * 60));
  if (name == "UTC") return TimeZone(minutes(0));
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return std::nullopt;
  const auto hour = two_digits(name.substr(1, 2));
  const auto minute = two_digits(name.substr(4, 2));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const int total = *hour * 60 + *minute;
  if (total > 14 * 60) return std::nullopt;  // FHIR and XML Schema know no offset beyond 14:00
  return TimeZone(minutes(name[0] == '-' ? -total : total));
}

std::string TimeZone::text() const {
  const int total = std::abs(static_cast<int>(offset_.count()));
  return (offset_.count() < 0 ? "-" : "+") + padded(total / 60, 2) + ":" + padded(total % 60, 2);
}

std::string to_fhir_instant(Instant instant, const TimeZone& zone) {
  const auto wall = local(instant, zone);
  const std::chrono::hh_mm_ss time(wall - std::chrono::floor<std::chrono::days>(wall));
  return to_date(instant, zone) + "T" + padded(time.hours().count(), 2) + ":" +
         padded(time.minutes().count(), 2) + ":" + padded(time.seconds().count(), 2) + "." +
         padded(time.subseconds().count(), 3) + zone.text();
}

std::string to_date(Instant instant, const TimeZone& zone) {
  const auto date = date_of(instant, zone);
  return padded(static_cast<int>(date.year()), 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) +
         "-" + padded(static_cast<unsigned>(date.day()), 2);
}

int year_of(Instant instant, const TimeZone& zone) {
  return static_cast<int>(date_of(instant, zone).year());
}

}  // namespace gateway
