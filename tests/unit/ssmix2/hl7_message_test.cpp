#include "ssmix2/hl7_message.h"

#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;
using namespace std::string_literals;

namespace {

Message parsed(std::string text) {
  auto message = Message::parse(std::move(text));
  REQUIRE(message.has_value());
  return std::move(*message);
}

FailureCode code_of(std::string text) {
  const auto message = Message::parse(std::move(text));
  REQUIRE(message.has_error());
  return message.error().code;
}

const Delimiters kDefault;

Value value(std::string_view raw) {
  return {raw, &kDefault};
}

}  // namespace

TEST_CASE("a message is its segments, whichever way their lines end") {
  for (const char* end : {"\r", "\n", "\r\n"}) {
    const std::string text = "MSH|^~\\&|HIS"s + end + "PID|1||77" + end + end + "OBX|1" + end + "OBX|2" + end;
    const Message message = parsed(text);
    REQUIRE(message.size() == 4);
    CHECK(message.segment(1).name() == "PID");
    CHECK(message.segment(1).field(3).raw() == "77");
    CHECK(message.segment(3).index() == 3);
    CHECK(message.segment(3).occurrence() == 2);
    CHECK(message.first("OBX")->field(1).raw() == "1");
    CHECK(message.all("OBX").size() == 2);
    CHECK_FALSE(message.first("ZZZ"));
    CHECK(message.glued_lines() == 0);
  }
}

TEST_CASE("MSH counts its delimiters as fields and they are not split") {
  const Message message = parsed("MSH|^~\\&|HIS|||||x");
  const Segment msh = message.segment(0);
  CHECK(msh.field(1).raw() == "|");
  CHECK(msh.field(1).text() == "|");
  CHECK(msh.field(2).raw() == "^~\\&");
  CHECK(msh.field(2).text() == "^~\\&");
  CHECK(msh.field(2).component(1).raw() == "^~\\&");
  CHECK(msh.field(2).repetitions() == 1);
  CHECK_FALSE(msh.field(2).empty());
  CHECK(msh.field(3).text() == "HIS");
  CHECK(msh.field(8).text() == "x");
  CHECK(msh.fields() == 8);
  CHECK(msh.field(9).empty());
  CHECK(msh.field(0).empty());
}

TEST_CASE("delimiters are those the message names, the standard's where it names none") {
  const Message own = parsed("MSH#*!?%#HIS\rPID#a*b!c%d*?S?");
  CHECK(own.delimiters() == Delimiters{'#', '*', '!', '?', '%'});
  CHECK(own.segment(1).field(1).repetition(2).component(1).subcomponent(2).text() == "d");
  CHECK(own.segment(1).field(1).repetition(2).component(2).text() == "*");
  CHECK(parsed("MSH||HIS").delimiters() == Delimiters{});
  CHECK(parsed("MSH|").delimiters() == Delimiters{});
  CHECK(parsed("MSH|^~").delimiters() == Delimiters{});
  CHECK(parsed("MSH|^~\\&#|HIS").delimiters() == Delimiters{});
}

TEST_CASE("delimiters that had to be assumed are told, and a yen sign is a backslash") {
  for (const char* text : {"MSH||HIS", "MSH|", "MSH|^~", "MSH|^~¥&|HIS", "MSH|^~￥&|HIS"}) {
    INFO(text);
    const Message message = parsed(text);
    CHECK(message.delimiters() == Delimiters{});
    CHECK(message.delimiters_assumed());
  }
  CHECK(parsed("MSH|*!¥%|HIS").delimiters() == Delimiters{'|', '*', '!', '\\', '%'});
  CHECK_FALSE(parsed("MSH|^~\\&|HIS").delimiters_assumed());
  CHECK_FALSE(parsed("MSH#*!?%#HIS").delimiters_assumed());
  CHECK(parsed("MSH|^~¥&|HIS\rNTE|1||¥1000").segment(1).field(3).text() == "¥1000");
}

TEST_CASE("delimiters that cannot be told apart or are no punctuation are refused") {
  CHECK(code_of("MSH") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSH\rPID|1") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSHX^~\\&X") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSH ^~\\& ") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSH|^^\\&|") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSH|HIS|") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSH|^¥¥&|") == FailureCode::hl7_bad_delimiters);
  CHECK(code_of("MSH|^~é&|") == FailureCode::hl7_bad_delimiters);
}

TEST_CASE("text that does not begin with MSH is no message") {
  CHECK(code_of("") == FailureCode::hl7_no_msh);
  CHECK(code_of("PID|1") == FailureCode::hl7_no_msh);
  CHECK(code_of("msh|^~\\&") == FailureCode::hl7_no_msh);
  CHECK(parsed("\xEF\xBB\xBFMSH|^~\\&|").size() == 1);
  CHECK(parsed("\x0BMSH|^~\\&|").size() == 1);
}

TEST_CASE("a second message in the same text is refused") {
  CHECK(code_of("MSH|^~\\&|\rPID|1\rMSH|^~\\&|\rPID|2") == FailureCode::hl7_bad_segment);
  CHECK(code_of("MSH|^~\\&|\rPID|1\r\x1C\r\x0BMSH|^~\\&|\rPID|2") == FailureCode::hl7_bad_segment);
}

TEST_CASE("lines that are no segments belong to the segment before") {
  const Message message = parsed("MSH|^~\\&|\rNTE|1||first\nsecond|x\n\n3rd\nPID1|no\nOBX|1\rPV1");
  REQUIRE(message.size() == 4);
  CHECK(message.glued_lines() == 3);
  CHECK(message.segment(1).field(3).text() == "first\nsecond");
  CHECK(message.segment(1).field(4).text() == "x\n\n3rd\nPID1");
  CHECK(message.segment(1).fields() == 5);
  CHECK(message.segment(2).name() == "OBX");
  CHECK(message.segment(2).field(1).raw() == "1");
  CHECK(message.segment(3).name() == "PV1");
  CHECK(message.segment(3).fields() == 0);
}

TEST_CASE("a bare word on a line is text, unless it is a segment's name") {
  const Message message = parsed("MSH|^~\\&|\rNTE|1||first\nCRP\nMRI\n3RD\rPV2\rOBX|1");
  REQUIRE(message.size() == 4);
  CHECK(message.segment(1).field(3).text() == "first\nCRP\nMRI\n3RD");
  CHECK(message.segment(2).name() == "PV2");
  // With a delimiter it is a segment, whoever's.
  CHECK(parsed("MSH|^~\\&|\rZ99|x").segment(1).name() == "Z99");
}

TEST_CASE("what a transport left at the end is dropped") {
  const Message message = parsed("MSH|^~\\&|\rPID|1|x\r\x1C\r\x1A\0\0"s);
  REQUIRE(message.size() == 2);
  CHECK(message.segment(1).field(2).raw() == "x");
  CHECK(message.glued_lines() == 0);
  CHECK(parsed("MSH|^~\\&|\rPID|x\x1C").segment(1).field(1).raw() == "x");
}

TEST_CASE("a message has a largest number of segments") {
  std::string text = "MSH|^~\\&|\r";
  for (std::size_t i = 1; i < kMaxSegments; ++i) text += "OBX|\r";
  CHECK(parsed(text).size() == kMaxSegments);
  CHECK(code_of(text + "OBX|\r") == FailureCode::hl7_too_many_segments);
}

TEST_CASE("segments and values stay valid when their message moves") {
  Message origin = parsed("MSH|^~\\&|\rPID|1|a&b^c~d");
  const Segment pid = origin.segment(1);
  const Value field = pid.field(2);
  const Message target = std::move(origin);
  std::vector<Message> more;
  more.push_back(parsed("MSH|#*!?|\rPID|other"));
  CHECK(pid.name() == "PID");
  CHECK(field.repetition(2).text() == "d");
  CHECK(field.component(1).subcomponent(2).text() == "b");
  CHECK(target.segment(1).field(2).raw().data() == field.raw().data());
}

TEST_CASE("a value is followed by repetition, component and subcomponent") {
  const Value name = value("架橋^太郎^^^^^L^I~カケハシ&x^タロウ");
  CHECK(name.repetitions() == 2);
  CHECK(name.components() == 8);
  CHECK(name.component(1).text() == "架橋");
  CHECK(name.component(3).empty());
  CHECK(name.component(8).text() == "I");
  CHECK(name.component(9).empty());
  CHECK(name.component(0).empty());
  CHECK(name.repetition(2).components() == 2);
  CHECK(name.repetition(2).component(1).subcomponent(2).text() == "x");
  CHECK(name.repetition(2).subcomponent(1).text() == "カケハシ");
  CHECK(name.repetition(3).component(1).subcomponent(1).text().empty());
  CHECK(value("~ISO IR87").component(1).empty());
  CHECK(value("~ISO IR87").repetition(2).text() == "ISO IR87");
}

TEST_CASE("a value that is not there has no parts") {
  CHECK(Value().empty());
  CHECK(Value().text().empty());
  CHECK(Value().repetitions() == 0);
  CHECK(Value().components() == 0);
  CHECK(Value().component(1).repetition(1).subcomponent(1).empty());
  CHECK(value("").repetitions() == 0);
  CHECK(value("").components() == 0);
}

TEST_CASE("all parts are those that have a number, in their order") {
  const auto texts = [](const Parts& parts) {
    std::vector<std::string> all;
    for (const Value part : parts) all.push_back(part.text());
    return all;
  };
  using Texts = std::vector<std::string>;
  const Value field = value("a&b&^c~~d^^e~");
  CHECK(texts(field.all_repetitions()) == Texts{"a&b&^c", "", "d^^e", ""});
  CHECK(texts(field.all_components()) == Texts{"a&b&", "c"});
  CHECK(texts(field.all_subcomponents()) == Texts{"a", "b", ""});
  CHECK(texts(field.repetition(3).all_components()) == Texts{"d", "", "e"});
  CHECK(texts(value("").all_repetitions()).empty());
  CHECK(texts(Value().all_subcomponents()).empty());
  CHECK(texts(Value("^~\\&", nullptr).all_repetitions()) == Texts{"^~\\&"});
}

TEST_CASE("nulls and bare delimiters say nothing") {
  for (const char* raw : {"", "\"\"", "^^", "~", "&^~", "\"\"^\"\"", "^\"\""}) {
    INFO(raw);
    CHECK(value(raw).empty());
  }
  for (const char* raw : {" ", "0", "\"", "^a", "\\F\\", "\"\"x"}) {
    INFO(raw);
    CHECK_FALSE(value(raw).empty());
  }
  CHECK(value("\"\"").is_null());
  CHECK(value("\"\"").text().empty());
  CHECK_FALSE(value("").is_null());
}

TEST_CASE("escapes are resolved after splitting") {
  CHECK(value("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f").text() == "a|b^c&d~e\\f");
  CHECK(value("a\\S\\b^c").component(1).text() == "a^b");
}
