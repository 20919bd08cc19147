#include "fhir_mapper/fhir_element.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>

namespace fhir_mapper {
namespace {

struct TypeRow {
  std::string_view name;
  std::size_t first = 0;
  std::size_t count = 0;
  bool is_resource = false;
};

#include "fhir_mapper/fhir_element_table.inc"

constexpr std::span<const FhirElement> elements_of(const TypeRow& type) {
  return std::span(kElements).subspan(type.first, type.count);
}

/// Strictly ascending by `name`: sorted, and nothing twice.
template <typename Range, typename Projection>
constexpr bool ascends(const Range& range, Projection name) {
  return std::ranges::is_sorted(range, std::ranges::less_equal{}, name);
}

constexpr bool every_element_is_of_one_type() {
  std::size_t next = 0;
  for (const TypeRow& type : kTypes) {
    if (type.first != next || !ascends(elements_of(type), &FhirElement::name)) return false;
    next += type.count;
  }
  return next == std::size(kElements);
}
static_assert(ascends(kTypes, &TypeRow::name), "look-up by halving");
static_assert(ascends(kPrimitives, std::identity{}), "look-up by halving");
static_assert(every_element_is_of_one_type(), "look-up by halving");

const TypeRow* find_type(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kTypes, name, {}, &TypeRow::name);
  return found != std::end(kTypes) && found->name == name ? found : nullptr;
}

}  // namespace

const FhirElement* find_element(std::string_view type, std::string_view name) {
  const std::span<const FhirElement> elements = elements_of(type);
  const auto found = std::ranges::lower_bound(elements, name, {}, &FhirElement::name);
  return found != elements.end() && found->name == name ? &*found : nullptr;
}

std::span<const FhirElement> elements_of(std::string_view type) {
  const TypeRow* const found = find_type(type);
  if (found == nullptr) return {};
  return elements_of(*found);
}

bool is_resource_type(std::string_view type) {
  const TypeRow* const found = find_type(type);
  return found != nullptr && found->is_resource;
}

std::vector<std::string_view> resource_types() {
  std::vector<std::string_view> names;
  for (const TypeRow& type : kTypes) {
    if (type.is_resource) names.push_back(type.name);
  }
  return names;
}

std::vector<std::string_view> element_types() {
  std::vector<std::string_view> names;
  for (const TypeRow& type : kTypes) names.push_back(type.name);
  return names;
}

bool is_primitive_type(std::string_view type) {
  return std::ranges::binary_search(kPrimitives, type);
}

}  // namespace fhir_mapper
