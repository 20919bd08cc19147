#include "gateway/operation_outcome.h"

#include <string>

#include <catch2/catch.hpp>

using gateway::OutcomeReading;
using gateway::read_outcome;

namespace {

std::string outcome(const std::string& severities) {
  return R"({"resourceType":"OperationOutcome","issue":[)" + severities + "]}";
}

}  // namespace

TEST_CASE("An OperationOutcome has an error if one of its issues is an error or fatal") {
  CHECK(read_outcome(outcome("")).operation_outcome);
  CHECK_FALSE(read_outcome(outcome("")).has_error);
  CHECK_FALSE(read_outcome(outcome(R"({"severity":"information"},{"severity":"warning"})")).has_error);
  CHECK(read_outcome(outcome(R"({"severity":"warning"},{"severity":"error"})")).has_error);
  CHECK(read_outcome(outcome(R"({"severity":"fatal"},{"severity":"warning"})")).has_error);
}

TEST_CASE("Whatever is not an OperationOutcome reads as nothing") {
  const auto body =
      GENERATE(as<std::string>{}, "", "<html></html>", "{", "[]", "null", "\"OperationOutcome\"",
               R"({"resourceType":"Patient"})", R"({"resourceType":["OperationOutcome"]})",
               R"({"x":{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}})",
               R"({"resourceType":"OperationOutcome"} trailing)", "{\"resourceType\":\"\xff\"}");
  CAPTURE(body);
  const OutcomeReading reading = read_outcome(body);
  CHECK_FALSE(reading.operation_outcome);
  CHECK_FALSE(reading.has_error);
  CHECK(reading.entry_status == 0);
}

TEST_CASE("An OperationOutcome of odd shape is read as far as it goes") {
  CHECK(read_outcome(R"({"resourceType":"OperationOutcome"})").operation_outcome);
  CHECK(
      read_outcome(R"({"resourceType":"OperationOutcome","issue":{"severity":"error"}})").operation_outcome);
  const OutcomeReading reading = read_outcome(outcome(R"(7,"error",{"severity":1},{"severity":"error"})"));
  CHECK(reading.operation_outcome);
  CHECK(reading.has_error);
}

TEST_CASE("Nesting is bounded, not the stack's problem") {
  const auto nested = [](std::size_t depth) {
    return R"({"resourceType":"OperationOutcome","x":)" + std::string(depth, '[') + std::string(depth, ']') +
           "}";
  };
  CHECK(read_outcome(nested(60)).operation_outcome);
  CHECK_FALSE(read_outcome(nested(70)).operation_outcome);
  CHECK_FALSE(read_outcome(std::string(1'000'000, '[')).operation_outcome);
}

TEST_CASE("A response Bundle is as bad as its worst entry") {
  const auto bundle = [](const std::string& entries) {
    return R"({"resourceType":"Bundle","type":"batch-response","entry":[)" + entries + "]}";
  };
  const std::string good = R"({"response":{"status":"201 Created"}})";
  const std::string refused =
      R"({"response":{"status":"422","outcome":)" + outcome(R"({"severity":"error"})") + "}}";
  const std::string told =
      R"({"response":{"status":"200","outcome":)" + outcome(R"({"severity":"fatal"})") + "}}";

  CHECK(read_outcome(bundle("")).entry_status == 0);
  CHECK(read_outcome(bundle(good)).entry_status == 201);
  CHECK_FALSE(read_outcome(bundle(good)).operation_outcome);
  for (const std::string& entries : {refused + "," + good, good + "," + refused}) {
    CHECK(read_outcome(bundle(entries)).entry_status == 422);
    CHECK(read_outcome(bundle(entries)).operation_outcome);
    CHECK(read_outcome(bundle(entries)).has_error);
  }
  for (const std::string& entries : {told + "," + good, good + "," + told}) {
    CHECK(read_outcome(bundle(entries)).has_error);  // although 201 is the higher status
  }
  CHECK(read_outcome(bundle(R"({"response":{"status":"odd"}},{},7)")).entry_status == 0);
}

TEST_CASE("A Bundle that is not a response is just a body") {
  const OutcomeReading reading = read_outcome(
      R"({"resourceType":"Bundle","type":"collection","entry":[{"response":{"status":"422"}}]})");
  CHECK(reading.entry_status == 0);
}
