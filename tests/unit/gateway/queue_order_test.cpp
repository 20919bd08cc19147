#include "gateway/queue_order.h"

#include "gateway/deletes_release.h"
#include "tests/unit/gateway/queue_support.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>
#include <unistd.h>

namespace {

using namespace gateway;
using namespace gateway::test;

QueueRequest request_for(PersonOrder order, QueueFilter filter) {
  QueueRequest request;
  request.order = order;
  request.filter = std::move(filter);
  return request;
}

std::vector<rapidjson::Document> lines_of(const QueueAnswer& answer) {
  std::vector<rapidjson::Document> lines;
  for (std::size_t at = 0; at < answer.lines.size();) {
    const auto end = answer.lines.find('\n', at);
    REQUIRE(end != std::string::npos);
    lines.emplace_back().Parse(answer.lines.data() + at, end - at);
    REQUIRE(lines.back().IsObject());
    at = end + 1;
  }
  REQUIRE_FALSE(lines.empty());
  REQUIRE(lines.back().HasMember("exit"));
  return lines;
}

std::string text_of(const rapidjson::Value& value) {
  return value.IsString() ? value.GetString() : "none";
}

int exit_of(const QueueAnswer& answer) {
  return lines_of(answer).back()["exit"].GetInt();
}

const QueueFilter kAll{.all = true};

}  // namespace

TEST_CASE("An order is given to what the filter means, and kept with who gave it, when, what and why") {
  Queue queue;
  queue.deliver("0001", content("A"), 10);
  queue.put("0002", content("B"), 20);
  QueueRequest request = request_for(PersonOrder::hold, {.patient = ssmix2::PatientId("0001")});
  request.why = "架橋";
  const QueueAnswer answer = queue.order(request, 100);
  CHECK(answer.changed);
  CHECK(answer.rows == 1);
  CHECK(queue.state("0001") == "held");
  CHECK(queue.state("0002") == "pending");
  const auto audits = last_audits(queue.database(), 10);
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].time == at(100));
  CHECK(audits[0].uid == 4711);
  CHECK(audits[0].user == "kakeru");
  CHECK(audits[0].command == "queue hold");
  CHECK(audits[0].target == "--patient 0001");
  CHECK(audits[0].why == "架橋");
  CHECK(audits[0].rows == 1);
}

TEST_CASE("An answer tells each row as it is afterwards, and no patient number") {
  Queue queue;
  queue.put("0001", content("A"), 10);
  queue.put("0002", content("B"), 10);
  const QueueAnswer answer =
      queue.order(request_for(PersonOrder::hold, {.units = {bundle_of(condition_unit("0001"))}}));
  const auto lines = lines_of(answer);
  REQUIRE(lines.size() == 2);
  CHECK(text_of(lines[0]["result"]) == "done");
  CHECK(text_of(lines[0]["state"]) == "held");
  CHECK(text_of(lines[0]["by_person"]) == "hold");
  CHECK(std::string(lines[0]["bundle_id"].GetString()) == bundle_of(condition_unit("0001")));
  CHECK(text_of(lines[1]["command"]) == "queue hold");
  CHECK(lines[1]["done"].GetInt() == 1);
  CHECK(lines[1]["exit"].GetInt() == 0);
  const auto of_patient = queue.order(request_for(PersonOrder::hold, {.patient = ssmix2::PatientId("0002")}));
  CHECK(of_patient.lines.find("0002\"") == std::string::npos);
  CHECK(of_patient.lines.find("--patient") == std::string::npos);
}

TEST_CASE("A dry run tells what would change and changes nothing") {
  Queue queue;
  queue.deliver("0001", content("A"), 10);
  QueueRequest request = request_for(PersonOrder::retract, kAll);
  request.dry_run = true;
  const QueueAnswer answer = queue.order(request);
  const auto lines = lines_of(answer);
  CHECK_FALSE(answer.changed);
  CHECK(text_of(lines[0]["state"]) == "pending");
  CHECK(text_of(lines[0]["operation"]) == "delete");
  CHECK(lines[1]["done"].GetInt() == 1);
  CHECK(lines[1]["dry_run"].GetBool() == true);
  CHECK(queue.state("0001") == "delivered");
  CHECK(last_audits(queue.database(), 10).empty());
  CHECK(value_of(queue.database(), "SELECT COUNT(*) FROM history WHERE event = 11") == "0");
  // The database is not left in a transaction.
  request.dry_run = false;
  CHECK(queue.order(request).changed);
}

TEST_CASE("Where one of the named units is not there, nothing is changed") {
  Queue queue;
  queue.put("0001", content("A"), 10);
  const std::string unknown = bundle_of(condition_unit("0005"));
  const QueueAnswer answer =
      queue.order(request_for(PersonOrder::hold, {.units = {bundle_of(condition_unit("0001")), unknown}}));
  CHECK(exit_of(answer) == 1);
  CHECK_THAT(std::string(lines_of(answer)[0]["error"].GetString()), Catch::Contains(unknown));
  CHECK(queue.state("0001") == "pending");
  CHECK(last_audits(queue.database(), 10).empty());
  CHECK(exit_of(queue.order(request_for(PersonOrder::hold, {.destinations = {"nowhere"}}))) == 1);
}

TEST_CASE("What is so already and what cannot be is counted, and is no change") {
  Queue queue;
  queue.deliver("0001", content("A"), 10);
  const QueueAnswer nothing = queue.order(request_for(PersonOrder::retry, kAll));
  CHECK(lines_of(nothing).back()["nothing_to_do"].GetInt() == 1);
  CHECK(exit_of(nothing) == 0);
  const QueueAnswer impossible = queue.order(request_for(PersonOrder::drop, kAll));
  CHECK(text_of(lines_of(impossible).front()["result"]) == "not-possible");
  CHECK(lines_of(impossible).back()["not_possible"].GetInt() == 1);
  CHECK(exit_of(impossible) == 3);
  CHECK_FALSE(nothing.changed);
  CHECK_FALSE(impossible.changed);
  CHECK(last_audits(queue.database(), 10).empty());
}

TEST_CASE("Orders of a unit are found by their time, and by its name") {
  Queue queue;
  const std::string bundle = bundle_of(condition_unit("0001"));
  queue.put("0001", content("A"), 10);
  queue.order(request_for(PersonOrder::hold, kAll), 100);
  queue.order(request_for(PersonOrder::release, {.units = {bundle}}), 200);
  CHECK(audits_about(queue.database(), {}, "").empty());
  const auto by_time = audits_about(queue.database(), {at(100)}, "");
  REQUIRE(by_time.size() == 1);
  CHECK(by_time[0].command == "queue hold");
  const auto by_name = audits_about(queue.database(), {at(99)}, bundle);
  REQUIRE(by_name.size() == 1);
  CHECK(by_name[0].command == "queue release");
  CHECK(audits_about(queue.database(), {at(100)}, bundle).size() == 2);
}

TEST_CASE("Deletes of a storage that there is not are not let go") {
  Queue queue;
  QueueRequest request = request_for(PersonOrder::release, {});
  request.deletes_of = "other";
  CHECK(exit_of(queue.order(request)) == 1);
  request.deletes_of = "main";
  const QueueAnswer none = queue.order(request);
  CHECK(exit_of(none) == 0);
  CHECK_FALSE(none.changed);
  CHECK(deletes_released_until(queue.database(), "main") == Instant());
}

TEST_CASE("Units held for too many deletes are planned anew when these are let go") {
  Queue queue;
  queue.deliver("0001", content("A"), 10);
  queue.put("0001", held(ssmix2::FailureCode::gate_mass_delete), 20);
  queue.put("0002", held(), 20);
  Units& units = queue.contents().units;
  for (const DueUnit& due : units.due_units(at(30), 10)) units.settle_due(due, std::nullopt);
  QueueRequest request = request_for(PersonOrder::release, {});
  request.deletes_of = "main";
  request.dry_run = true;
  CHECK(lines_of(queue.order(request, 100)).back()["units"].GetInt() == 1);
  CHECK(units.due_units(at(100), 10).empty());
  request.dry_run = false;
  CHECK(queue.order(request, 100).changed);
  const auto due = units.due_units(at(100), 10);
  REQUIRE(due.size() == 1);
  CHECK(units.find(due[0].id)->unit == condition_unit("0001"));
  CHECK(deletes_released_until(queue.database(), "main") == at(100));
  CHECK(last_audits(queue.database(), 1).at(0).command == "queue release --deletes");
  CHECK(last_audits(queue.database(), 1).at(0).target == "main");
}

TEST_CASE("A user without a name is called by the number") {
  CHECK(user_name(3'999'999'999) == "3999999999");
  CHECK_FALSE(user_name(::getuid()).empty());
}
