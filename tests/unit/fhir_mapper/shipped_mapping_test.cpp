// What a site can rely on when it changes the mapping that comes with the gateway.
#include "tests/unit/fhir_mapper/support.h"

#include <map>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

TEST_CASE("every shipped rule has an address of its own, for a site to change that rule and no other") {
  std::map<std::string, const RuleIdentity*> known;
  for (const RuleIdentity& rule : shipped_mapping().rules()) {
    // Nobody need take an <ignore> away: a value that a rule sends is sent.
    if (rule.kind == RuleIdentity::Kind::ignore) continue;
    const auto [other, fresh] = known.emplace(rule.address, &rule);
    INFO(rule.text() << " and " << other->second->text());
    CHECK(fresh);
  }
  CHECK(known.size() > 200);
}

}  // namespace
}  // namespace fhir_mapper::test
