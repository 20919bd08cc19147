#include "fhir_mapper/replaced_character.h"

#include "tests/unit/json_tree.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

/// With X for a character that could not be read.
std::optional<std::string> found_in(std::string json) {
  json.replace(json.find('X'), 1, "\uFFFD");
  return find_unreadable_code(tree_of(json).root());
}

}  // namespace

TEST_CASE("an unreadable code, system or identifier is found however deep it lies") {
  CHECK(found_in(R"({"component":[{"coding":{"code":"1X2"}}]})") == "component.coding.code");
  CHECK(found_in(R"({"component":[{"coding":{"system":"1X2"}}]})") == "component.coding.system");
  CHECK(found_in(R"({"participant":[{"identifier":{"value":"1X2"}}]})") == "participant.identifier.value");
}

TEST_CASE("unreadable characters of free text are left alone, and readable codes too") {
  CHECK_FALSE(found_in(R"({"component":[{"coding":{"display":"1X2"}}]})"));
  CHECK_FALSE(found_in(R"({"telecom":[{"x":{"value":"1X2"}}]})"));
  CHECK_FALSE(found_in(R"({"component":[{"coding":{"code":"12","display":"X"}}]})"));
}

}  // namespace fhir_mapper::test
