#include "ssmix2/value_place.h"

#include "ssmix2/text_decoder.h"

#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

// The body of the message stands in ISO-2022-JP: 本 is ESC $ B K \ ESC ( B.
const std::string kHon = "\x1B$BK\\\x1B(B";
const std::string kFile = "\x0BMSH|^~\\&|HIS||||20240401||PPR^ZD1\r\nPID|1||77||" + kHon + "^" + kHon +
                          "~a&b^c\r\nNTE|1||first\r\n\r\nsecond " + kHon +
                          "\r\n\x1Cthird|x\r\nPID|2|\r\n\x1C\r\n";

Message parsed(const std::string& file) {
  auto text = decode_text(file);
  REQUIRE(text.has_value());
  auto message = Message::parse(std::move(text->utf8));
  REQUIRE(message.has_value());
  return std::move(*message);
}

std::string place_text(const Message& message, const Value& value) {
  return to_text(place_of(message, value)).str();
}

/// The bytes of the file from where the value begins.
std::string source_of(const Message& message, const Value& value, std::size_t length) {
  const auto offset = message.offset_of(value);
  REQUIRE(offset);
  const auto byte = source_byte_of(kFile, *offset);
  REQUIRE(byte);
  return kFile.substr(*byte, length);
}

}  // namespace

TEST_CASE("a value's place is where its view points, as deep as it goes") {
  const Message message = parsed(kFile);
  const Segment msh = message.segment(0);
  CHECK(place_text(message, msh.field(1)) == "MSH[1]-1");
  CHECK(place_text(message, msh.field(2)) == "MSH[1]-2");
  CHECK(place_text(message, msh.field(3)) == "MSH[1]-3");
  CHECK(place_text(message, msh.field(9).component(2)) == "MSH[1]-9.2");
  const Value name = message.segment(1).field(5);
  CHECK(place_text(message, name) == "PID[1]-5");
  CHECK(place_text(message, name.repetition(2)) == "PID[1]-5[2]");
  CHECK(place_text(message, name.component(2)) == "PID[1]-5[1].2");
  CHECK(place_text(message, name.repetition(2).component(1)) == "PID[1]-5[2].1");
  CHECK(place_text(message, name.repetition(2).component(1).subcomponent(2)) == "PID[1]-5[2].1.2");
  CHECK(place_text(message, message.segment(1).field(3).component(1)) == "PID[1]-3");
  CHECK(place_text(message, message.segment(1).field(2)) == "PID[1]-2");
  CHECK(place_text(message, message.segment(2).field(4)) == "NTE[1]-4");
  CHECK(place_text(message, message.segment(3).field(2)) == "PID[2]-2");
}

TEST_CASE("an empty value at the end of its segment is not the next segment's") {
  const Message message = parsed("MSH|^~\\&|\rPID|1|\rPV1|x^\rOBX|2");
  CHECK(place_text(message, message.segment(1).field(2)) == "PID[1]-2");
  CHECK(place_text(message, message.segment(2).field(1).component(2)) == "PV1[1]-1.2");
  CHECK(message.segment_of(message.segment(1).field(2))->name() == "PID");
}

TEST_CASE("a value that is not there, or not of this message, has no place") {
  const Message message = parsed(kFile);
  const Message other = parsed(kFile);
  CHECK(place_of(message, Value()) == Place{});
  CHECK(place_of(message, message.segment(1).field(99)) == Place{});
  CHECK(place_of(message, other.segment(1).field(3)) == Place{});
  CHECK_FALSE(message.offset_of(message.segment(1).field(99)));
}

TEST_CASE("a place leads to its value") {
  const Message message = parsed(kFile);
  CHECK(value_at(message, {.segment = "PID", .field = 3}).text() == "77");
  CHECK(value_at(message, {.segment = "PID", .occurrence = 2, .field = 1}).text() == "2");
  CHECK(value_at(message, {.segment = "PID", .field = 5, .component = 2}).text() == "本");
  CHECK(value_at(message, {.segment = "PID", .field = 5, .repetition = 2, .component = 1, .subcomponent = 2})
            .text() == "b");
  CHECK(value_at(message, {.segment = "PID", .field = 5, .repetition = 2, .subcomponent = 2}).text() == "b");
  for (const Place& nowhere : {Place{}, Place{.segment = "PID"}, Place{.segment = "OBX", .field = 1},
                               Place{.segment = "PID", .occurrence = 3, .field = 1},
                               Place{.segment = "PID", .field = 3, .repetition = 2}}) {
    CHECK(value_at(message, nowhere).raw().data() == nullptr);
  }
}

TEST_CASE("a value's byte in the file is where its first character begins there") {
  const Message message = parsed(kFile);
  const Value name = message.segment(1).field(5);
  CHECK(source_of(message, message.segment(0).field(3), 3) == "HIS");
  CHECK(source_of(message, name, 2) == "K\\");
  CHECK(source_of(message, name.component(2), 2) == "K\\");
  CHECK(source_byte_of(kFile, *message.offset_of(name)) !=
        source_byte_of(kFile, *message.offset_of(name.component(2))));
  CHECK(source_of(message, name.repetition(2).component(1).subcomponent(2), 3) == "b^c");
  // An empty one at the end of its segment.
  CHECK(source_of(message, message.segment(3).field(2), 2) == "\r\n");
}

TEST_CASE("a value's byte in the file is exact behind lines that were glued together") {
  const Message message = parsed(kFile);
  const Value note = message.segment(2).field(3);
  CHECK(note.text() == "first\n\nsecond 本\nthird");
  CHECK(source_of(message, note, 5) == "first");
  CHECK(source_of(message, message.segment(2).field(4), 3) == "x\r\n");
  CHECK(source_of(message, message.segment(3).field(1), 3) == "2|\r");
}
