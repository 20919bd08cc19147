#include "gateway/support_bundle.h"

#include "gateway/settings_in_effect.h"
#include "tests/unit/gateway/settings_text.h"

#include <catch2/catch.hpp>

using namespace gateway;
using namespace gateway::test;

TEST_CASE("Settings are shown without comments and passwords") {
  CHECK(settings_for_others("<a><!-- x --><b/></a><!--") == "<a><b/></a>");
  CHECK(settings_for_others(R"(url="https://user:secret@host/fhir" next="a@b")") ==
        R"(url="https://...@host/fhir" next="a@b")");
  CHECK(settings_for_others(R"(url="https://host/fhir" next="a@b")") ==
        R"(url="https://host/fhir" next="a@b")");
}

TEST_CASE("Settings in effect name each storage and destination, with what is not written, too") {
  const std::string second =
      with(kLeast, "<state", R"(<storage id="volume2" root="/srv/two" settle="5s"/><state)");
  const std::string shown = effective_settings(loaded(second));
  for (const auto* line : {"facility/@institution-number 1319999999\n", "storage[main]/@settle 2s\n",
                           "storage[volume2]/@settle 5s\n", "storage[main]/@root /srv/ssmix2\n",
                           "destination[platform]/delivery/@late-window twice `timeout`\n"}) {
    CHECK_THAT(shown, Catch::Contains(line));
  }
}
