#include "fhir_mapper/json_writer.h"

#include "tests/unit/fhir_mapper/support.h"
#include "tests/unit/json_tree.h"

#include <catch2/catch.hpp>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace fhir_mapper::test {
namespace {

std::string content(const char* json) {
  return content_of(tree_of(json).root());
}

TEST_CASE("JSON is compact, ordered as built, UTF-8 as it is, with the digits of its decimals") {
  const std::string json = R"({"b":7.20,"a":"総蛋白","c":[1E+2,true,false,{}],"d":[],"e":{"f":""}})";
  CHECK(json_of(tree_of(json)) == json);
}

TEST_CASE("text is escaped where JSON demands it, wherever it stands, and nowhere else") {
  const std::string plain = "総abcdefgh/\x7F~ !#[]";
  for (unsigned byte = 1; byte < 0x80; ++byte) {
    for (std::size_t before = 0; before <= plain.size(); ++before) {
      const std::string text =
          plain.substr(0, before) + static_cast<char>(byte) + plain.substr(before) + static_cast<char>(byte);
      Tree tree;
      tree.set(tree.root(), "a", tree.text(text));
      rapidjson::StringBuffer expected;
      rapidjson::Writer<rapidjson::StringBuffer>(expected).String(text.c_str());
      REQUIRE(json_of(tree) == "{\"a\":" + std::string(expected.GetString()) + "}");
    }
  }
}

TEST_CASE("text of any length is written whole, also where every byte is escaped") {
  for (const char letter : {'x', '\x02', '"'}) {
    for (const std::size_t size : {7u, 8u, 16'381u, 16'382u, 16'383u, 16'384u, 16'385u, 100'000u}) {
      const std::string text(size, letter);
      Tree tree;
      tree.set(tree.root(), "a", tree.text(text));
      rapidjson::StringBuffer expected;
      rapidjson::Writer<rapidjson::StringBuffer>(expected).String(text.c_str());
      CHECK((json_of(tree) == "{\"a\":" + std::string(expected.GetString()) + "}"));
    }
  }
}

TEST_CASE("render fills in the snapshot's time and the URL of each entry") {
  const std::string json = R"({"t":"<time>","u":"<url 0>","v":"<url 12>","w":"<time>"})";
  CHECK(json_of(tree_of(json)) == json);
  const auto filled = SnapshotTemplate::of(tree_of(json).root()).render("now", [](std::size_t index) {
    return "entry " + std::to_string(index);
  });
  CHECK(filled == R"({"t":"now","u":"entry 0","v":"entry 12","w":"now"})");
}

TEST_CASE("no text of a document can be taken for an open place") {
  for (const char* text : {"\x01t\x01", "\x01u0\x01", "\x01", "\\u0001t\\u0001", "<time>", "u0"}) {
    Tree tree;
    tree.set(tree.root(), "a", tree.text(text));
    tree.set(tree.root(), "b", Leaf(EntryUrl{3}));
    const auto stored = SnapshotTemplate::stored(SnapshotTemplate::of(tree.root()).text());
    std::size_t asked = 0;
    const std::string json = stored.render("NEVER", [&](std::size_t index) {
      ++asked;
      CHECK(index == 3);
      return std::string("once");
    });
    CHECK(asked == 1);
    CHECK(json.find("NEVER") == std::string::npos);
  }
}

TEST_CASE("a stored snapshot renders as the one it was made from") {
  const auto fresh = SnapshotTemplate::of(tree_of(R"({"t":"<time>","u":"<url 1>"})").root());
  const auto entry_url = [](std::size_t index) { return "x" + std::to_string(index); };
  CHECK(SnapshotTemplate::stored(fresh.text()).render("T", entry_url) == fresh.render("T", entry_url));
}

TEST_CASE("content ignores times and entry URLs and nothing else") {
  const std::string first = content(
      R"({"meta":{"lastUpdated":"1","profile":"p"},"timestamp":"<time>","entry":[{"fullUrl":"<url 0>","code":"a"}]})");
  CHECK(
      content(
          R"({"meta":{"lastUpdated":"2","profile":"p"},"timestamp":"<time>","entry":[{"fullUrl":"<url 0>","code":"a"}]})") ==
      first);
  CHECK(
      content(
          R"({"meta":{"lastUpdated":"1","profile":"p"},"timestamp":"<time>","entry":[{"fullUrl":"<url 7>","code":"a"}]})") ==
      first);
  CHECK(
      content(
          R"({"meta":{"lastUpdated":"1","profile":"p"},"timestamp":"3","entry":[{"fullUrl":"<url 0>","code":"a"}]})") ==
      first);
  CHECK(
      content(
          R"({"meta":{"lastUpdated":"1","profile":"p"},"timestamp":"<time>","entry":[{"fullUrl":"<url 0>","code":"b"}]})") !=
      first);
  CHECK(content(R"({"value":7.20})") != content(R"({"value":7.2})"));
  CHECK(content(R"({"value":"1"})") != content(R"({"value":1})"));
  CHECK(content(R"({"issued":"1"})") != content(R"({"issued":"2"})"));
  CHECK(content(R"({"a":"x","b":"y"})") != content(R"({"b":"y","a":"x"})"));
}

}  // namespace
}  // namespace fhir_mapper::test
