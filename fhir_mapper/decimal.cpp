#include "fhir_mapper/decimal.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

constexpr std::size_t kMaxLength = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& rest) {
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_digit);
  const auto digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(digits.size());
  return digits;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  std::string_view rest = trimmed(text);
  if (rest.empty() || rest.size() > kMaxLength) return std::nullopt;

  std::string out;
  if (rest.front() == '-') out += '-';
  if (rest.front() == '-' || rest.front() == '+') rest.remove_prefix(1);

  std::string_view whole = take_digits(rest);
  std::string_view fraction;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  out += whole.empty() ? "0" : whole;
  if (!fraction.empty()) out.append(".").append(fraction);

  if (!rest.empty() && (rest.front() == 'e' || rest.front() == 'E')) {
    out += rest.front();
    rest.remove_prefix(1);
    if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
      out += rest.front();
      rest.remove_prefix(1);
    }
    const std::string_view exponent = take_digits(rest);
    if (exponent.empty()) return std::nullopt;
    out += exponent;
  }
  if (!rest.empty()) return std::nullopt;
  return Decimal(std::move(out));
}

}  // namespace fhir_mapper
