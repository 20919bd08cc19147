#include "tests/storage_gen/calendar.h"

#include "tests/storage_gen/usage_error.h"

#include <charconv>

namespace storage_gen {

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

std::string date8(Moment moment) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(moment));
  return digits(static_cast<unsigned>(static_cast<int>(date.year())), 4) +
         digits(static_cast<unsigned>(date.month()), 2) + digits(static_cast<unsigned>(date.day()), 2);
}

std::string stamp17(Moment moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::hh_mm_ss time(moment - day);
  return date8(moment) + digits(static_cast<std::uint64_t>(time.hours().count()), 2) +
         digits(static_cast<std::uint64_t>(time.minutes().count()), 2) +
         digits(static_cast<std::uint64_t>(time.seconds().count()), 2) +
         digits(static_cast<std::uint64_t>(time.subseconds().count()), 3);
}

Moment parse_date8(std::string_view text, std::string_view option) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(value / 10000)),
                                         std::chrono::month(value / 100 % 100),
                                         std::chrono::day(value % 100));
  if (text.size() != 8 || error != std::errc() || end != text.data() + text.size() || !date.ok())
    throw UsageError(std::string(option) + " takes a date as YYYYMMDD, not '" + std::string(text) + "'");
  return std::chrono::sys_days(date);
}

Moment now_in_japan() {
  const auto utc = std::chrono::system_clock::now();
  return std::chrono::floor<std::chrono::milliseconds>(utc) + std::chrono::hours(9);
}

}  // namespace storage_gen
