#include "gateway/message.h"

#include "gateway/choice_words.h"
#include "ssmix2/check.h"

#include <array>
#include <charconv>

namespace gateway {
namespace {

using Group = std::span<const MessageFacts> (*)();
constexpr std::array<Group, 4> kGroups{process_messages, storage_messages, delivery_messages, state_messages};

const MessageFacts* find(int code) {
  for (const Group group : kGroups) {
    for (const MessageFacts& facts : group()) {
      if (static_cast<int>(facts.message) == code) return &facts;
    }
  }
  return nullptr;
}

constexpr std::string_view kPrefix = "KKH-";

std::string_view without_prefix(std::string_view code) {
  if (code.size() < kPrefix.size()) return code;
  for (std::size_t i = 0; i < kPrefix.size(); ++i) {
    const char letter = code[i] >= 'a' && code[i] <= 'z' ? static_cast<char>(code[i] - 'a' + 'A') : code[i];
    if (letter != kPrefix[i]) return code;
  }
  return code.substr(kPrefix.size());
}

void append(std::string& page, const MessageFacts& facts) {
  page.append("\n## ").append(code_of(facts.message)).append(": ").append(facts.english.event);
  page.append(" (").append(facts.japanese.event).append(")\n\nLevel: ").append(word_of(facts.level));
  for (const MessageText& text : {facts.english, facts.japanese}) {
    page.append("\n\n").append(text.cause).append("\n→ ").append(text.remedy);
  }
  page.append("\n");
}

}  // namespace

const MessageFacts& facts_of(Message message) {
  const MessageFacts* found = find(static_cast<int>(message));
  KAKEHASHI_CHECK(found != nullptr);
  return *found;
}

std::string code_of(Message message) {
  return std::string(kPrefix) + std::to_string(static_cast<int>(message));
}

const MessageFacts* message_with_code(std::string_view code) {
  const std::string_view digits = without_prefix(code);
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? find(number) : nullptr;
}

std::string describe_messages() {
  std::string page =
      "# Messages (メッセージ一覧)\n\nWhat the daemon's lines mean and what to do (→). "
      "`kakehashi explain CODE` prints the same. Made by `kakehashi explain --table`.\n"
      "ログ1行ごとの意味と対処（→）です。`kakehashi explain コード` でも同じ内容を表示できます。\n";
  for (const Group group : kGroups) {
    for (const MessageFacts& facts : group()) append(page, facts);
  }
  return page;
}

}  // namespace gateway
