#pragma once
// The program's own lists of words, as it tells them to somebody who wrote another: what manual and schema
// are compared with.

#include "tests/unit/fhir_mapper/rule_run.h"

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {

using Words = std::set<std::string>;

/// The list behind `before` in what is told of `files`.
inline Words program_words(const std::vector<ConfigFile>& files, const std::string& before) {
  const auto mapping = load_mapping(files, shipped_tables());
  REQUIRE(mapping.has_error());
  for (const ConfigError& error : mapping.error()) {
    INFO(error.place << " " << error.message);
    const std::size_t at = error.message.find(before);
    if (at == std::string::npos) continue;
    std::string list = error.message.substr(at + before.size());
    for (char& c : list) c = c == ',' ? ' ' : c;
    std::istringstream stream(list);
    Words words;
    for (std::string word; stream >> word;) words.insert(word);
    return words;
  }
  FAIL("nothing was told with: " << before);
  return {};
}

/// `rules` stand in a resource.
inline Words program_words(const std::string& rules, const std::string& before) {
  return program_words(mapping_of(resource_of(rules)), before);
}

/// `change` stands in an overlay.
inline Words program_words_of_overlay(const std::string& change, const std::string& before) {
  auto files = mapping_of(resource_of(""));
  files.push_back({"site/o.xml", R"(<overlay xmlns="urn:kakehashi:mapping:1">)" + change + "</overlay>",
                   ConfigOrigin::site});
  return program_words(files, before);
}

}  // namespace fhir_mapper::test
