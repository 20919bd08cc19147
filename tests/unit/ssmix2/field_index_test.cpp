#include "ssmix2/field_index.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace ssmix2 {
namespace {

/// The same bytes of the message, not merely the same text.
bool is_same(const Value& left, const Value& right) {
  return left.raw() == right.raw() && (left.raw().empty() || left.raw().data() == right.raw().data());
}

void check_all(const std::string& text) {
  const auto message = Message::parse(text);
  if (!message) return;
  const FieldIndex index(*message);
  INFO(text);
  for (std::size_t i = 0; i < message->size(); ++i) {
    const Segment segment = message->segment(i);
    CHECK(index.fields(i) == segment.fields());
    for (std::size_t number = 0; number <= segment.fields() + 2; ++number) {
      INFO(i << " " << number);
      CHECK(is_same(index.field(i, number), segment.field(number)));
      CHECK(index.field(i, number).component(2).raw() == segment.field(number).component(2).raw());
    }
  }
}

TEST_CASE("the index gives every field that the segment gives, and nothing behind the last") {
  check_all("MSH|^~\\&|H|S||G\nPID|1||0001^^^^PI\nPRB\nNTE|\nZPR|||\n");
  check_all("MSH|^~\\&\n");
  check_all("MSH|\n");
  check_all("MSH#%~\\&#H%x#S\nPRB#AD|x#2\n");
}

TEST_CASE("the index gives what the segment gives for random messages") {
  std::mt19937 random(20261122);
  const std::string letters = "|||||^^~\\&#\n\nAB1 \"";
  for (int round = 0; round < 2000; ++round) {
    std::string text = round % 2 == 0 ? "MSH|^~\\&|" : "MSH#^~\\&#";
    const auto length = random() % 80;
    for (std::size_t i = 0; i < length; ++i) {
      const char letter = letters[random() % letters.size()];
      text += letter;
      if (letter == '\n') text += random() % 3 == 0 ? "PRB|" : "ZPR#";
    }
    check_all(text);
  }
}

}  // namespace
}  // namespace ssmix2
