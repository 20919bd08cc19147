// The format of profile packs: what each construct means, every way to write it wrongly, and what its author
// is told.
#include "fhir_mapper/profile_check.h"
#include "tests/unit/fhir_mapper/profile_packs.h"
#include "tests/unit/json_tree.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string told(const ConfigErrors& errors) {
  std::string text;
  for (const ConfigError& error : errors) text += error.place + " " + error.message + "\n";
  return text;
}

/// One mistake is one error at its place.
void check_mistake(const std::string& written, const std::string& place, const std::string& message) {
  const auto pack = ProfilePack::load(pack_of(written), "test");
  INFO(written);
  REQUIRE(pack.has_error());
  INFO(told(pack.error()));
  CHECK(pack.error().size() == 1);
  CHECK(pack.error().front().place == place);
  CHECK_THAT(pack.error().front().message, Catch::Contains(message));
}

/// `rule location` of each issue of `json`, which claims the profile urn:p.
std::vector<std::string> issues(const std::string& content, const std::string& json) {
  const auto pack =
      ProfilePack::load(pack_of(R"(<names kind="resource">Patient Practitioner Condition Encounter</names>)"
                                R"(<profile url="urn:p" name="P" type="Condition">)" +
                                content + "</profile>"),
                        "test");
  if (pack.has_error()) FAIL(told(pack.error()));
  const std::string whole =
      R"({"resourceType":"Condition","meta":{"profile":["urn:p"]},"subject":{"display":"x"})" + json + "}";
  const Tree tree = tree_of(whole);
  std::vector<std::string> found;
  for (const ProfileIssue& issue : check_profiles(tree.root(), **pack, ProfileDemand::as_claimed)) {
    found.push_back(issue.rule + " " + issue.location);
  }
  return found;
}
using Issues = std::vector<std::string>;

TEST_CASE("what a pack writes wrongly is told with its place and what would be right") {
  check_mistake("<profil/>", "test.xml:2:2", "did you mean profile?");
  check_mistake("text", "test.xml:2:1", "no text");
  check_mistake(R"(<include file="gone.xml"/>)", "test.xml:2:2",
                "there is no file gone.xml; there are: test.xml");
  check_mistake(R"(<include file="test.xml"/>)", "test.xml:2:2", "includes this file already");
  check_mistake(R"(<names kind="person">A</names>)", "test.xml:2:2", "resource, extension, system");
  check_mistake(R"(<profile url="urn:p" name="P" type="Conditon"/>)", "test.xml:2:2",
                "did you mean Condition?");
  check_mistake(R"(<profile url="urn:p" name="P"/>)", "test.xml:2:2", R"(needs type="...")");
  check_mistake(R"(<change profile="urn:p"/>)", "test.xml:2:2", "there is no <profile");
  check_mistake(R"(<undecided about="x"><en>y</en></undecided>)", "test.xml:2:2", "<ja>");
  check_mistake(R"(<submission profiles="urn:p"/>)", "test.xml:2:2", "there is no <profile");
}

TEST_CASE("what an element writes wrongly is told with its place") {
  const auto element = [](const std::string& attributes, const std::string& message) {
    check_mistake(
        "<profile url=\"urn:p\" name=\"P\" type=\"Condition\">\n <element " + attributes + "/></profile>",
        "test.xml:3:3", message);
  };
  element(R"(path="onsett" min="1")", "Condition has no element onsett");
  element(R"(path="onset[x].start" min="1")", "whose one type must be said first");
  element(R"(path="code" mim="1")", "did you mean min?");
  element(R"(path="code" min="-1")", "must be a number");
  element(R"(path="code" min="2" max="1")", "min is more than max");
  element(R"(path="code" codes="urn:v")", "there are no <codes");
  element(R"(path="code" strength="strong")", "must be one of: required, extensible, preferred");
  element(R"(path="subject" target="Patiant")", "is no resource type");
  element(R"(path="subject" target="urn:q")", "there is no <profile");
  element(R"(path="onset[x]" type="datetime")", "is no type of FHIR");
  element(R"(path="code" pattern-coding="x")", "a system, | and a code");
}

TEST_CASE("what a slicing or a rule writes wrongly is told with its place") {
  const auto content = [](const std::string& written, const std::string& place, const std::string& message) {
    check_mistake("<profile url=\"urn:p\" name=\"P\" type=\"Condition\">\n" + written + "</profile>", place,
                  message);
  };
  content(R"(<slicing path="category" rules="open"/>)", "test.xml:3:2", "needs by");
  content(R"(<slicing path="category" by="value:text" rules="shut"/>)", "test.xml:3:2",
          "open, closed, openAtEnd");
  content(R"(<slicing path="category" by="colour" rules="open"/>)", "test.xml:3:2", "type:$this");
  content(R"(<slicing path="contained" by="profile:$this" rules="open"><slice name="a"/></slicing>)",
          "test.xml:3:2", "slice a names no profile");
  content(R"(<extension name="e" path="code" url="x"/>)", "test.xml:3:2", "leads to no extension");
  content(R"(<rule id="x" severity="bad"><en>x</en><holds>true</holds></rule>)", "test.xml:3:2",
          "error or warning");
  content(R"(<rule id="x" severity="error"><en>x</en></rule>)", "test.xml:3:2", "needs <holds>");
  content(R"(<rule id="x" severity="error"><holds>true</holds></rule>)", "test.xml:3:2", "sentence in <en>");
  content(R"(<rule id="x" severity="error"><en>x</en><holds>code.(</holds></rule>)", "test.xml:3:2",
          "column");
  content(R"(<rule id="x" severity="error" evaluate="no"><en>x</en></rule>)", "test.xml:3:2", "because");
  content(R"(<rule id="x" severity="error" native="yes"><en>x</en></rule>)", "test.xml:3:2",
          "looks after itself");
}

TEST_CASE("every mistake of a pack is told at once") {
  const auto pack = ProfilePack::load(pack_of("<a/>\n<b/>\n<c/>"), "test");
  REQUIRE(pack.has_error());
  CHECK(pack.error().size() == 3);
}

TEST_CASE("a pack that does not exist is told with those that do") {
  const auto pack = ProfilePack::load(pack_of(""), "jp");
  REQUIRE(pack.has_error());
  CHECK(pack.error().front().message == "there is no profile pack jp; there are: test.xml");
}

TEST_CASE("a table's row with too few cells is told with its line") {
  auto files = pack_of(R"(<system url="urn:s" table="codes.tsv" group="g"/>)");
  files.push_back({"codes.tsv", "# comment\ngroup\tcode\tdisplay\ng\t1\n"});
  const auto pack = ProfilePack::load(files, "test");
  REQUIRE(pack.has_error());
  CHECK(pack.error().front().place == "codes.tsv:3:1");
}

TEST_CASE("min and max count repetitions, and of a choice all its types together") {
  const std::string content =
      R"(<element path="category" min="1" max="1"/><element path="onset[x]" min="1"/>)";
  CHECK(issues(content, R"(,"category":[{"text":"a"}],"onsetString":"b")") == Issues{});
  CHECK(issues(content, R"(,"category":[{"text":"a"},{"text":"b"}],"onsetString":"c")") ==
        Issues{"max Condition"});
  CHECK(issues(content, R"(,"category":[{"text":"a"}])") == Issues{"min Condition"});
}

TEST_CASE("fixed, pattern, length and type are demanded of the value") {
  const std::string content =
      R"(<element path="code.text" fixed="a"/><element path="id" pattern="b"/>)"
      R"(<element path="note.text" max-length="2"/><element path="onset[x]" type="dateTime"/>)"
      R"(<element path="severity" pattern-coding="urn:s|1"/>)";
  CHECK(issues(content, R"(,"id":"b","code":{"text":"a"},"note":[{"text":"架橋"}],"onsetDateTime":"2026")"
                        R"(,"severity":{"coding":[{"system":"urn:s","code":"1"}]})") == Issues{});
  CHECK(issues(content, R"(,"id":"c","code":{"text":"b"},"note":[{"text":"架橋太"}],"onsetString":"x")"
                        R"(,"severity":{"text":"x"})") ==
        Issues{"pattern Condition.id", "fixed Condition.code.text", "maxLength Condition.note[0].text",
               "type Condition.onset.ofType(string)", "pattern Condition.severity"});
}

TEST_CASE("slices by value are counted, and a closed slicing lets nothing else in") {
  const auto content = [](const std::string& rules) {
    return R"(<slicing path="category" by="value:text" rules=")" + rules +
           R"("><slice name="one" min="1" max="1"><element path="text" fixed="1"/></slice></slicing>)";
  };
  CHECK(issues(content("open"), R"(,"category":[{"text":"1"},{"text":"2"}])") == Issues{});
  CHECK(issues(content("open"), R"(,"category":[{"text":"2"}])") == Issues{"slice-min Condition"});
  CHECK(issues(content("open"), "") == Issues{"slice-min Condition"});
  CHECK(issues(content("open"), R"(,"category":[{"text":"1"},{"text":"1"}])") ==
        Issues{"slice-max Condition"});
  CHECK(issues(content("closed"), R"(,"category":[{"text":"1"},{"text":"2"}])") ==
        Issues{"slice-closed Condition.category[1]"});
  CHECK(issues(content("openAtEnd"), R"(,"category":[{"text":"2"},{"text":"1"}])") ==
        Issues{"slice-order Condition"});
}

TEST_CASE("a rule holds, fails where it stands, or is told as one that cannot be evaluated") {
  const auto rule = [](const std::string& holds) {
    return R"(<rule id="x-1" key="k" at="code" severity="error"><en>x</en><holds>)" + holds +
           "</holds></rule>";
  };
  CHECK(issues(rule("text = 'a'"), R"(,"code":{"text":"a"})") == Issues{});
  CHECK(issues(rule("text = 'b'"), R"(,"code":{"text":"a"})") == Issues{"x-1/k Condition.code"});
  CHECK(issues(rule("text = 'b'"), "") == Issues{});
  CHECK(issues(rule("coding.code.substring(1) = 'b'"),
               R"(,"code":{"coding":[{"code":"1","system":"urn:s"},{"code":"2","system":"urn:s"}]})") ==
        Issues{"x-1/k/unevaluable Condition.code"});
}

TEST_CASE("a reference must lead somewhere, and to what may stand there") {
  const std::string content = R"(<element path="encounter" target="Encounter"/>)";
  const std::string encounter =
      R"(,"contained":[{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB","system":"urn:s"}}])";
  CHECK(issues(content, encounter + R"(,"encounter":{"reference":"#e"})") == Issues{});
  CHECK(issues(content, R"(,"encounter":{"reference":"#e"})") ==
        Issues{"reference-dangling Condition.encounter"});
  CHECK(issues(content, R"(,"encounter":{"type":"Patient","display":"x"})") ==
        Issues{"reference-target Condition.encounter"});
  CHECK(issues(content, R"(,"encounter":{"type":"Encounter"})") ==
        Issues{"reference-empty Condition.encounter"});
  CHECK(issues(content, encounter) == Issues{"dom-3 Condition"});
}

TEST_CASE("what FHIR itself demands needs no profile") {
  CHECK(issues("", R"(,"colour":"red")") == Issues{"unknown-element Condition"});
  CHECK(issues("", R"(,"category":{"text":"x"})") == Issues{"json Condition"});
  CHECK(issues("", R"(,"onsetDateTime":"2026-02-30")") ==
        Issues{"primitive Condition.onset.ofType(dateTime)"});
  CHECK(issues("", R"(,"code":{})") == Issues{"ele-1 Condition.code", "empty Condition.code"});
  CHECK(issues("", R"(,"_onsetDateTime":{"extension":[{"url":"urn:e","valueString":"x"}]})") ==
        Issues{"extension-unknown Condition.onset.ofType(dateTime).extension[0]"});
  CHECK(issues("", R"(,"extension":[{"url":"urn:e"}])") ==
        Issues{"ext-1 Condition.extension[0]", "extension-unknown Condition.extension[0]"});
}

TEST_CASE("a resource that is nested without end, or wrong a million times, is told so and no more") {
  // Deeper than a check goes, and not as deep as the reader refuses.
  std::string deep = R"({"display":"x"})";
  for (int i = 0; i < 60; ++i) deep = R"({"identifier":{"assigner":)" + deep + "}}";
  const Issues found = issues("", R"(,"asserter":)" + deep);
  CHECK(std::count_if(found.begin(), found.end(),
                      [](const std::string& issue) { return issue.starts_with("depth "); }) == 1);
  std::string many;
  for (int i = 0; i < 3000; ++i) many += ",\"wrong" + std::to_string(i) + "\":1";
  CHECK(issues("", many).size() == 1000);
}

TEST_CASE("of very many contained resources each is found, and each that nobody refers to") {
  std::string contained;
  std::string references;
  for (int i = 0; i < 100; ++i) {
    contained +=
        (i == 0 ? "" : ",") + std::string(R"({"resourceType":"Basic","id":"c)") + std::to_string(i) + "\"}";
    if (i == 99) continue;
    references += (i == 0 ? "" : ",") + std::string(R"({"reference":"#c)") + std::to_string(i) + "\"}";
  }
  const auto told = [&](const std::string& last) {
    return issues("", ",\"contained\":[" + contained + R"(],"evidence":[{"detail":[)" + references + "," +
                          last + "]}]");
  };
  const auto has = [](const Issues& found, const std::string& issue) {
    return std::count(found.begin(), found.end(), issue) == 1;
  };
  const Issues whole = told(R"({"reference":"#c99"})");
  CHECK_FALSE(has(whole, "dom-3 Condition"));
  CHECK_FALSE(has(whole, "reference-dangling Condition.evidence[0].detail[99]"));
  const Issues one_less = told(R"({"reference":"#c100"})");
  CHECK(has(one_less, "dom-3 Condition"));
  CHECK(has(one_less, "reference-dangling Condition.evidence[0].detail[99]"));
}

TEST_CASE("an error behind very many warnings is told") {
  std::string many = R"({"text":"\ufffd"})";
  for (int i = 0; i < 3000; ++i) many += R"(,{"text":"\ufffd"})";
  const Issues found = issues("", ",\"note\":[" + many + R"(],"recordedDate":"2026-02-30")");
  CHECK(found.size() == 1001);
  CHECK(std::count(found.begin(), found.end(), "primitive Condition.recordedDate") == 1);
}

}  // namespace
}  // namespace fhir_mapper::test
