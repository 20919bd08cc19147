#include "fhir_mapper/fhir_path_time.h"

#include <algorithm>
#include <chrono>

namespace fhir_mapper {
namespace {

constexpr std::size_t kHour = 3;
constexpr std::size_t kSecond = 5;

std::optional<std::int32_t> take_number(std::string_view& rest, std::size_t digits) {
  if (rest.size() < digits) return std::nullopt;
  std::int32_t number = 0;
  for (const char c : rest.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  rest.remove_prefix(digits);
  return number;
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<FhirPathTime> FhirPathTime::parse_date(std::string_view text) {
  FhirPathTime time;
  if (!time.read_date(text)) return std::nullopt;
  if (take(text, 'T') && !text.empty()) {
    if (time.precision_ != kHour || !time.read_time(text) || !time.read_offset(text)) return std::nullopt;
  }
  if (!text.empty() || !time.is_valid()) return std::nullopt;
  return time;
}

std::optional<FhirPathTime> FhirPathTime::parse_time(std::string_view text) {
  FhirPathTime time;
  time.precision_ = kHour;
  if (!time.read_time(text) || !text.empty()) return std::nullopt;
  time.parts_[1] = time.parts_[2] = 1;
  return time.is_valid() ? std::optional(time) : std::nullopt;
}

bool FhirPathTime::read_date(std::string_view& rest) {
  const auto year = take_number(rest, 4);
  if (!year.has_value()) return false;
  parts_[0] = *year;
  for (precision_ = 1; precision_ < kHour && take(rest, '-'); ++precision_) {
    const auto part = take_number(rest, 2);
    if (!part.has_value()) return false;
    parts_[precision_] = *part;
  }
  return true;
}

bool FhirPathTime::read_time(std::string_view& rest) {
  do {
    const auto part = take_number(rest, 2);
    if (!part.has_value()) return false;
    parts_[precision_++] = *part;
  } while (precision_ <= kSecond && take(rest, ':'));
  if (precision_ <= kSecond || !take(rest, '.')) return true;
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits == 0) return false;
  std::int64_t unit = 100'000'000;
  for (const char c : rest.substr(0, digits)) {
    nanoseconds_ += unit * (c - '0');
    unit /= 10;
  }
  rest.remove_prefix(digits);
  return true;
}

bool FhirPathTime::read_offset(std::string_view& rest) {
  if (rest.empty()) return true;
  if (take(rest, 'Z')) {
    offset_minutes_ = 0;
    return true;
  }
  const bool west = rest.starts_with('-');
  if (!take(rest, '+') && !take(rest, '-')) return false;
  const auto hours = take_number(rest, 2);
  if (!hours.has_value() || !take(rest, ':')) return false;
  const auto minutes = take_number(rest, 2);
  if (!minutes.has_value() || *hours > 14 || *minutes > 59) return false;
  offset_minutes_ = (west ? -1 : 1) * (*hours * 60 + *minutes);
  return true;
}

bool FhirPathTime::is_valid() const {
  const auto part = [this](std::size_t index) { return static_cast<unsigned>(parts_[index]); };
  if (precision_ > 1 && (part(1) < 1 || part(1) > 12)) return false;
  if (precision_ > 2) {
    const std::chrono::year_month_day day{std::chrono::year(parts_[0]), std::chrono::month(part(1)),
                                          std::chrono::day(part(2))};
    if (!day.ok()) return false;
  }
  return part(3) < 24 && part(4) < 60 && part(5) <= 60;
}

FhirPathTime FhirPathTime::in_utc() const {
  const auto part = [this](std::size_t index) { return static_cast<unsigned>(parts_[index]); };
  const std::chrono::year_month_day day{std::chrono::year(parts_[0]), std::chrono::month(part(1)),
                                        std::chrono::day(part(2))};
  const auto minutes = std::chrono::sys_days(day) + std::chrono::hours(parts_[3]) +
                       std::chrono::minutes(parts_[4] - offset_minutes_.value_or(0));
  const auto days = std::chrono::floor<std::chrono::days>(minutes);
  const std::chrono::year_month_day date(days);
  const auto of_day = static_cast<std::int32_t>((minutes - days).count());
  FhirPathTime utc = *this;
  utc.parts_ = {static_cast<int>(date.year()),
                static_cast<std::int32_t>(static_cast<unsigned>(date.month())),
                static_cast<std::int32_t>(static_cast<unsigned>(date.day())),
                of_day / 60,
                of_day % 60,
                parts_[kSecond]};
  return utc;
}

std::optional<int> FhirPathTime::compare(const FhirPathTime& other) const {
  const std::size_t common = std::min(precision_, other.precision_);
  const bool with_time = common > kHour;
  if (with_time && offset_minutes_.has_value() != other.offset_minutes_.has_value()) return std::nullopt;
  const bool shifted = with_time && offset_minutes_ != other.offset_minutes_;
  const FhirPathTime& left = shifted ? in_utc() : *this;
  const FhirPathTime& right = shifted ? other.in_utc() : other;
  for (std::size_t i = 0; i < common; ++i) {
    if (left.parts_[i] != right.parts_[i]) return left.parts_[i] < right.parts_[i] ? -1 : 1;
  }
  if (precision_ != other.precision_) return std::nullopt;
  return left.nanoseconds_ == right.nanoseconds_ ? 0 : left.nanoseconds_ < right.nanoseconds_ ? -1 : 1;
}

}  // namespace fhir_mapper
