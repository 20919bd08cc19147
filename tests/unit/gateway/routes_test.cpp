#include "gateway/routes.h"

#include "tests/unit/gateway/certificates.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using gateway::test::certificates;

DestinationSettings destination(const std::string& id, const char* certificate) {
  DestinationSettings settings;
  settings.id = id;
  settings.tls.ca = certificates().file("ca.crt");
  settings.tls.certificate = certificates().file(certificate);
  settings.tls.key = certificates().file("client.key");
  return settings;
}

}  // namespace

TEST_CASE("Each destination has its own certificates, and one that nothing is sent to needs none") {
  Settings settings;
  settings.destinations = {destination("platform", "client.crt"), destination("region", "client.crt"),
                           destination("later", "none.crt")};
  settings.destinations.back().mode = DestinationMode::dry_run;
  const auto identities = load_identities(settings);
  REQUIRE(identities.has_value());
  REQUIRE(identities->size() == 2);
  CHECK(identities->contains("platform"));
  CHECK(identities->contains("region"));
}

TEST_CASE("A certificate of one destination that is out of date keeps nobody from starting") {
  Settings settings;
  settings.destinations = {destination("platform", "client-expired.crt"),
                           destination("region", "client.crt")};
  settings.destinations.front().tls.key = certificates().file("client-expired.key");
  const auto identities = load_identities(settings);
  REQUIRE(identities.has_value());
  CHECK(identities->size() == 2);
}

TEST_CASE("What is wrong with the certificates of several destinations is told at once") {
  Settings settings;
  settings.destinations = {destination("platform", "none.crt"), destination("good", "client.crt"),
                           destination("region", "server.crt")};
  const auto identities = load_identities(settings);
  REQUIRE(identities.has_error());
  const SettingsErrors errors = identities.error();
  REQUIRE(errors.size() == 2);
  CHECK_THAT(errors[0].place, Catch::Contains("none.crt"));
  CHECK_THAT(errors[1].message, Catch::Contains("key"));
}
