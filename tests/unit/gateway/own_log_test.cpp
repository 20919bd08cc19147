#include "gateway/own_log.h"

#include "gateway/log_line.h"

#include <catch2/catch.hpp>

using namespace gateway;

TEST_CASE("Every line that the log writes is known as one of ours") {
  for (const auto group : {process_messages(), storage_messages(), delivery_messages(), state_messages()}) {
    for (const MessageFacts& facts : group) {
      for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
        for (const LogHead head : {LogHead::terminal, LogHead::journal}) {
          std::string line = log_line(facts, {{"unit", "0011aabb"}}, format, head);
          line.pop_back();
          CHECK(is_line_of_ours(line));
          CHECK(is_line_of_ours("2026-03-02T18:05:11+0900 host kakehashi[12]: " + line));
        }
      }
    }
  }
}

TEST_CASE("Lines of others are not ours, but for what systemd says of the service") {
  CHECK(is_line_of_ours("2026-03-02T18:05:11+0900 host systemd[1]: kakehashi.service: Main process exited"));
  CHECK_FALSE(
      is_line_of_ours("2026-03-02T18:05:11+0900 host systemd[1]: other.service: Main process exited"));
  CHECK_FALSE(is_line_of_ours("a b c d systemd[1]: kakehashi.service: x"));
  CHECK_FALSE(is_line_of_ours("KKH-1005 something else"));
  CHECK_FALSE(is_line_of_ours("KKH-9999 stopped"));
  CHECK_FALSE(is_line_of_ours("KKH-10"));
  CHECK_FALSE(is_line_of_ours(""));
}

TEST_CASE("The newest lines are kept, and those of others counted") {
  std::string text = "who\n";
  for (std::size_t i = 0; i < kLinesOfLog + 5; ++i) text += std::to_string(i) + " KKH-1005 stopped\n";
  const OwnLog log = lines_of_ours(text);
  CHECK(log.left_out == 1);
  REQUIRE(log.lines.size() == kLinesOfLog);
  CHECK(log.lines.front() == "5 KKH-1005 stopped");
}
