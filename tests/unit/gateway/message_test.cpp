#include "gateway/message.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

using gateway::Message;
using gateway::MessageFacts;
using gateway::MessageText;

namespace {

std::vector<MessageFacts> all() {
  std::vector<MessageFacts> messages;
  for (const auto group : {gateway::process_messages(), gateway::storage_messages(),
                           gateway::delivery_messages(), gateway::state_messages()}) {
    messages.insert(messages.end(), group.begin(), group.end());
  }
  return messages;
}

bool has_japanese(std::string_view text) {
  return text.find("\xE3\x81") != std::string_view::npos || text.find("\xE3\x82") != std::string_view::npos;
}

}  // namespace

TEST_CASE("Messages stand in the order of their codes, each once") {
  int last = 0;
  for (const MessageFacts& facts : all()) {
    CHECK(static_cast<int>(facts.message) > last);
    last = static_cast<int>(facts.message);
  }
}

TEST_CASE("Each message says in both languages what it is, why it comes and what to do") {
  std::set<std::string_view> events;
  for (const MessageFacts& facts : all()) {
    CAPTURE(gateway::code_of(facts.message));
    for (const MessageText& text : {facts.english, facts.japanese}) {
      CHECK_FALSE(text.event.empty());
      CHECK_FALSE(text.cause.empty());
      CHECK_FALSE(text.remedy.empty());
    }
    CHECK(has_japanese(facts.japanese.cause));
    CHECK(has_japanese(facts.japanese.remedy));
    CHECK_FALSE(has_japanese(facts.english.cause));
    CHECK(facts.english.cause.ends_with('.'));
    CHECK(facts.japanese.cause.ends_with("。"));
    CHECK(events.insert(facts.english.event).second);
  }
}

TEST_CASE("A code is found as the log writes it, or as a person may") {
  for (const char* written : {"KKH-2101", "kkh-2101", "2101"}) {
    CAPTURE(written);
    const MessageFacts* found = gateway::message_with_code(written);
    REQUIRE(found != nullptr);
    CHECK(found->message == Message::storage_outage);
  }
  for (const char* unknown : {"", "KKH-", "KKH-2100", "2101x", "KKH-99999999999"}) {
    CAPTURE(unknown);
    CHECK(gateway::message_with_code(unknown) == nullptr);
  }
}

TEST_CASE("systemd/MESSAGES.md is what the program says of its messages") {
  std::ifstream file(std::filesystem::path(KAKEHASHI_SOURCE_DIR) / "systemd/MESSAGES.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text == gateway::describe_messages());
}
