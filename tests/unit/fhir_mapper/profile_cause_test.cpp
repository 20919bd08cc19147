// The forms of rules whose entry is looked for.
#include "fhir_mapper/profile_cause.h"

#include <string>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string parts_of(std::string_view expression) {
  const auto demand = demand_on_each(expression);
  return demand ? std::string(demand->of) + " | " + std::string(demand->each) : "none";
}

TEST_CASE("a demand on each of some is parted into who they are and what is demanded") {
  CHECK(parts_of("entry.resource.ofType(Condition).all(encounter.exists())") ==
        "entry.resource.ofType(Condition) | encounter.exists()");
  CHECK(parts_of("entry.tail().resource.all(a = ')' or b = '\\'(' or (c))") ==
        "entry.tail().resource | a = ')' or b = '\\'(' or (c)");
}

TEST_CASE("an expression that says more, or something else, is no demand on each of some") {
  CHECK(parts_of("entry.resource.all(a) and type = 'collection'") == "none");
  CHECK(parts_of("entry.where(link.all(a)).exists()") == "none");
  CHECK(parts_of("entry.resource.all(a") == "none");
  CHECK(parts_of("entry.first().resource.is(Patient)") == "none");
  CHECK(parts_of("") == "none");
}

}  // namespace
}  // namespace fhir_mapper::test
