#include "fhir_mapper/replaced_character.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const char* const kUnreadable = "1\uFFFD2";

/// {first: [{second: {third: value}}]}
Node nested(const char* first, const char* second, const char* third, const char* value) {
  Node inner, item, resource;
  inner.member(third) = Node(value);
  item.member(second) = std::move(inner);
  resource.member(first, Node(Node::Array{})).array().push_back(std::move(item));
  return resource;
}

}  // namespace

TEST_CASE("an unreadable code, system or identifier is found however deep it lies") {
  CHECK(find_unreadable_code(nested("component", "coding", "code", kUnreadable)) == "component.coding.code");
  CHECK(find_unreadable_code(nested("component", "coding", "system", kUnreadable)) ==
        "component.coding.system");
  CHECK(find_unreadable_code(nested("participant", "identifier", "value", kUnreadable)) ==
        "participant.identifier.value");
}

TEST_CASE("unreadable characters of free text are left alone, and readable codes too") {
  CHECK_FALSE(find_unreadable_code(nested("component", "coding", "display", kUnreadable)));
  CHECK_FALSE(find_unreadable_code(nested("telecom", "x", "value", kUnreadable)));
  CHECK_FALSE(find_unreadable_code(nested("component", "coding", "code", "12")));
}

}  // namespace fhir_mapper::test
