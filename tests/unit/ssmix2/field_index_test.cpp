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

/// Each repetition with its components, and one behind the last of both.
void check_parts(const FieldIndex& index, std::size_t segment, std::size_t number, const Value& field) {
  CHECK(index.repetitions(segment, number) == field.repetitions());
  for (std::size_t i = 0; i <= field.repetitions() + 1; ++i) {
    const Value expected = field.repetition(i);
    const IndexedRepetition repetition = index.repetition(segment, number, i);
    CHECK(is_same(repetition.whole(), expected));
    CHECK(index.text(repetition.whole()) == expected.text());
    for (std::size_t k = 0; k <= expected.components() + 1; ++k) {
      const Value component = repetition.component(k);
      CHECK(is_same(component, expected.component(k)));
      CHECK(index.text(component) == expected.component(k).text());
      CHECK(component.subcomponent(2).raw() == expected.component(k).subcomponent(2).raw());
    }
  }
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
      check_parts(index, i, number, segment.field(number));
    }
  }
}

TEST_CASE("the index gives every part that the segment gives, and nothing behind the last") {
  check_all("MSH|^~\\&|H|S||G\nPID|1||0001^^^^PI\nPRB\nNTE|\nZPR|||\n");
  check_all("MSH|^~\\&\n");
  check_all("MSH|\n");
  check_all("MSH#%~\\&#H%x#S\nPRB#AD|x#2\n");
}

TEST_CASE("a text with escapes is resolved once and stays as long as the index") {
  const auto message = Message::parse("MSH|^~\\&|H\nPRB|a\\T\\b^c\nPRB|\"\"|d\n").value();
  const FieldIndex index(message);
  const Value escaped = index.repetition(1, 1, 1).component(1);
  const std::string_view text = index.text(escaped);
  CHECK(text == "a&b");
  CHECK(index.text(escaped).data() == text.data());
  CHECK(index.text(index.field(1, 1)) == "a&b^c");
  CHECK(index.text(index.field(2, 1)).empty());
  CHECK(index.text(index.field(2, 2)).data() == index.field(2, 2).raw().data());
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
