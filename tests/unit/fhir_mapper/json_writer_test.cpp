#include "fhir_mapper/json_writer.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

Node object(std::initializer_list<std::pair<const char*, Node>> members) {
  Node node;
  for (const auto& [name, value] : members) node.member(name) = value;
  return node;
}

Node array(std::initializer_list<Node> items) {
  return Node(Node::Value(Node::Array(items)));
}
Node url(std::size_t index) {
  return Node(Node::Value(EntryUrl{index}));
}
Node time() {
  return Node(Node::Value(SnapshotTime{}));
}
Node decimal(const char* text) {
  return Node(Node::Value(*Decimal::parse(text)));
}

TEST_CASE("JSON is compact, ordered as built, UTF-8 as it is, with the digits of its decimals") {
  const Node node = object(
      {{"b", decimal("7.20")}, {"a", "総蛋白"}, {"c", array({decimal("1E+2"), Node(Node::Value(true))})}});
  CHECK(json_of(node) == R"({"b":7.20,"a":"総蛋白","c":[1E+2,true]})");
}

TEST_CASE("text is escaped, control characters too") {
  CHECK(json_of(object({{"a", "\"\\\n\x01\x1F/"}})) == R"({"a":"\"\\\n\u0001\u001F/"})");
}

TEST_CASE("render fills in the snapshot's time and the URL of each entry") {
  const Node node = object({{"t", time()}, {"u", url(0)}, {"v", url(12)}, {"w", time()}});
  CHECK(json_of(node) == R"({"t":"<time>","u":"<url 0>","v":"<url 12>","w":"<time>"})");
}

TEST_CASE("no text of a document can be taken for an open place") {
  for (const char* text : {"\x01t\x01", "\x01u0\x01", "\x01", "\\u0001t\\u0001", "<time>", "u0"}) {
    const auto stored =
        SnapshotTemplate::stored(SnapshotTemplate::of(object({{"a", text}, {"b", url(3)}})).text());
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
  const auto fresh = SnapshotTemplate::of(object({{"t", time()}, {"u", url(1)}}));
  const auto entry_url = [](std::size_t index) { return "x" + std::to_string(index); };
  CHECK(SnapshotTemplate::stored(fresh.text()).render("T", entry_url) == fresh.render("T", entry_url));
}

TEST_CASE("content ignores times and entry URLs and nothing else") {
  const auto content = [](const char* updated, Node full_url, Node timestamp, const char* code) {
    return content_of(
        object({{"meta", object({{"lastUpdated", updated}, {"profile", "p"}})},
                {"timestamp", std::move(timestamp)},
                {"entry", array({object({{"fullUrl", std::move(full_url)}, {"code", code}})})}}));
  };
  const std::string first = content("2026-01-01", url(0), time(), "a");
  CHECK(content("2026-02-02", url(0), time(), "a") == first);
  CHECK(content("2026-01-01", url(7), time(), "a") == first);
  CHECK(content("2026-01-01", url(0), "2026-03-03", "a") == first);
  CHECK(content("2026-01-01", url(0), time(), "b") != first);
  CHECK(content_of(object({{"value", decimal("7.20")}})) != content_of(object({{"value", decimal("7.2")}})));
  CHECK(content_of(object({{"value", "1"}})) != content_of(object({{"value", decimal("1")}})));
  CHECK(content_of(object({{"issued", "2026-01-01"}})) != content_of(object({{"issued", "2026-01-02"}})));
  CHECK(content_of(object({{"a", "x"}, {"b", "y"}})) != content_of(object({{"b", "y"}, {"a", "x"}})));
}

}  // namespace
}  // namespace fhir_mapper::test
