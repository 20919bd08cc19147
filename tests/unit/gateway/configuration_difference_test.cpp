#include "gateway/configuration_difference.h"

#include <catch2/catch.hpp>

using gateway::changes_between;
using gateway::Configuration;

namespace {

Configuration configured(const std::string& settings) {
  Configuration configuration;
  configuration.settings.text = settings;
  return configuration;
}

std::string text_of(const std::vector<gateway::ConfigurationChange>& changes) {
  std::string text;
  for (const auto& [what, before, after] : changes) text += what + ": " + before + " -> " + after + "\n";
  return text;
}

}  // namespace

TEST_CASE("A change of a setting is named by its element, its id and its attribute") {
  const auto before = configured("<g><d id='a'><t x='1'/></d><d id='b'><t x='1'/></d></g>");
  const auto after = configured("<g><d id='a'><t x='1'/></d><d id='b'><t x='2'/></d></g>");
  CHECK(text_of(changes_between(before, after)) == "d[b]/t/@x: 1 -> 2\n");
  CHECK(changes_between(before, before).empty());
}

TEST_CASE("What came and what went has an empty side") {
  const auto before = configured("<g><d id='a' old='1'/></g>");
  const auto after = configured("<g><d id='a'/><d id='c' x='3'/></g>");
  CHECK(text_of(changes_between(before, after)) == "d[a]/@old: 1 -> \nd[c]/@id:  -> c\nd[c]/@x:  -> 3\n");
}

TEST_CASE("Elements without an id that are there more than once are told by their place") {
  const auto before = configured("<g><a s='1'/><a s='2'/></g>");
  const auto after = configured("<g><a s='1'/><a s='3'/></g>");
  CHECK(text_of(changes_between(before, after)) == "a[2]/@s: 2 -> 3\n");
}

TEST_CASE("Of files only the name is told, whatever became of them") {
  auto before = configured("<g/>");
  before.files.mappings = {{"same.xml", "1"}, {"other.xml", "1"}, {"gone.xml", "1"}};
  auto after = configured("<g/>");
  after.files.mappings = {{"same.xml", "1"}, {"other.xml", "2"}};
  after.files.tables = {{"new.tsv", ""}};
  after.pack_fingerprint = "2";
  CHECK(text_of(changes_between(before, after)) ==
        "gone.xml:  -> \nnew.tsv:  -> \nother.xml:  -> \nprofile packs:  -> \n");
}
