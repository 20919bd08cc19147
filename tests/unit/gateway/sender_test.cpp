#include "gateway/sender.h"

#include "tests/unit/gateway/sender_run.h"

#include <catch2/catch.hpp>

using namespace gateway::test;

TEST_CASE("Everything that is pending is delivered, by several workers at a time") {
  Sending sending(4);
  for (int i = 0; i < 12; ++i) sending.put(std::to_string(1'000 + i), content("A" + std::to_string(i)));
  sending.until_state(OutboxState::delivered, "12");
  CHECK(sending.destination().submissions.size() == 12);
  CHECK(sending.destination().stored.size() == 12);
  CHECK(sending.destination().stored.at(bundle_of(condition_unit("1003"))) == "A3");
  CHECK(sending.destination().each_unit_alone);
}

TEST_CASE("A delete reaches the destination as a delete") {
  Sending sending;
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  sending.put("0001", nothing_left());
  sending.until_state(OutboxState::delivered, "1");
  sending.run().until([&] { return sending.destination().stored.empty(); });
  CHECK(sending.destination().submissions.back().operation == Operation::delete_unit);
  CHECK(sending.destination().submissions.back().body.empty());
}

TEST_CASE("A destination that is busy is asked again until it takes the unit") {
  Sending sending;
  int left = 3;
  sending.destination().on_submit = [&](const Submission&) { return status(left-- > 0 ? 503 : 200); };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().submissions.size() == 4);
  CHECK(sending.value("SELECT transmissions FROM outbox") == "4");
}

TEST_CASE("Retry-After wins over the sender's own schedule") {
  Sending sending;
  std::vector<Clock::time_point> times;
  sending.destination().on_submit = [&](const Submission&) {
    times.push_back(Clock::now());
    Answer answer = status(times.size() == 1 ? 429 : 200);
    if (times.size() == 1) answer.retry_after = std::chrono::seconds(1);
    return answer;
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  REQUIRE(times.size() == 2);
  CHECK(times[1] - times[0] >= Milliseconds(950));
}

TEST_CASE("A unit whose answer was lost is sent again under the same Bundle-ID") {
  Sending sending;
  bool lost = false;
  sending.destination().on_submit = [&](const Submission&) {
    return std::exchange(lost, true) ? status(200) : failure(ExchangeFailure::lost);
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  REQUIRE(sending.destination().submissions.size() == 2);
  CHECK(sending.destination().submissions[0].bundle_id == sending.destination().submissions[1].bundle_id);
}

TEST_CASE("A refused unit is left alone, and does not keep others from going") {
  Sending sending(1);
  sending.destination().on_submit = [](const Submission& submission) {
    return submission.body == "bad" ? refusal() : status(200);
  };
  sending.put("0001", content("bad"));
  sending.put("0002", content("good"));
  sending.until_state(OutboxState::rejected, "1");
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().submissions.size() == 2);
  CHECK(sending.value("SELECT answer FROM delivery") == "the outcome");
}

TEST_CASE("A promised result is asked for until it is there") {
  Sending sending;
  sending.destination().on_submit = [](const Submission&) { return promise("/result/7"); };
  sending.destination().on_ask = [&](const std::string&) {
    return status(sending.destination().asked.size() < 3 ? 202 : 200);
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().asked == std::vector<std::string>(3, "/result/7"));
  CHECK(sending.destination().submissions.size() == 1);
}

TEST_CASE("A result that says that there was nothing to delete is a delete that is done") {
  Sending sending;
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  sending.destination().on_submit = [](const Submission&) { return promise("/result/7"); };
  sending.destination().on_ask = [](const std::string&) {
    Answer answer = status(200);
    answer.entry_status = 404;
    answer.operation_outcome = true;
    return answer;
  };
  sending.put("0001", nothing_left());
  sending.run().until([&] { return !sending.destination().asked.empty(); });
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.value("SELECT operation FROM outbox") == "1");
}

TEST_CASE("A newer snapshot that comes while the older is under way ends on the destination") {
  const auto answer = GENERATE(status(200), status(503), refusal(), failure(ExchangeFailure::lost));
  Sending sending(4);
  sending.destination().on_submit = [&](const Submission& submission) {
    if (submission.body != "A") return status(200);
    sending.put_soon("0001", content("B"));
    return answer;
  };
  sending.put("0001", content("A"));
  sending.run().until([&] {
    const auto& stored = sending.destination().stored;
    return stored.contains(bundle_of(condition_unit("0001"))) &&
           stored.at(bundle_of(condition_unit("0001"))) == "B";
  });
  sending.until_state(OutboxState::delivered, "1");
  CHECK(sending.destination().stored.at(bundle_of(condition_unit("0001"))) == "B");
  CHECK(sending.destination().each_unit_alone);
}

TEST_CASE("Units keep their order, however many workers there are") {
  Sending sending(8);
  for (int version = 1; version <= 20; ++version) {
    for (int unit = 0; unit < 3; ++unit) {
      sending.put(std::to_string(1'000 + unit), content("version " + std::to_string(version)));
    }
  }
  sending.until_state(OutboxState::delivered, "3");
  CHECK(sending.destination().each_unit_alone);
  for (const auto& [bundle, body] : sending.destination().stored) CHECK(body == "version 20");
}

// --- stopping ---

TEST_CASE("At a stop the request under way is finished and its outcome recorded") {
  Sending sending(1);
  sending.destination().on_submit = [&](const Submission&) {
    sending.sender().stop();
    return status(200);
  };
  sending.put("0001", content("A"));
  sending.put("0002", content("B"));
  sending.run().to_the_end();
  CHECK(sending.destination().submissions.size() == 1);
  CHECK_FALSE(sending.sender().busy());
  CHECK(sending.rows_in(OutboxState::delivered) == "1");
  CHECK(sending.rows_in(OutboxState::pending) == "1");
}

TEST_CASE("A sender without work ends at once when it is stopped") {
  const auto start = Clock::now();
  {
    Sending sending(4);
    sending.value("SELECT 1");
  }
  CHECK(Clock::now() - start < std::chrono::seconds(20));
}
