#include "fhir_mapper/fhir_path_number.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace fhir_mapper {
namespace {

constexpr int kMaxScale = 18;
constexpr int kQuotientPlaces = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// value * 10^power; false: it does not fit.
bool shift(std::int64_t& value, int power) {
  for (; power > 0 && value != 0; --power) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return false;
  }
  return true;
}

/// Digits of `rest` that are taken into `value`; false: they do not fit.
bool take_digits(std::string_view& rest, std::int64_t& value, int& count) {
  for (count = 0; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), ++count) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, std::int64_t{rest.front() - '0'}, &value)) return false;
  }
  return true;
}

}  // namespace

std::optional<FhirPathNumber> FhirPathNumber::of(std::int64_t digits, int scale) {
  while (scale > 0 && digits % 10 == 0) {
    digits /= 10;
    --scale;
  }
  if (scale < 0 && !shift(digits, -scale)) return std::nullopt;
  if (scale > kMaxScale || digits == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  FhirPathNumber number(digits);
  number.scale_ = std::max(scale, 0);
  return number;
}

std::optional<FhirPathNumber> FhirPathNumber::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t digits = 0;
  int count = 0;
  if (!take_digits(text, digits, count) || count == 0) return std::nullopt;
  int scale = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    // Zeros at the end do not count, and must not make a number too long.
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string_view fraction = text.substr(0, end);
    if (fraction.empty()) return std::nullopt;
    text.remove_prefix(end);
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    if (!take_digits(fraction, digits, scale)) return std::nullopt;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    int exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc() || exponent < -100 || exponent > 100) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    scale -= exponent;
  }
  if (!text.empty()) return std::nullopt;
  return of(negative ? -digits : digits, digits == 0 ? 0 : scale);
}

std::optional<std::int64_t> FhirPathNumber::whole() const {
  if (scale_ != 0) return std::nullopt;
  return digits_;
}

std::string FhirPathNumber::text() const {
  std::string text = std::to_string(digits_ < 0 ? -digits_ : digits_);
  if (scale_ > 0) {
    const auto places = static_cast<std::size_t>(scale_);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, ".");
  }
  return digits_ < 0 ? "-" + text : text;
}

FhirPathNumber FhirPathNumber::rounded(int places) const {
  if (scale_ <= places) return *this;
  std::int64_t digits = digits_;
  for (int i = scale_; i > places + 1; --i) digits /= 10;
  const std::int64_t last = digits % 10;
  digits = digits / 10 + (last >= 5 ? 1 : last <= -5 ? -1 : 0);
  return of(digits, places).value_or(*this);
}

bool FhirPathNumber::align(const FhirPathNumber& left, const FhirPathNumber& right, std::int64_t& left_digits,
                           std::int64_t& right_digits) {
  left_digits = left.digits_;
  right_digits = right.digits_;
  return shift(left_digits, right.scale_ - left.scale_) && shift(right_digits, left.scale_ - right.scale_);
}

std::optional<FhirPathNumber> FhirPathNumber::negated() const {
  return of(-digits_, scale_);
}

std::optional<FhirPathNumber> FhirPathNumber::plus(const FhirPathNumber& other) const {
  std::int64_t left = 0;
  std::int64_t right = 0;
  if (!align(*this, other, left, right) || __builtin_add_overflow(left, right, &left)) return std::nullopt;
  return of(left, std::max(scale_, other.scale_));
}

std::optional<FhirPathNumber> FhirPathNumber::minus(const FhirPathNumber& other) const {
  FhirPathNumber negative = other;
  negative.digits_ = -negative.digits_;
  return plus(negative);
}

std::optional<FhirPathNumber> FhirPathNumber::times(const FhirPathNumber& other) const {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(digits_, other.digits_, &product)) return std::nullopt;
  return of(product, scale_ + other.scale_);
}

std::optional<FhirPathNumber> FhirPathNumber::divided_by(const FhirPathNumber& other) const {
  std::int64_t left = 0;
  std::int64_t right = 0;
  if (other.digits_ == 0 || !align(*this, other, left, right)) return std::nullopt;
  if (!shift(left, kQuotientPlaces + 1)) return std::nullopt;
  const auto quotient = of(left / right, kQuotientPlaces + 1);
  if (!quotient.has_value()) return std::nullopt;
  return quotient->rounded(kQuotientPlaces);
}

std::optional<FhirPathNumber> FhirPathNumber::whole_quotient(const FhirPathNumber& other) const {
  std::int64_t left = 0;
  std::int64_t right = 0;
  if (other.digits_ == 0 || !align(*this, other, left, right)) return std::nullopt;
  return FhirPathNumber(left / right);
}

std::optional<FhirPathNumber> FhirPathNumber::remainder(const FhirPathNumber& other) const {
  std::int64_t left = 0;
  std::int64_t right = 0;
  if (other.digits_ == 0 || !align(*this, other, left, right)) return std::nullopt;
  return of(left % right, std::max(scale_, other.scale_));
}

std::strong_ordering operator<=>(const FhirPathNumber& left, const FhirPathNumber& right) {
  std::int64_t left_digits = 0;
  std::int64_t right_digits = 0;
  if (FhirPathNumber::align(left, right, left_digits, right_digits)) return left_digits <=> right_digits;
  // One is too large to be written like the other: its sign decides.
  if (left.scale_ < right.scale_) return left.digits_ <=> 0;
  return 0 <=> right.digits_;
}

}  // namespace fhir_mapper
