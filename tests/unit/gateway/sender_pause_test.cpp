// When a destination takes nothing: who asks, how often, and who pays for it.

#include "tests/unit/gateway/sender_run.h"

#include <catch2/catch.hpp>

using namespace gateway::test;

TEST_CASE(
    "A destination that is down is asked by one worker at a time, and everything goes when it is back") {
  Sending sending(4);
  bool down = true;
  sending.destination().on_submit = [&](const Submission&) {
    return down ? failure(ExchangeFailure::connection_refused) : status(200);
  };
  for (int i = 0; i < 8; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  auto& destination = sending.destination();
  sending.run().until([&] { return sending.sender().paused() && destination.under_way == 0; });
  destination.most_under_way = 0;
  destination.time =
      Milliseconds(50);  // longer than a pause, so that a second worker could begin beside the first
  const auto tried = destination.submissions.size();
  sending.run().until([&] { return destination.submissions.size() >= tried + 12; });
  CHECK(destination.most_under_way == 1);
  CHECK(sending.value("SELECT paused_since IS NOT NULL FROM destination") == "1");
  CHECK(sending.value("SELECT explanation FROM destination") == "no answer");
  CHECK(sending.sender().pause_reason().view() == "no answer");
  CHECK(sending.value("SELECT MAX(attempts) FROM delivery") == "0");

  down = false;
  destination.time = Milliseconds(2);
  sending.until_state(OutboxState::delivered, "8");
  CHECK_FALSE(sending.sender().paused());
  CHECK(sending.value("SELECT paused_since IS NULL FROM destination") == "1");
}

TEST_CASE("A proxy's answer pauses the destination and refuses no unit") {
  Sending sending(1);
  int left = 2;
  sending.destination().on_submit = [&](const Submission&) { return status(left-- > 0 ? 403 : 200); };
  sending.put("0001", content("A"));
  sending.put("0002", content("B"));
  sending.run().until([&] { return sending.sender().paused(); });
  CHECK(sending.value("SELECT MAX(attempts) FROM delivery") == "0");
  sending.until_state(OutboxState::delivered, "2");
}

TEST_CASE("Lost answers after a pause do not keep the sender busy until their rows' time has come") {
  auto settings = quick_settings();
  settings.delivery.retry_first = settings.delivery.retry_max = Milliseconds(500);
  Sending sending(2, settings);
  auto& destination = sending.destination();
  destination.on_submit = [&](const Submission&) {
    return failure(destination.submissions.size() == 1 ? ExchangeFailure::connection_refused
                                                       : ExchangeFailure::lost);
  };
  sending.put("0001", content("A"));
  sending.run().until([&] { return destination.submissions.size() == 2 && destination.under_way == 0; });
  sending.run().io().restart();
  CHECK(sending.run().io().run_for(Milliseconds(200)) < 50);  // handlers; a busy loop has thousands
}

TEST_CASE("A destination that turns everything away is paused, and uses up no more attempts") {
  Sending sending(4);
  auto& destination = sending.destination();
  bool overloaded = true;
  destination.on_submit = [&](const Submission&) { return status(overloaded ? 503 : 200); };
  for (int i = 0; i < 40; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  sending.run().until([&] { return sending.sender().paused() && destination.under_way == 0; });
  const std::string attempts = sending.value("SELECT SUM(attempts) FROM delivery");
  CHECK(attempts.size() == 1);  // one digit: those that were under way at the same time
  const auto tried = destination.submissions.size();
  destination.most_under_way = 0;
  sending.run().until([&] { return destination.submissions.size() >= tried + 10; });
  CHECK(destination.most_under_way == 1);
  CHECK(sending.value("SELECT SUM(attempts) FROM delivery") == attempts);
  CHECK(sending.value("SELECT explanation LIKE 'one unit after the other%' FROM destination") == "1");
  overloaded = false;
  sending.until_state(OutboxState::delivered, "40");
  CHECK_FALSE(sending.sender().paused());
}

TEST_CASE("A unit that alone is turned away does not pause its destination") {
  Sending sending(2);
  auto& destination = sending.destination();
  int tries = 0;
  destination.on_submit = [&](const Submission& submission) {
    return status(submission.body == "bad" && ++tries < 12 ? 503 : 200);
  };
  sending.put("0001", content("bad"));
  sending.run().until([&] { return tries >= 8; });
  CHECK_FALSE(sending.sender().paused());
  sending.until_state(OutboxState::delivered, "1");
  CHECK(tries == 12);
}

TEST_CASE(
    "A success that is being recorded while another request fails ends the pause, and what is told of it") {
  Sending sending(2);
  auto& destination = sending.destination();
  destination.time = Milliseconds(50);  // both are under way at the same time
  int answered = 0;
  destination.on_submit = [&](const Submission&) {
    if (++answered == 1) sending.keep_store_busy(Milliseconds(100));
    return answered == 2 ? failure(ExchangeFailure::connection_refused) : status(200);
  };
  sending.put("0001", content("A"));
  sending.put("0002", content("B"));
  sending.until_state(OutboxState::delivered, "2");
  CHECK(answered == 3);
  CHECK_FALSE(sending.sender().paused());
  CHECK(sending.sender().pause_reason().empty());
  CHECK(sending.value("SELECT paused_since IS NULL FROM destination") == "1");
}

TEST_CASE("Units that a server fails on, each by itself, do not keep others waiting") {
  Sending sending(1);
  sending.destination().on_submit = [](const Submission& submission) {
    return status(submission.body == "bad" ? 500 : 200);
  };
  for (int i = 0; i < 20; ++i) sending.put(std::to_string(1'000 + i), content("bad"));
  sending.put("2000", content("good"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK_FALSE(sending.sender().paused());
}

TEST_CASE("A destination that is back is not met by all connections at once") {
  Sending sending(8, [] {
    auto settings = quick_settings();
    settings.delivery.connections = 8;
    return settings;
  }());
  auto& destination = sending.destination();
  bool down = true;
  std::vector<int> at_a_time;
  destination.on_submit = [&](const Submission&) {
    if (!down) at_a_time.push_back(destination.under_way);
    return down ? failure(ExchangeFailure::connection_refused) : status(200);
  };
  for (int i = 0; i < 60; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  sending.run().until([&] { return sending.sender().paused() && destination.under_way == 0; });
  down = false;
  destination.time = Milliseconds(10);
  sending.until_state(OutboxState::delivered, "60");
  REQUIRE(at_a_time.size() >= 60);
  CHECK(at_a_time[0] == 1);
  for (const std::size_t i : {1U, 2U}) CHECK(at_a_time[i] <= 4);
  CHECK(*std::max_element(at_a_time.begin(), at_a_time.end()) == 8);
}

TEST_CASE("Lost answers during a pause are no sign of life: the next try waits") {
  auto settings = quick_settings();
  settings.delivery.pause_first = settings.delivery.pause_max = Milliseconds(200);
  Sending sending(4, settings);
  auto& destination = sending.destination();
  bool refused = false;
  destination.on_submit = [&](const Submission&) {
    return failure(std::exchange(refused, true) ? ExchangeFailure::lost
                                                : ExchangeFailure::connection_refused);
  };
  for (int i = 0; i < 30; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  sending.run().until([&] { return sending.sender().paused() && destination.under_way == 0; });
  const auto before = destination.submissions.size();
  sending.run().io().restart();
  sending.run().io().run_for(Milliseconds(1'000));
  CHECK(destination.submissions.size() - before <= 6);
}

TEST_CASE("A wait of nothing that a destination asks for is no leave to send in a loop") {
  auto settings = quick_settings();
  settings.delivery.retry_first = settings.delivery.retry_max = Milliseconds(100);
  Sending sending(1, settings);
  auto& destination = sending.destination();
  destination.on_submit = [&](const Submission&) {
    Answer answer = status(destination.submissions.size() < 4 ? 429 : 200);
    answer.retry_after = std::chrono::seconds(0);
    return answer;
  };
  const auto start = Clock::now();
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK(Clock::now() - start >= Milliseconds(300));
}

TEST_CASE("What is told to come later does not come sooner because another's answer ends the pause") {
  auto settings = quick_settings();
  settings.delivery.connections = 6;
  Sending sending(6, settings);
  auto& destination = sending.destination();
  destination.time = Milliseconds(30);
  int answered = 0;
  std::map<std::string, std::vector<Clock::time_point>> times;
  destination.on_submit = [&](const Submission& submission) {
    times[submission.bundle_id].push_back(Clock::now());
    // Five in a row are a pause; the sixth was under way when that began.
    Answer answer = status(++answered <= 5 ? 503 : 200);
    if (answered <= 5) answer.retry_after = std::chrono::seconds(1);
    return answer;
  };
  for (int i = 0; i < 6; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  sending.until_state(OutboxState::delivered, "6");
  for (const auto& [unit, of_unit] : times) {
    if (of_unit.size() == 2) CHECK(of_unit[1] - of_unit[0] >= Milliseconds(950));
  }
  CHECK(answered == 11);
}

TEST_CASE("While one asks whether the destination is back, the others wait for its end") {
  Sending sending(16);
  auto& destination = sending.destination();
  destination.on_submit = [](const Submission&) { return failure(ExchangeFailure::connection_refused); };
  for (int i = 0; i < 20; ++i) sending.put(std::to_string(1'000 + i), content("A"));
  sending.run().until([&] { return sending.sender().paused() && destination.under_way == 0; });
  destination.time = Milliseconds(1'500);
  sending.run().until([&] { return destination.under_way == 1; });
  sending.run().io().restart();
  sending.run().io().run_for(Milliseconds(300));  // all of them have begun to wait
  sending.run().io().restart();
  CHECK(sending.run().io().run_for(Milliseconds(700)) < 16);  // handlers; each look takes several
  destination.time = Milliseconds(2);
  destination.on_submit = [](const Submission&) { return status(200); };
  sending.until_state(OutboxState::delivered, "20");
}

TEST_CASE(
    "A result that is asked for at a place that only ever refuses us is given up, and the unit sent again") {
  auto settings = quick_settings();
  settings.delivery.result_first = settings.delivery.result_max = Milliseconds(5);
  settings.delivery.pause_first = settings.delivery.pause_max = Milliseconds(5);
  settings.delivery.result_patience = Milliseconds(200);
  Sending sending(2, settings);
  auto& destination = sending.destination();
  destination.on_submit = [&](const Submission&) {
    return destination.submissions.size() == 1 ? promise("/result/7") : status(200);
  };
  destination.on_ask = [](const std::string&) { return status(403); };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  CHECK(destination.submissions.size() == 2);
  CHECK(destination.asked.size() > 1);
  CHECK_FALSE(sending.sender().paused());
}

TEST_CASE("A promised result is asked for by its own schedule") {
  auto settings = quick_settings();
  settings.delivery.result_first = settings.delivery.result_max = Milliseconds(150);
  Sending sending(1, settings);
  std::vector<Clock::time_point> times;
  sending.destination().on_submit = [&](const Submission&) {
    times.push_back(Clock::now());
    return promise("/result/7");
  };
  sending.destination().on_ask = [&](const std::string&) {
    times.push_back(Clock::now());
    return status(times.size() < 3 ? 202 : 200);
  };
  sending.put("0001", content("A"));
  sending.until_state(OutboxState::delivered, "1");
  REQUIRE(times.size() == 3);
  CHECK(times[1] - times[0] >= Milliseconds(150));
  CHECK(times[2] - times[1] >= Milliseconds(150));
}
