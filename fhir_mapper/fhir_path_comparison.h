#pragma once
// How items of an expression compare: =, ~ and <. Elements are compared by what they hold, dates as exactly
// as they are written.

#include "fhir_mapper/fhir_path_value.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fhir_mapper {

/// The logic of FHIRPath has three values: what is empty is neither true nor false.
enum class FhirPathTruth : std::uint8_t { no, yes, unknown };

/// Room for the text of an element that is filled in when a snapshot is sent.
using FhirPathTextRoom = std::array<char, 48>;

/// The text of a text, or of an element that JSON writes as one; nothing for others. What is filled in at
/// sending has a text too: the URL of an entry is another for each entry, a time is valid and means nothing.
std::optional<std::string_view> text_of(const FhirPathValue& value, FhirPathTextRoom& room);

/// An element of a primitive type as the value that it has; everything else as it is.
FhirPathValue plain_value(const FhirPathValue& value, FhirPathTextRoom& room);

class FhirPathComparison {
 public:
  /// Counts in `steps` what it looks at.
  explicit FhirPathComparison(std::size_t& steps) : steps_(steps) {}

  FhirPathTruth equal(const FhirPathValue& left, const FhirPathValue& right);
  /// Texts without case and with one space for several, numbers as exact as the less exact one.
  bool equivalent(const FhirPathValue& left, const FhirPathValue& right);

  enum class Order : std::uint8_t { less, equal, greater, unknown, unfit };
  /// Unfit: of different kinds, or of one that has no order.
  static Order order(const FhirPathValue& left, const FhirPathValue& right);

 private:
  bool same(const Node& left, const Node& right, bool loosely);
  bool same_leaf(const Node& left, const Node& right, bool loosely) const;

  std::size_t& steps_;
};

}  // namespace fhir_mapper
