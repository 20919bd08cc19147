#include "gateway/json_texts.h"

#include <sstream>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace gateway::test {
namespace {

using Texts = std::vector<std::pair<std::string, std::size_t>>;

Texts texts_of(const std::string& file, std::size_t limit = 1000) {
  std::istringstream stream(file);
  JsonTexts texts(stream, limit);
  Texts found;
  while (auto text = texts.next()) found.emplace_back(std::move(text->bytes), text->line);
  return found;
}

TEST_CASE("a file of one JSON text is that text, byte for byte, however it is broken into lines") {
  for (const std::string file : {"{\"a\":1}", "{\"a\":1}\n", "{\n\n  \"a\": {}\n}\n", "{\"a\":{}\n,\"b\":{}}",
                                 "\xEF\xBB\xBF{\r\n}", "[{}\n,{}]", "{\"a\":1} x", "x", "\n \n", ""}) {
    INFO(file);
    CHECK(texts_of(file) == Texts{{file, 0}});
  }
}

TEST_CASE("a file of JSON lines is each of its lines, with its number") {
  CHECK(texts_of("{\"a\":1}\n{\"b\":2}\n") == Texts{{"{\"a\":1}", 1}, {"{\"b\":2}", 2}});
  CHECK(texts_of("\n{}\r\n\n {\"b\":2} \n[3]") == Texts{{"{}\r", 2}, {" {\"b\":2} ", 4}, {"[3]", 5}});
}

TEST_CASE("a line that is no JSON is told as that line, and the others are read all the same") {
  CHECK(texts_of("{a}\n{\"b\":\n{\"c\":3}") == Texts{{"{a}", 1}, {"{\"b\":", 2}, {"{\"c\":3}", 3}});
}

TEST_CASE("of a text beyond the limit no more is kept than tells that it is") {
  CHECK(texts_of(std::string(5000, ' ') + "{}", 10).front().first.size() <= 5002);
  const std::string large = "{\"a\":\"" + std::string(5000, 'x') + "\"}";
  CHECK(texts_of(large, 10).front().first.size() == 11);
  const auto lines = texts_of(large + "\n{}\n{\"b\":1}\n" + large, 10);
  CHECK(lines.back() == std::pair<std::string, std::size_t>(large.substr(0, 10) + "}", 4));
}

}  // namespace
}  // namespace gateway::test
