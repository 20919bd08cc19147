#pragma once
// A number that an expression reckons with: exact, decimal, up to eighteen digits. What does not fit is no
// number, so that nobody compares rounded ones.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

class FhirPathNumber {
 public:
  explicit FhirPathNumber(std::int64_t whole = 0) : digits_(whole) {}
  /// As FHIR writes decimals: "7.20", "-1e3".
  static std::optional<FhirPathNumber> parse(std::string_view text);

  /// Nothing when it has a fraction.
  std::optional<std::int64_t> whole() const;
  std::string text() const;
  /// How many digits stand behind the point, zeros at their end not counted.
  int places() const { return scale_; }
  /// To the nearest number with so many places, halves away from zero.
  FhirPathNumber rounded(int places) const;

  // Nothing: it does not fit, or a division by zero.
  std::optional<FhirPathNumber> negated() const;
  std::optional<FhirPathNumber> plus(const FhirPathNumber& other) const;
  std::optional<FhirPathNumber> minus(const FhirPathNumber& other) const;
  std::optional<FhirPathNumber> times(const FhirPathNumber& other) const;
  /// With eight places, as FHIRPath asks for.
  std::optional<FhirPathNumber> divided_by(const FhirPathNumber& other) const;
  std::optional<FhirPathNumber> whole_quotient(const FhirPathNumber& other) const;
  std::optional<FhirPathNumber> remainder(const FhirPathNumber& other) const;

  friend std::strong_ordering operator<=>(const FhirPathNumber& left, const FhirPathNumber& right);
  friend bool operator==(const FhirPathNumber& left, const FhirPathNumber& right) {
    return (left <=> right) == std::strong_ordering::equal;
  }

 private:
  /// digits / 10^scale, without zeros at the end of the fraction.
  static std::optional<FhirPathNumber> of(std::int64_t digits, int scale);
  /// Both as multiples of the same power of ten.
  static bool align(const FhirPathNumber& left, const FhirPathNumber& right, std::int64_t& left_digits,
                    std::int64_t& right_digits);

  std::int64_t digits_ = 0;
  int scale_ = 0;
};

}  // namespace fhir_mapper
