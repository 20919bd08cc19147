#include "ssmix2/hl7_time.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace ssmix2 {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

void append_padded(std::string& text, std::string_view before, int value, std::size_t width) {
  text.append(before).append(width, '0');
  for (auto digit = text.rbegin(); value != 0; ++digit, value /= 10) {
    *digit = static_cast<char>('0' + value % 10);
  }
}

constexpr std::size_t kLongest = std::string_view("2026-04-01T10:30:59.123+09:00").size();

struct Digits {
  std::string_view whole;     // up to the seconds
  std::string_view fraction;  // of a second
};

std::optional<Digits> split_digits(std::string_view text) {
  constexpr std::size_t kToSeconds = 14, kToMilliseconds = 17;
  Digits digits{text, {}};
  if (text.size() == kToMilliseconds && text[kToSeconds] != '.') {
    digits = {text.substr(0, kToSeconds), text.substr(kToSeconds)};
  } else if (text.size() > kToSeconds) {
    if (text[kToSeconds] != '.' || text.size() == kToSeconds + 1) return std::nullopt;
    digits = {text.substr(0, kToSeconds), text.substr(kToSeconds + 1)};
  }
  if (digits.whole.size() < 4 || digits.whole.size() % 2 != 0) return std::nullopt;
  if (!std::ranges::all_of(digits.whole, is_digit) || !std::ranges::all_of(digits.fraction, is_digit)) {
    return std::nullopt;
  }
  return digits;
}

bool is_year(int year) {
  return year >= 1800 && year <= 2199;
}

}  // namespace

std::optional<Hl7Time> Hl7Time::parse(std::string_view text) {
  const auto digits = split_digits(text);
  if (!digits) return std::nullopt;
  const std::string_view whole = digits->whole;
  const auto part = [&](std::size_t at, int otherwise) {
    return whole.size() > at ? number(whole.substr(at, 2)) : otherwise;
  };
  Hl7Time time;
  time.year_ = number(whole.substr(0, 4));
  const int month = part(4, 1), day = part(6, 1), hour = part(8, 0);
  time.minute_ = part(10, 0);
  time.second_ = part(12, 0);
  if (!is_year(time.year_) || hour > 47 || time.minute_ > 59 || time.second_ > 59) return std::nullopt;

  std::chrono::year_month_day date{std::chrono::year(time.year_),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  // Wards write 25:30 for half past one at night of the day they are still working.
  if (hour >= 24) date = std::chrono::sys_days(date) + std::chrono::days(1);
  time.year_ = static_cast<int>(date.year());
  if (!is_year(time.year_)) return std::nullopt;
  if (whole.size() > 4) time.month_ = static_cast<int>(static_cast<unsigned>(date.month()));
  if (whole.size() > 6) time.day_ = static_cast<int>(static_cast<unsigned>(date.day()));
  time.hour_ = hour % 24;
  time.precision_ = static_cast<TimePrecision>((whole.size() - 4) / 2);
  if (!digits->fraction.empty()) {
    std::string milliseconds(digits->fraction.substr(0, 3));
    milliseconds.resize(3, '0');
    time.millisecond_ = number(milliseconds);
    time.precision_ = TimePrecision::millisecond;
  }
  return time;
}

std::string Hl7Time::fhir_date() const {
  std::string date;
  append_padded(date, "", year_, 4);
  if (precision_ >= TimePrecision::month) append_padded(date, "-", month_, 2);
  if (precision_ >= TimePrecision::day) append_padded(date, "-", day_, 2);
  return date;
}

std::string Hl7Time::fhir_date_time(std::string_view zone) const {
  std::string text = fhir_date();
  if (precision_ < TimePrecision::minute) return text;
  text.reserve(kLongest);
  // FHIR demands seconds wherever there is a time and allows zeros for those not known.
  append_padded(text, "T", hour_, 2);
  append_padded(text, ":", minute_, 2);
  append_padded(text, ":", second_, 2);
  if (millisecond_ != 0) append_padded(text, ".", millisecond_, 3);
  return text.append(zone);
}

std::optional<std::string> Hl7Time::fhir_instant(std::string_view zone) const {
  if (precision_ < TimePrecision::second) return std::nullopt;
  std::string text = fhir_date_time("");
  if (millisecond_ == 0) text.append(".000");
  return text.append(zone);
}

std::string Hl7Time::sortable() const {
  std::string text;
  append_padded(text, "", year_, 4);
  for (const int part : {month_, day_, hour_, minute_, second_}) append_padded(text, "", part, 2);
  append_padded(text, "", millisecond_, 3);
  return text;
}

}  // namespace ssmix2
