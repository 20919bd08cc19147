// The bounds and shapes of single settings, and what does not go together.

#include "gateway/settings.h"
#include "tests/unit/gateway/settings_text.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace gateway::test;

TEST_CASE("a duration out of bounds or without a unit is refused with the bounds") {
  check_storage_mistake(R"(settle="99ms")",
                        R"(settle="99ms" of <storage> is out of bounds; allowed is 100ms to 1h)");
  check_storage_mistake(R"(settle="3601s")", "allowed is 100ms to 1h");
  check_storage_mistake(R"(settle="2")", "is not a duration");
  check_storage_mistake(R"(sweep-interval="999ms")", "allowed is 1s to 1d");
  check_storage_mistake(R"(sweep-interval="25h")", "allowed is 1s to 1d");
  check_storage_mistake(R"(delete-settle="8d")", "allowed is 0s to 7d");
  const auto delivery = [](const std::string& attribute, const std::string& message) {
    check_one_mistake(with(kLeast, "</destination>", "<delivery " + attribute + "/></destination>"),
                      "gateway.xml:8", message);
  };
  delivery(R"(timeout="999ms")", "allowed is 1s to 10m");
  delivery(R"(timeout="601s")", "allowed is 1s to 10m");
  delivery(R"(retry-first="9ms")", "allowed is 10ms to 1h");
  delivery(R"(retry-first="61m")", "allowed is 10ms to 1h");
  delivery(R"(retry-max="25h")", "allowed is 10ms to 1d");
  delivery(R"(connections="0")", "allowed is 1 to 64");
  delivery(R"(connections="65")", "allowed is 1 to 64");
  delivery(R"(connections="99999999999")", "allowed is 1 to 64");
  delivery(R"(connections="4x")", "is not a whole number");
  delivery(R"(connections="")", "is not a whole number");
}

TEST_CASE("durations are whole numbers with a unit") {
  CHECK(gateway::parse_duration("500ms") == 500ms);
  CHECK(gateway::parse_duration("2s") == 2s);
  CHECK(gateway::parse_duration("5m") == 5min);
  CHECK(gateway::parse_duration("1h") == 1h);
  CHECK(gateway::parse_duration("1d") == 24h);
  CHECK(gateway::parse_duration("9223372036854775807ms") == gateway::Milliseconds(9223372036854775807));
  for (const auto* wrong : {"", "s", "5", "-1s", "+1s", "1.5s", " 1s", "1 s", "1s ", "1S", "1w", "1sm",
                            "9223372036854775808ms", "106751991168d", "99999999999999999999s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(gateway::parse_duration(wrong));
  }
}

TEST_CASE("a word that is not one of the allowed is refused with their list") {
  check_storage_mistake(
      R"(watch="inotfy")",
      R"(watch="inotfy" of <storage> is not one of auto, sweep, inotify; did you mean "inotify"?)");
  check_storage_mistake(R"(insured-number="x")", "is not one of repetition, symbol-number, joined");
  check_storage_mistake(R"(branch-required="true")", "is not one of no, yes");
  check_storage_mistake(R"(problem-list="Union")", R"(did you mean "union"?)");
  check_one_mistake(with(kLeast, kDestination, kDestination + R"( profile="jp_core")"), "gateway.xml:6",
                    R"(is not one of clins, jp-core; did you mean "jp-core"?)");
}

TEST_CASE("ids are short lower-case words, each used once") {
  for (const auto* wrong : {"", "Main", "a_b", "架橋", "a b", "123456789012345678901234567890123"}) {
    check_storage_mistake("id=\"" + std::string(wrong) + '"', "1 to 32 of a-z, 0-9 and -");
  }
  CHECK(loaded(with(kLeast, kStorage, kStorage + R"( id="12345678901234567890123456789012")"))
            .storages.size() == 1);
  const std::string two = with(kLeast, kStorage, "<storage root=\"/srv/other\"/>\n" + kStorage);
  check_one_mistake(two, "gateway.xml:4", R"(two <storage> have id="main"; give each an id of its own)");
  CHECK(loaded(with(two, kStorage, kStorage + R"( id="second")")).storages.size() == 2);
  const auto start = kLeast.find("<destination");
  const auto end = kLeast.find("</gateway>");
  check_one_mistake(with(kLeast, "</gateway>", kLeast.substr(start, end - start) + "</gateway>"),
                    "gateway.xml:9", R"(two <destination> have id="platform")");
}

TEST_CASE("an institution number has ten digits of the right kinds") {
  for (const auto* wrong :
       {"", "131999999", "13199999990", "5319999999", "1309999999", "1349999999", "131999999x"}) {
    check_one_mistake(with(kLeast, "1319999999", wrong), "gateway.xml:2", "write 10 digits");
  }
  CHECK(loaded(with(kLeast, "1319999999", "4930000000")).facility.institution_number == "4930000000");
}

TEST_CASE("a delete limit is a percentage from 0 to 100") {
  for (const auto* wrong : {"1", "%", "-1%", "-0%", "1,5%", "1.%", ".5%", "nan%", "inf%", "1e1%", "1 %"}) {
    check_storage_mistake("delete-limit=\"" + std::string(wrong) + '"', "is not a percentage");
  }
  check_storage_mistake(R"(delete-limit="100.1%")", "allowed is 0% to 100%");
  const auto limit = [](const std::string& text) {
    const auto settings = loaded(with(kLeast, kStorage, kStorage + " delete-limit=\"" + text + '"'));
    return settings.storages[0].delete_limit_percent;
  };
  CHECK(limit("0%") == 0.0);
  CHECK(limit("100%") == 100.0);
}

TEST_CASE("a destination url is https with a host and nothing after the path") {
  const auto url_mistake = [](const std::string& url, const std::string& message) {
    check_one_mistake(with(kLeast, kUrl, "url=\"" + url + '"'), "gateway.xml:6", message);
  };
  url_mistake("", "is not a URL");
  url_mistake("platform.example/fhir", "is not a URL");
  url_mistake("https://架橋.example/", "is not a URL");
  url_mistake("http://platform.example/fhir", "does not start with https://");
  url_mistake("https://user@platform.example/fhir", "has a user name or password");
  url_mistake("https://platform.example/fhir?a=b", "has a query or fragment");
  url_mistake("https://platform.example/fhir#a", "has a query or fragment");
  url_mistake("https:///fhir", "has no usable host");
  url_mistake("https:fhir", "has no usable host");
  url_mistake("https://a%20b/fhir", "has no usable host");
  url_mistake("https://platform.example:0/", "allowed is 1 to 65535");
  url_mistake("https://platform.example:65536/", "allowed is 1 to 65535");

  const auto url = loaded(with(kLeast, kUrl, R"(url="https://192.0.2.7/")")).destinations[0].url;
  CHECK(url.text == "https://192.0.2.7");
  CHECK(url.host == "192.0.2.7");
  CHECK(url.port == "443");
  CHECK(url.path.empty());
}

TEST_CASE("a profile pack is named with three numbers") {
  for (const auto* wrong : {"", "jp-clins-", "jp-clins-1.12", "jp-clins-1.12.0.1", "jp-clins-1..0",
                            "jp-core-1.12.0", "jp-clins-1.12.0a"}) {
    check_one_mistake(with(kLeast, kUrl, kUrl + " pack=\"" + wrong + '"'), "gateway.xml:6", "jp-clins-");
  }
}

TEST_CASE("types are resource types, and MedicationRequest is refused for clins with the reason") {
  const auto send = [](const std::string& types) {
    return with(kLeast, "</destination>", "<send types=\"" + types + "\"/></destination>");
  };
  check_one_mistake(send("Conditon"), "gateway.xml:8", R"(names "Conditon", which is not one of)");
  check_one_mistake(send("Conditon"), "gateway.xml:8", R"(did you mean "Condition"?)");
  check_one_mistake(send(" "), "gateway.xml:8", "write at least one of");
  check_one_mistake(send("Condition MedicationRequest"), "gateway.xml:6", "(rule R02142)");
  CHECK(loaded(send("Condition\n Observation")).destinations[0].types.size() == 2);
  CHECK(loaded(with(send("MedicationRequest"), kUrl, kUrl + R"( profile="jp-core")")).destinations.size() ==
        1);
  // A slip in the profile is not followed by a complaint that takes the default for what was meant.
  check_one_mistake(with(send("MedicationRequest"), kUrl, kUrl + R"( profile="jpcore")"), "gateway.xml:6",
                    "is not one of clins, jp-core");
}

TEST_CASE("a state directory inside a storage root is refused, whichever comes first in the file") {
  const std::string state = R"(<state directory="/var/lib/kakehashi"/>)";
  for (const auto* inside :
       {"/srv/ssmix2", "/srv/ssmix2/", "/srv/ssmix2/state", "/srv/a/../ssmix2/state/."}) {
    const std::string moved = "<state directory=\"" + std::string(inside) + "\"/>";
    check_one_mistake(with(kLeast, state, moved), "gateway.xml:4", "is inside the root \"/srv/ssmix2\"");
    check_one_mistake(with(with(kLeast, state, ""), "<facility", moved + "<facility"), "gateway.xml:3",
                      "is inside the root");
    check_one_mistake(with(with(kLeast, state, moved), "/srv/ssmix2\"", "/srv/ssmix2/\""), "gateway.xml:4",
                      "is inside the root");
  }
  for (const auto* outside : {"/srv", "/srv/ssmix2-state", "/srv/ssmix2/../state"}) {
    CHECK(loaded(with(kLeast, "/var/lib/kakehashi", outside)).storages.size() == 1);
  }
}

TEST_CASE("the first retry does not wait longer than the longest") {
  const auto delivery = [](const std::string& attributes) {
    return with(kLeast, "</destination>", "<delivery " + attributes + "/></destination>");
  };
  check_one_mistake(delivery(R"(retry-first="6m")"), "gateway.xml:8",
                    "retry-first (6m) is longer than retry-max (5m)");
  check_one_mistake(delivery(R"(retry-first="6m" retry-max="x")"), "gateway.xml:8", "is not a duration");
  CHECK(loaded(delivery(R"(retry-first="5m")")).destinations.size() == 1);
}
