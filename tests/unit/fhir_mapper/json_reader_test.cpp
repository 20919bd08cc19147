#include "fhir_mapper/json_reader.h"

#include "fhir_mapper/json_writer.h"

#include <string>
#include <tuple>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string rewritten(std::string_view json) {
  return SnapshotTemplate::of(read_json(json).value().tree.root()).text();
}

JsonError error_of(std::string_view json, JsonLimits limits = {}) {
  const auto document = read_json(json, limits);
  REQUIRE(document.has_error());
  return document.error();
}

std::string nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST_CASE("JSON is read as it is written: order, digits, null and what is empty stay") {
  const std::string json =
      R"({"b":7.20,"a":"総蛋白","c":[1E+2,-0.0e-05,true,false,null,[[]],{}],"d":"","e":{"f":null}})";
  CHECK(rewritten(json) == json);
  CHECK(rewritten(" {\r\n\t\"a\" : [ 1 , 2 ] } \n") == R"({"a":[1,2]})");
  const std::string digits(300, '7');
  CHECK(rewritten("{\"a\":0." + digits + "}") == "{\"a\":0." + digits + "}");
}

TEST_CASE("escapes become the characters they stand for, in names and values") {
  const auto document = read_json(R"({"\u67b6\"\\":"\ud83d\ude00\n\u0000\/"})").value();
  const Node& member = *document.tree.root().at(0);
  CHECK(member.name() == "架\"\\");
  CHECK(member.written() == std::string_view("😀\n\0/", 7));
  CHECK(rewritten(R"({"\u67b6\"\\\u0001":1})") == R"({"架\"\\\u0001":1})");
}

TEST_CASE("a tree outlives the text it was read from") {
  std::string json = R"({"name":"value","number":123456789})";
  const auto document = read_json(json).value();
  json.assign(json.size(), 'x');
  CHECK(document.tree.root().find("name")->written() == "value");
  CHECK(document.tree.root().find("number")->written() == "123456789");
}

TEST_CASE(
    "of members with one name the last one counts, and each repetition is told with its object and place") {
  const auto document =
      read_json("{\"a\":1,\n \"b\":[0,{\"c\":{\"x\":1,\"x\":2,\"y\":3,\"x\":[4]}}],\n \"a\":null}");
  CHECK(SnapshotTemplate::of(document->tree.root()).text() == R"({"a":null,"b":[0,{"c":{"x":[4],"y":3}}]})");
  std::vector<std::tuple<std::string, std::size_t, std::size_t>> told;
  for (const auto& each : document->repeated)
    told.emplace_back(each.object, each.place.line, each.place.column);
  CHECK(told == decltype(told){{".b[1].c", 2, 21}, {".b[1].c", 2, 33}, {"", 3, 2}});
}

TEST_CASE("a name is repeated when it is the same character by character, however it is escaped") {
  const auto document = read_json(R"({"\"a\\":1,"\u0022a\u005C":2,"\"a":3})").value();
  REQUIRE(document.repeated.size() == 1);
  CHECK(document.repeated.front().place.column == 12);
  CHECK(read_json(R"({"a\"b":1,"a\"b":2})")->repeated.front().place.column == 11);
  CHECK(read_json(R"({"a":{"b":1},"b":{"a":1}})")->repeated.empty());
}

TEST_CASE("a byte order mark is remarked and counts as nothing") {
  const auto document = read_json("\xEF\xBB\xBF{\"a\":1,\"a\":2}").value();
  CHECK(document.has_byte_order_mark);
  CHECK(document.repeated.front().place.column == 8);
  CHECK_FALSE(read_json("{}")->has_byte_order_mark);
}

TEST_CASE("what is no JSON is refused, with its line and column in characters") {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "{\"a\":1",
                                 "{\"a\" 1}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "{\"a\":[1,]}",
                                 "{\"a\":01}",
                                 "{\"a\":+1}",
                                 "{\"a\":.5}",
                                 "{\"a\":1.}",
                                 "{\"a\":NaN}",
                                 "{\"a\":1e}",
                                 "{\"a\":True}",
                                 "{\"a\":\"\\x\"}",
                                 "{\"a\":\"\t\"}",
                                 "{} {}",
                                 "{}x",
                                 "{\"a\":1}//",
                                 "{\"a\":1e999}"}) {
    INFO(text);
    CHECK(error_of(text).mistake == JsonMistake::malformed);
  }
  CHECK(error_of(std::string("{}\0{}", 5)).mistake == JsonMistake::malformed);
  const auto error = error_of("{\"a\":\"架橋\",\n \"総\":x}");
  CHECK((error.place.line == 2 && error.place.column == 6 && error.place.offset == 22));
}

TEST_CASE("what is no object is refused, for every resource is one") {
  for (const char* text : {"[]", "[{}]", "1", "\"a\"", "null", "true"})
    CHECK(error_of(text).mistake == JsonMistake::no_object);
}

TEST_CASE("bytes that are no UTF-8 and halves of characters are refused") {
  CHECK(error_of("{\"a\":\"\x8b\"}").mistake == JsonMistake::not_utf8);
  CHECK(error_of("{\"a\":1} \xff").place.column == 9);
  for (const char* text : {R"({"a":"\udc00"})", R"({"\udfff":1})"})
    CHECK(error_of(text).mistake == JsonMistake::unpaired_surrogate);
  CHECK(error_of(R"({"a":"\ud800x"})").mistake == JsonMistake::malformed);
}

TEST_CASE("a text that is too large or nested too deeply is refused before it takes memory or stack") {
  CHECK(error_of("{\"a\":1}", {.bytes = 6}).mistake == JsonMistake::too_large);
  CHECK(read_json(nested(128)).has_value());
  CHECK(error_of(nested(129)).mistake == JsonMistake::too_deep);
  CHECK(error_of("{\"a\":" + std::string(1'000'000, '[')).mistake == JsonMistake::too_deep);
}

TEST_CASE("an object of very many members takes no longer than it must") {
  std::string json = "{\"a\":0";
  for (int i = 0; i < 300'000; ++i) json.append(",\"n").append(std::to_string(i % 299'999)).append("\":0");
  CHECK(read_json(json + "}")->repeated.size() == 1);
}

TEST_CASE("of very many repeated names a thousand are remarked, in the time of one") {
  std::string json = "{\"a\":0";
  for (int i = 0; i < 300'000; ++i) json.append(",\n\"a\":0");
  const auto document = read_json(json + "}").value();
  REQUIRE(document.repeated.size() == 1000);
  CHECK(document.repeated.front().place.column == 1);
  CHECK(document.repeated.back().place.line - document.repeated.front().place.line == 999);
}

TEST_CASE("the path of a repeated name holds no name that no element can have") {
  const auto document = read_json(R"({"entry":[{"架橋太郎":{"_given":{"a":1,"a":2}}}]})").value();
  CHECK(document.repeated.at(0).object == ".entry[0].?._given");
}

}  // namespace
}  // namespace fhir_mapper::test
