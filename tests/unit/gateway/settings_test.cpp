#include "gateway/settings.h"

#include "tests/unit/gateway/settings_text.h"

#include <stdexcept>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace gateway::test;
using gateway::Settings;

TEST_CASE("settings left out have their defaults") {
  const Settings settings = loaded(kLeast);
  const auto& storage = settings.storages.at(0);
  CHECK(storage.id == "main");
  CHECK(storage.settle == 2s);
  CHECK(storage.delete_settle == 10min);
  CHECK(storage.delete_limit_percent == 1.0);
  CHECK(storage.watch == gateway::WatchMode::automatic);
  CHECK(storage.insured_number == gateway::InsuredNumberRule::repetition);
  CHECK_FALSE(storage.branch_required);
  CHECK(storage.warm_interval == 15min);
  CHECK(storage.cold_interval == 7 * 24h);
  CHECK(storage.trust_mtime == gateway::MtimeTrust::automatic);
  CHECK(storage.concurrency == 2);
  CHECK(storage.rate_limit == 0);
  CHECK(storage.transactions.empty());
  CHECK(storage.scope.types.empty());
  CHECK_FALSE(storage.scope.lab_lookback);
  CHECK_FALSE(storage.scope.prescription_lookback);
  const auto& destination = settings.destinations.at(0);
  CHECK(destination.profile == gateway::DestinationProfile::clins);
  CHECK(destination.mode == gateway::DestinationMode::send);
  CHECK(destination.types == std::set<std::string>{"AllergyIntolerance", "Condition", "Observation"});
  CHECK(destination.untold == gateway::Untold::all);
  CHECK(destination.delivery.retry_max == 5min);
  CHECK(destination.tls.server_name == "platform.example");
  CHECK(settings.admin.listen == "127.0.0.1:9464");
  CHECK(settings.log.level == gateway::LogLevel::info);
  CHECK(settings.overlay_directory.empty());
}

TEST_CASE("every attribute reaches its setting") {
  std::string text = with(kLeast, kStorage, R"(<storage id="ward-2" root="../data/./ss" sweep-interval="2m"
        settle="100ms" watch="inotify" delete-settle="0s" delete-limit="0.5%" problem-list="newest"
        insured-number="joined" branch-required="yes")");
  text = with(text, kDestination + " " + kUrl, R"(<destination id="region" profile="jp-core"
        pack="jp-clins-1.5.5" url="https://[2001:db8::7]:8443/fhir/r4/" mode="dry-run")");
  text = with(text, "</destination>", R"(<send types="Observation MedicationRequest" untold="none"/>
        <delivery connections="64" timeout="10m" retry-first="10ms" retry-max="1d"/></destination>
        <admin listen="[::1]:80" mode="0660"/><log level="error"/>)");
  text = with(text, R"(key="client.key")", R"(key="/etc/key" server-name="fhir.example")");
  text = with(text, R"(directory="mapping")", R"(directory="mapping" overlay="site")");
  text = with(text, R"(院"/>)", R"(院" time-zone="-03:30"/>)");
  const Folder folder;
  const auto settings = load(text, folder);
  REQUIRE(settings.has_value());

  const auto& storage = settings->storages.at(0);
  CHECK(storage.id == "ward-2");
  CHECK(storage.root == folder.path().parent_path() / "data/ss");
  CHECK(storage.sweep_interval == 2min);
  CHECK(storage.settle == 100ms);
  CHECK(storage.watch == gateway::WatchMode::inotify);
  CHECK(storage.delete_settle == 0s);
  CHECK(storage.delete_limit_percent == 0.5);
  CHECK(storage.problem_list == gateway::ProblemList::newest_document);
  CHECK(storage.insured_number == gateway::InsuredNumberRule::joined);
  CHECK(storage.branch_required);
  const auto& destination = settings->destinations.at(0);
  CHECK(destination.id == "region");
  CHECK(destination.profile == gateway::DestinationProfile::jp_core);
  CHECK(destination.pack_version() == "1.5.5");
  CHECK(destination.url.text == "https://[2001:db8::7]:8443/fhir/r4");
  CHECK(destination.url.host == "2001:db8::7");
  CHECK(destination.url.port == "8443");
  CHECK(destination.url.path == "/fhir/r4");
  CHECK(destination.mode == gateway::DestinationMode::dry_run);
  CHECK(destination.tls.ca == folder.path() / "ca.crt");
  CHECK(destination.tls.certificate == folder.path() / "client.crt");
  CHECK(destination.tls.key == "/etc/key");
  CHECK(destination.tls.server_name == "fhir.example");
  CHECK(destination.types == std::set<std::string>{"MedicationRequest", "Observation"});
  CHECK(destination.untold == gateway::Untold::none);
  CHECK(destination.delivery.connections == 64);
  CHECK(destination.delivery.timeout == 10min);
  CHECK(destination.delivery.retry_first == 10ms);
  CHECK(destination.delivery.retry_max == 24h);
  CHECK(settings->facility.zone.offset() == -210min);
  CHECK(settings->state_directory == "/var/lib/kakehashi");
  CHECK(settings->overlay_directory == folder.path() / "site");
  CHECK(settings->admin.listen == "[::1]:80");
  CHECK(settings->admin.socket_mode == gateway::SocketMode::group);
  CHECK(settings->log.level == gateway::LogLevel::error);
}

TEST_CASE("every attribute of how a storage is read reaches its setting") {
  const Folder folder;
  const auto settings = load(with(kLeast, R"(<storage root="/srv/ssmix2"/>)", R"(<storage root="/srv/ssmix2"
        warm-interval="1m" cold-interval="60d" trust-mtime="yes" concurrency="16" rate-limit="1000000"
        transactions="../tr/./std"><scope types="PPR-01 ADT-61" lab-lookback="1y" prescription-lookback="30d"/>
        </storage>)"),
                             folder);
  REQUIRE(settings.has_value());
  const auto& storage = settings->storages.at(0);
  CHECK(storage.warm_interval == 1min);
  CHECK(storage.cold_interval == 60 * 24h);
  CHECK(storage.trust_mtime == gateway::MtimeTrust::yes);
  CHECK(storage.concurrency == 16);
  CHECK(storage.rate_limit == 1'000'000);
  CHECK(storage.transactions == folder.path().parent_path() / "tr/std");
  CHECK(storage.scope.types == std::set<std::string>{"ADT-61", "PPR-01"});
  CHECK(storage.scope.lab_lookback == std::chrono::days(366));
  CHECK(storage.scope.prescription_lookback == std::chrono::days(30));
}

TEST_CASE("an unknown attribute is a mistake on its own line, with a proposal when one is near") {
  check_storage_mistake(R"(setle="2s")", R"(unknown attribute "setle" of <storage>; did you mean "settle"?)");
  check_storage_mistake(R"(colour="red")", R"(unknown attribute "colour" of <storage>; known are id, root,)");
}

TEST_CASE("an unknown element is a mistake") {
  check_one_mistake(with(kLeast, "<mapping", "<storrage root=\"/x\"/>\n  <mapping"), "gateway.xml:5",
                    R"(unknown element <storrage> in <gateway>; did you mean "storage"?)");
  check_one_mistake(with(kLeast, "/>\n  </destination>", "><ca/></tls></destination>"), "gateway.xml:7",
                    "unknown element <ca> in <tls>; there is none");
}

TEST_CASE("a missing or doubled element or attribute is a mistake") {
  check_one_mistake(with(kLeast, R"(<state directory="/var/lib/kakehashi"/>)", ""), "gateway.xml:1",
                    "missing element <state> in <gateway>");
  check_one_mistake(with(kLeast, R"(<tls ca="ca.crt" certificate="client.crt" key="client.key"/>)", ""),
                    "gateway.xml:6", "missing element <tls> in <destination>");
  check_one_mistake(with(kLeast, "</gateway>", "<log/><log/></gateway>"), "gateway.xml:9", "second <log>");
  check_one_mistake(with(kLeast, R"(ca="ca.crt" )", ""), "gateway.xml:7",
                    R"(missing attribute "ca" of <tls>)");
  check_storage_mistake(R"(root="/srv/other")", R"(attribute "root" of <storage> is given twice)");
}

TEST_CASE("settings of another namespace are refused") {
  check_one_mistake(with(kLeast, "gateway:1", "gateway:2"), "gateway.xml:1",
                    R"(xmlns="urn:kakehashi:gateway:2" of <gateway> is not the namespace)");
  check_one_mistake(with(kLeast, R"( xmlns="urn:kakehashi:gateway:1")", ""), "gateway.xml:1",
                    R"(missing attribute "xmlns" of <gateway>)");
}

TEST_CASE("a file that is not XML is refused with the line where reading ended") {
  check_one_mistake(with(kLeast, "</destination>", "</destinatio>"), "gateway.xml:8", "not well-formed XML");
  check_one_mistake(with(kLeast, R"(name="架)", R"(name=架)"), "gateway.xml:2", "not well-formed XML");
  check_one_mistake("", "gateway.xml:1", "no <gateway>");
  check_one_mistake("<settings/>", "gateway.xml:1", "<settings> in place of the one <gateway>");
  check_one_mistake(kLeast + "<gateway/>", "gateway.xml:10", "<gateway> in place of the one <gateway>");
  check_one_mistake(kLeast + "oops", "gateway.xml:10", "text outside of <gateway>");
  check_one_mistake(with(kLeast, "<mapping", "oops <mapping"), "gateway.xml:5", "text inside <gateway>");
  check_one_mistake("<!DOCTYPE gateway [<!ENTITY a 'b'>]>\n" + kLeast, "gateway.xml:1", "DOCTYPE");
}

TEST_CASE("a bare < or & in a value is refused, an escaped one is text") {
  for (const auto* wrong : {"A & B", "A &amp B", "A &nbsp; B", "A < B", "&"}) {
    check_one_mistake(with(kLeast, "架橋病院", wrong), "gateway.xml:2",
                      "a bare < or & in \"name\" of <facility>");
  }
  CHECK(loaded(with(kLeast, "架橋病院", "A &amp; B &lt; &#67;")).facility.name == "A & B < C");
  CHECK(loaded(with(kLeast, "\"架橋病院\"", "'\"A\"'")).facility.name == "\"A\"");
}

TEST_CASE("a file saved in Shift_JIS is refused, one with a byte order mark is read") {
  check_one_mistake(with(kLeast, "架橋病院", "\x89\xCB\x8B\xB4"), "gateway.xml:2", "save the file as UTF-8");
  check_one_mistake(kLeast + std::string(1, '\0'), "gateway.xml:10", "not UTF-8 text");
  CHECK(loaded("\xEF\xBB\xBF" + kLeast).facility.name == "架橋病院");
}

TEST_CASE("a settings file that is not there or a folder is one clear mistake") {
  const Folder folder;
  const auto missing = gateway::load_settings(folder.path() / "none.xml");
  REQUIRE(missing.has_error());
  REQUIRE(missing.error().size() == 1);
  CHECK(missing.error()[0].place == (folder.path() / "none.xml").string());
  CHECK_THAT(missing.error()[0].message, Catch::Contains("cannot be read: No such file"));
  const auto not_a_file = gateway::load_settings(folder.path());
  REQUIRE(not_a_file.has_error());
  CHECK_THAT(not_a_file.error().at(0).message, Catch::Contains("cannot be read: Is a directory"));
}

TEST_CASE("all mistakes are returned at once, in the order of the file") {
  const std::string text = R"(<gateway xmlns="urn:kakehashi:gateway:1">
  <facility institution-number="1" name="架橋病院" time-zone="Europe/Berlin"/>
  <storage root="/a"
           settle="70h"
           wacth="auto"/>
  <storage/>
  <mapping directory=""/>
  <destination url="http://a">
    <delivery connections="no" retry-first="1h" retry-max="1s"/>
  </destination>
</gateway>)";
  const Mistakes mistakes = mistakes_of(text);
  const Mistakes expected = {
      {"gateway.xml:1", "missing element <state>"},
      {"gateway.xml:2", "institution-number="},
      {"gateway.xml:2", "not a known time zone"},
      {"gateway.xml:4", "settle="},
      {"gateway.xml:5", "did you mean \"watch\"?"},
      {"gateway.xml:6", "missing attribute \"root\""},
      {"gateway.xml:6", "two <storage> have id="},
      {"gateway.xml:7", "is empty; write a path"},
      {"gateway.xml:8", "missing element <tls>"},
      {"gateway.xml:8", "https://"},
      {"gateway.xml:9", "connections="},
      {"gateway.xml:9", "longer than retry-max"},
  };
  REQUIRE(mistakes.size() == expected.size());
  for (std::size_t at = 0; at < expected.size(); ++at) {
    CHECK(mistakes[at].first == expected[at].first);
    CHECK_THAT(mistakes[at].second, Catch::Contains(expected[at].second));
  }
}

TEST_CASE("control characters of a value do not reach the terminal") {
  check_storage_mistake("watch=\"&#27;[2J\"", "watch=\"?[2J\"");
}

TEST_CASE("value() of settings with mistakes throws them") {
  const Folder folder;
  const auto settings = load("<gateway/>", folder);
  CHECK_THROWS_AS(settings.value(), std::logic_error);
  CHECK_THROWS_WITH(settings.value(), Catch::Contains("gateway.xml:1: missing attribute \"xmlns\""));
}

TEST_CASE("the schedules that are not given are those of the retries") {
  const auto delivery = [](const std::string& attributes) {
    return loaded(with(kLeast, "</destination>", "<delivery " + attributes + "/></destination>"))
        .destinations.at(0)
        .delivery;
  };
  const auto plain = delivery(R"(retry-first="3s" retry-max="9s" timeout="20s")");
  CHECK(plain.result().first == 3s);
  CHECK(plain.result().max == 9s);
  CHECK(plain.pause().first == 3s);
  CHECK(plain.pause().max == 9s);
  CHECK(plain.late_window() == 40s);
  CHECK(plain.result_patience == 1h);
  CHECK(plain.source_address.empty());
  const auto own =
      delivery(R"(result-first="2s" result-max="4s" pause-first="5s" pause-max="6s" late-window="7m"
      source-address="2001:db8::7" result-patience="2h")");
  CHECK(own.result().first == 2s);
  CHECK(own.result().max == 4s);
  CHECK(own.pause().first == 5s);
  CHECK(own.pause().max == 6s);
  CHECK(own.retry().max == 5min);
  CHECK(own.late_window() == 7min);
  CHECK(own.result_patience == 2h);
  CHECK(own.source_address == "2001:db8::7");
}

TEST_CASE("a first wait that is longer than the longest is a mistake, in every schedule") {
  const auto check = [](const std::string& attributes, const std::string& message) {
    check_one_mistake(with(kLeast, "</destination>", "<delivery " + attributes + "/></destination>"),
                      "gateway.xml:8", message);
  };
  const std::string why = "; the first wait must not be longer than the longest";
  check(R"(retry-first="10m" pause-max="1s")", "retry-first (10m) is longer than retry-max (5m)" + why);
  check(R"(result-first="10m")", "result-first (10m) is longer than result-max (5m)" + why);
  check(R"(pause-max="10ms")", "pause-first (1s) is longer than pause-max (10ms)" + why);
  check(
      R"(late-window="29s")",
      "late-window (29s) is shorter than timeout (30s); what we give up at the timeout may still be carried "
      "out after it");
  check(
      R"(source-address="gateway.example")",
      R"(source-address="gateway.example" of <delivery> is not right; write an IPv4 or IPv6 address of this server)");
}

TEST_CASE("what a site knows of answers is read, and nothing can be made a success or be said twice") {
  const auto text = [](const std::string& answers) {
    return with(kLeast, "</destination>", "<delivery>\n" + answers + "</delivery></destination>");
  };
  const auto answers =
      loaded(text(R"(<answer status="422" means="later"/><answer status="500" means="unit"/>)"
                  R"(<answer status="409" means="destination"/>)"))
          .destinations.at(0)
          .delivery.answers;
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].status == 422);
  CHECK(answers[0].means == gateway::AnswerMeaning::later);
  CHECK(answers[1].means == gateway::AnswerMeaning::unit);
  CHECK(answers[2].means == gateway::AnswerMeaning::destination);
  check_one_mistake(text(R"(<answer status="204" means="later"/>)"), "gateway.xml:9",
                    R"(status="204" of <answer> is out of bounds; allowed is 300 to 599)");
  check_one_mistake(text(R"(<answer status="422" means="delivered"/>)"), "gateway.xml:9",
                    R"(means="delivered" of <answer> is not one of unit, destination, later)");
  check_one_mistake(text(R"(<answer status="422" means="unit"/><answer status="422" means="later"/>)"),
                    "gateway.xml:9", "two <answer> name status 422; keep one");
  check_one_mistake(
      text(R"(<answer status="422"/>)"), "gateway.xml:9",
      R"(missing attribute "means" of <answer>, `unit`: it is refused for its content; )"
      R"(`destination`: the destination is paused; `later`: it is sent again; write unit, destination, later)");
}
