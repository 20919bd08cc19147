#include "gateway/queue_request.h"

#include "tests/unit/gateway/state_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;

QueueRequest again(const QueueRequest& request) {
  const std::string line = to_line(request);
  REQUIRE(line.back() == '\n');
  REQUIRE(line.find('\n') == line.size() - 1);
  const auto parsed = parse_queue_request(line);
  REQUIRE(parsed.has_value());
  return *parsed;
}

}  // namespace

TEST_CASE("A request comes out as it went in") {
  QueueRequest request;
  request.order = PersonOrder::retract;
  request.filter = {.states = {OutboxState::held, OutboxState::delivered},
                    .destinations = {"platform"},
                    .kinds = {fhir_mapper::UnitKind::observation},
                    .reasons = {"a \"reason\""},
                    .older_than = std::chrono::hours(2),
                    .patient = ssmix2::PatientId("0001"),
                    .units = {"0123456789ab", "1319999999^2026^C"},
                    .all = true};
  request.dry_run = true;
  request.why = "架橋\n橋脚";
  const QueueRequest parsed = again(request);
  CHECK(parsed.order == request.order);
  CHECK(to_text(parsed.filter) == to_text(request.filter));
  CHECK(parsed.dry_run);
  CHECK(parsed.why == request.why);
  CHECK(parsed.deletes_of.empty());
  QueueRequest deletes;
  deletes.order = PersonOrder::release;
  deletes.deletes_of = "main";
  CHECK(again(deletes).deletes_of == "main");
  CHECK_FALSE(again(deletes).dry_run);
}

TEST_CASE("A request that is not understood whole is refused, and not quoted") {
  const auto* const line = GENERATE(
      "", "x", "[]", "null", "\"hold\"", "{", "{}", R"({"filter":{"all":true}})", R"({"order":"hold"})",
      R"({"order":"hold","filter":{}})", R"({"order":"hold","filter":{"all":false}})",
      R"({"order":"delete","filter":{"all":true}})", R"({"order":1,"filter":{"all":true}})",
      R"({"order":"hold","filter":{"all":1}})", R"({"order":"hold","filter":{"all":true},"more":1})",
      R"({"order":"hold","filter":{"all":true,"more":1}})", R"({"order":"hold","filter":[]})",
      R"({"order":"hold","filter":{"states":"held"}})", R"({"order":"hold","filter":{"states":["secret"]}})",
      R"({"order":"hold","filter":{"units":[1]}})", R"({"order":"hold","filter":{"types":["Patient"]}})",
      R"({"order":"hold","filter":{"older_than_ms":-1}})",
      R"({"order":"hold","filter":{"older_than_ms":"1"}})",
      R"({"order":"hold","filter":{"older_than_ms":9223372036854775807}})",
      R"({"order":"hold","filter":{"patient":""}})",
      R"({"order":"hold","filter":{"all":true},"dry_run":"no"})",
      R"({"order":"hold","filter":{"all":true}} and more)",
      "{\"order\":\"hold\",\"filter\":{\"units\":[\"\xFF\"]}}", R"({"order":"hold","deletes_of":"main"})",
      R"({"order":"release","deletes_of":"main","filter":{"all":true}})");
  CAPTURE(line);
  const auto parsed = parse_queue_request(line);
  REQUIRE(parsed.has_error());
  CHECK_FALSE(parsed.error().empty());
  CHECK(parsed.error().find("secret") == std::string::npos);
}

TEST_CASE("Nesting as deep as a request may be long does not reach the end of the stack") {
  const std::string deep(kLongestRequest, '[');
  CHECK(parse_queue_request(deep).has_error());
  std::string closed = R"({"order":"hold","filter":{"units":)" + std::string(400'000, '[');
  closed += std::string(400'000, ']') + "}}";
  CHECK(parse_queue_request(closed).has_error());
}

TEST_CASE("A text why that is too long is refused") {
  QueueRequest request;
  request.filter.all = true;
  request.why = std::string(kLongestWhy, 'x');
  CHECK(parse_queue_request(to_line(request)).has_value());
  request.why += 'x';
  CHECK(parse_queue_request(to_line(request)).has_error());
}
