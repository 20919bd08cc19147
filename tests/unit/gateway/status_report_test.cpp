#include "gateway/status_report.h"

#include "gateway/quiet_time.h"
#include "tests/unit/gateway/codes_support.h"
#include "tests/unit/gateway/ledger_storage.h"
#include "tests/unit/gateway/settings_text.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

namespace {

using gateway::Instant;
using gateway::Settings;
using gateway::StatusReport;
using ssmix2::FailureCode;
using namespace gateway::test;

/// platform and region.
Settings two_destinations() {
  Settings settings = loaded(kLeast);
  settings.destinations.push_back(settings.destinations.front());
  settings.destinations.back().id = "region";
  settings.destinations.back().untold = gateway::Untold::none;
  return settings;
}

rapidjson::Document json_of(const StatusReport& report) {
  rapidjson::Document json;
  json.Parse(to_json(report).c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

void put_one(gateway::StateStore::Contents& state, const std::string& patient,
             const gateway::Snapshot& snapshot, Instant now) {
  put(state, built(condition_unit(patient), snapshot), now);
}

}  // namespace

TEST_CASE("The status of an empty state has every member of the contract, with zeros") {
  const auto state = empty_state();
  const auto json = json_of(read_status(state->database, two_destinations(), at(0)));
  for (const auto* member : {"pending", "in-result", "held", "unknown", "rejected", "delivered"}) {
    CAPTURE(member);
    REQUIRE(json["outbox"].HasMember(member));
    CHECK(json["outbox"][member].GetInt64() == 0);
    CHECK(json["destinations"]["region"]["outbox"][member].GetInt64() == 0);
  }
  CHECK(json["oldest_pending_seconds"].GetInt64() == 0);
  CHECK(json["destinations"]["platform"]["oldest_pending_seconds"].GetInt64() == 0);
  CHECK(json["documents"]["seen"].GetInt64() == 0);
  CHECK(json["documents"]["failed"].GetInt64() == 0);
}

TEST_CASE("The status tells how long nothing is sent, and why") {
  const auto state = empty_state();
  const auto settings = two_destinations();
  const auto quiet = [&](int seconds) {
    return json_of(read_status(state->database, settings, at(seconds)))["quiet_seconds"].GetInt64();
  };
  CHECK(quiet(0) == 0);
  gateway::begin_quiet_time(state->database, at(0), gateway::Promises::perhaps);
  CHECK(quiet(0) == 3600);
  CHECK_THAT(to_text(read_status(state->database, settings, at(60))),
             Catch::Contains("nothing is sent for 3540 s"));
  CHECK(quiet(3600) == 0);
  CHECK_THAT(to_text(read_status(state->database, settings, at(3600))), !Catch::Contains("nothing is sent"));
}

TEST_CASE("Units that go out although a pack warns of them are counted by its rules, each as it is now") {
  const auto state = empty_state();
  const auto warned = [](const std::string& text, std::set<std::string> rules) {
    auto snapshot = content(text);
    snapshot.warned_rules = std::move(rules);
    return snapshot;
  };
  const auto counted = [&] {
    std::string text;
    for (const auto& [rule, count] :
         read_status(state->database, two_destinations(), at(100)).total().warned_rules)
      text += rule + " " + std::to_string(count) + ";";
    return text;
  };
  put_one(*state, "0001", warned("A", {"R6022", "display"}), at(10));
  put_one(*state, "0002", warned("B", {"R6022"}), at(20));
  auto both = built(condition_unit("0003"), content("C"));
  both.snapshots["region"] = warned("C", {"R6022"});
  put(*state, both, at(30));
  CHECK(counted() == "R6022 3;display 1;");
  const auto report = read_status(state->database, two_destinations(), at(100));
  CHECK(json_of(report)["destinations"]["platform"]["warned_rules"]["R6022"].GetInt64() == 2);
  CHECK_THAT(to_text(report), Catch::Contains("2 x R6022"));

  auto stopped = warned("D", {"other"});
  stopped.kind = gateway::Snapshot::Kind::rejected;
  stopped.reason = ssmix2::Failure(FailureCode::profile_broken);
  put_one(*state, "0001", stopped, at(40));
  put_one(*state, "0001", held(), at(45));
  CHECK(counted() == "R6022 3;display 1;");  // what was let go before stands
  put_one(*state, "0001", warned("A", {"display"}), at(50));
  CHECK(counted() == "R6022 2;display 1;");
  put_one(*state, "0002", content("B"), at(60));  // the same content by another pack
  CHECK(counted() == "R6022 1;display 1;");
  gateway::Snapshot empty;
  empty.kind = gateway::Snapshot::Kind::empty;
  put_one(*state, "0001", empty, at(70));
  CHECK(counted() == "R6022 1;");
}

TEST_CASE("Rows are counted by state, for each destination and for all together") {
  const auto state = empty_state();
  put_one(*state, "0001", content("A"), at(10));
  put_one(*state, "0002", content("B"), at(20));
  put_one(*state, "0003", held(), at(30));
  auto both = built(condition_unit("0004"), content("C"));
  both.snapshots["region"] = content("C");
  put(*state, both, at(5));
  const auto claim = state->outbox.claim(kPlatform, at(40));
  state->outbox.record(*claim, gateway::Verdict::delivered, {}, at(40), at(40));

  const auto json = json_of(read_status(state->database, two_destinations(), at(100)));
  CHECK(json["outbox"]["pending"].GetInt64() == 3);
  CHECK(json["outbox"]["held"].GetInt64() == 1);
  CHECK(json["outbox"]["delivered"].GetInt64() == 1);
  CHECK(json["oldest_pending_seconds"].GetInt64() == 95);
  const auto& platform = json["destinations"]["platform"];
  CHECK(platform["outbox"]["pending"].GetInt64() == 2);
  CHECK(platform["outbox"]["delivered"].GetInt64() == 1);
  CHECK(platform["oldest_pending_seconds"].GetInt64() == 90);
  CHECK(platform["held_reasons"]["patient:no-insurance"].GetInt64() == 1);
  CHECK(json["destinations"]["region"]["outbox"]["pending"].GetInt64() == 1);
}

TEST_CASE("Documents are counted as seen and failed, with the reasons") {
  LedgerStorage storage;
  storage.see_in(folder_of(kProblemName), {kProblemName, "readme.txt"});
  storage.refuse(kProblemName, ssmix2::Failure(FailureCode::hl7_bad_delimiters));
  const auto json = json_of(read_status(storage.state().database, loaded(kLeast), at(0)));
  CHECK(json["documents"]["seen"].GetInt64() == 2);
  CHECK(json["documents"]["failed"].GetInt64() == 2);
  CHECK(json["documents"]["failed_reasons"]["hl7:bad-delimiters"].GetInt64() == 1);
}

TEST_CASE("A vanished document counts as failed, a missing one not yet") {
  LedgerStorage storage;
  storage.see_in(folder_of(kProblemName), {kProblemName});
  storage.see_in(folder_of(kProblemName), {});
  CHECK(read_status(storage.state().database, loaded(kLeast), at(0)).documents_failed == 0);
  storage.confirm();
  CHECK(read_status(storage.state().database, loaded(kLeast), at(0)).documents_failed == 1);
}

TEST_CASE("A pause is shown with its age and reason, and gone when it has ended") {
  const auto state = empty_state();
  state->outbox.set_paused(kPlatform, at(10), "connection refused");
  auto json = json_of(read_status(state->database, loaded(kLeast), at(70)));
  CHECK(json["destinations"]["platform"]["paused_seconds"].GetInt64() == 60);
  CHECK(json["destinations"]["platform"]["paused_because"].GetString() == std::string("connection refused"));
  CHECK_THAT(to_text(read_status(state->database, loaded(kLeast), at(70))),
             Catch::Contains("paused: connection refused"));
  state->outbox.set_paused(kPlatform, std::nullopt, {});
  json = json_of(read_status(state->database, loaded(kLeast), at(70)));
  CHECK(json["destinations"]["platform"]["paused_seconds"].GetInt64() == 0);
  CHECK(json["destinations"]["platform"]["paused_because"].GetString() == std::string());
}

TEST_CASE("The days that a certificate has left are shown, and files that cannot be used are an alarm") {
  const auto state = empty_state();
  const auto days = [](int count) { return std::chrono::hours(24 * count); };
  auto report = read_status(state->database, two_destinations(), at(0));
  CHECK_FALSE(json_of(report)["destinations"]["platform"].HasMember("certificate_days_left"));
  gateway::save_certificate_end(state->database, "platform", at(0) + days(12) + std::chrono::hours(1));
  gateway::Alarms(state->database)
      .raise(gateway::alarm_place("platform"), gateway::AlarmKind::certificate, "no key", at(0));
  report = read_status(state->database, two_destinations(), at(60));
  const auto json = json_of(report);
  CHECK(json["destinations"]["platform"]["certificate_days_left"].GetInt64() == 12);
  CHECK(json["destinations"]["platform"]["alarms"][0]["kind"] == "certificate");
  CHECK(json["destinations"]["region"]["alarms"].Empty());
  CHECK_THAT(to_text(report), Catch::Contains("client certificate: 12 days left") &&
                                  Catch::Contains("ALARM certificate for 60 s: no key"));
  CHECK(gateway::days_left(at(0), at(0)) == 0);
  CHECK(gateway::days_left(at(0), at(1)) == -1);
}

TEST_CASE("What the site relaxed is shown for each destination") {
  const auto state = empty_state();
  const auto json = json_of(read_status(state->database, two_destinations(), at(0)));
  CHECK(json["destinations"]["platform"]["untold"].GetString() == std::string("all"));
  CHECK(json["destinations"]["region"]["untold"].GetString() == std::string("none"));
}

TEST_CASE("Units that wait for a time to come are counted, due ones are not") {
  const auto state = empty_state();
  state->units.mark_due(condition_unit("0001"), at(100));
  state->units.mark_due(condition_unit("0002"), at(0));
  CHECK(read_status(state->database, loaded(kLeast), at(50)).units_waiting == 1);
}

TEST_CASE("A clock that went back shows no negative ages") {
  const auto state = empty_state();
  put_one(*state, "0001", content("A"), at(100));
  const auto json = json_of(read_status(state->database, loaded(kLeast), at(50)));
  CHECK(json["oldest_pending_seconds"].GetInt64() == 0);
}

TEST_CASE("The text names counts and reasons, and no patient") {
  const auto state = empty_state();
  put_one(*state, "0001234", held(), at(0));
  const std::string text = to_text(read_status(state->database, loaded(kLeast), at(0)));
  CHECK_THAT(text, Catch::Contains("platform: 0 pending, 0 in-result, 1 held"));
  CHECK_THAT(text, Catch::Contains("1 x patient:no-insurance"));
  CHECK_THAT(text, !Catch::Contains("0001234"));
}

TEST_CASE("The status tells how many codes are to do and how many units wait for them") {
  const auto state = empty_state();
  const auto read = [&state] { return read_status(state->database, two_destinations(), at(0)); };
  CHECK(json_of(read())["codes"]["to_do"].GetInt64() == 0);
  CHECK_THAT(to_text(read()), !Catch::Contains("codes"));
  want(*state, "0001", {wanted("departments", "85", true), wanted("gender", "X", true)});
  want(*state, "0002", {wanted("departments", "85")});
  CHECK(json_of(read())["codes"]["to_do"].GetInt64() == 2);
  CHECK(json_of(read())["codes"]["units_held"].GetInt64() == 1);
  CHECK_THAT(to_text(read()), Catch::Contains("codes: 2 that no table knows, 1 report units held for them"));
}
