#include "gateway/issue_sentence.h"

#include <catch2/catch.hpp>

namespace gateway::test {
namespace {

using fhir_mapper::ProfileIssue;

fhir_mapper::ConfigFile pack_file() {
  return {"jp-clins-1.0.0.xml",
          R"(<profiles xmlns="urn:kakehashi:profiles:1" id="jp-clins-1.0.0" version="1.0.0"
    fhir="4.0.1" complete="yes" profile-version="optional"/>)"};
}

IssueSentence sentence(const char* rule) {
  const auto pack = fhir_mapper::ProfilePack::load({pack_file()}, "jp-clins-1.0.0");
  ProfileIssue issue;
  issue.rule = rule;
  issue.en = issue.ja = "架橋太郎 is wrong";
  return sentence_of(issue, **pack);
}

TEST_CASE("an issue is told in two languages by its rule and never by what the check says of the value") {
  for (const char* rule : {"min", "binding", "maxValueInteger", "R9999/nobody-knows", "json-duplicate", ""}) {
    INFO(rule);
    const auto told = sentence(rule);
    CHECK_FALSE((told.en.empty() || told.ja.empty()));
    CHECK(told.en.find("架橋太郎") == std::string_view::npos);
    CHECK(told.ja.find("架橋太郎") == std::string_view::npos);
  }
  CHECK(sentence("min").en != sentence("max").en);
  CHECK(sentence("minValueDecimal").en == sentence("minValueInteger").en);
  CHECK(sentence("slice-min").en != sentence("min").en);
}

}  // namespace
}  // namespace gateway::test
