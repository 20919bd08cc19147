#pragma once
// A FHIR decimal kept as its text: 7.20 stays 7.20, because its digits are its precision (FHIR R4 datatypes).

#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

class Decimal {
 public:
  /// The FHIR grammar: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?. HL7 NM also allows a leading plus,
  /// leading zeros and a bare point (".5", "5."); these are written the JSON way without touching any other
  /// digit. Surrounding spaces are HL7 padding. Nothing for every other text, or more than 64 characters.
  static std::optional<Decimal> parse(std::string_view text);

  const std::string& text() const { return text_; }
  friend bool operator==(const Decimal&, const Decimal&) = default;

 private:
  explicit Decimal(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace fhir_mapper
