// config/profiles/README.md: it tells of every element where it comes from or why it is not sent, as the
// shipped rules and the packs have it.
#include "tests/unit/fhir_mapper/profile_page.h"

#include "fhir_mapper/json_reader.h"
#include "tests/unit/fhir_mapper/golden.h"
#include "tests/unit/fhir_mapper/profile_elements.h"
#include "tests/unit/fhir_mapper/profile_packs.h"
#include "tests/unit/fhir_mapper/support.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const ProfilePack& older() {
  return shipped_pack("jp-clins-1.5.3");
}
const ProfilePack& newer() {
  return shipped_pack("jp-clins-1.12.0");
}

const std::map<std::string, WrittenElements>& written() {
  static const auto all = written_elements(shipped_mapping(), older());
  return all;
}

std::vector<std::string> profiles() {
  std::vector<std::string> names;
  for (const auto& [name, elements] : written()) names.push_back(name);
  return names;
}

std::vector<PageRow> demanded(const std::string& profile) {
  return rows_of_profile(profile, written().at(profile), older(), newer());
}

const PageRow* row_of(const std::vector<PageRow>& rows, const std::string& element) {
  const auto found = std::ranges::find(rows, element, &PageRow::element);
  return found == rows.end() ? nullptr : &*found;
}

TEST_CASE("the page of profiles is written anew when that is asked for", "[page]") {
  const char* const update = std::getenv("KAKEHASHI_UPDATE_GOLDEN");
  if (update == nullptr || std::string_view(update) != "1") return;
  for (const std::string& profile : profiles()) {
    replace_page_table("profile: " + profile, with_remarks(demanded(profile), page_rows(profile)));
  }
}

TEST_CASE("the page has a table of every profile that the shipped rules write, and of the Bundle", "[page]") {
  auto expected = profiles();
  expected.push_back("JP_Bundle_CLINS");
  std::ranges::sort(expected);
  auto tables = profiles_of_page();
  std::ranges::sort(tables);
  CHECK(tables == expected);
}

TEST_CASE("of every element that a shipped rule can write the page names the sources that the rule asks",
          "[page]") {
  std::size_t sent = 0;
  for (const std::string& profile : profiles()) {
    const auto page = page_rows(profile);
    for (const auto& [element, sources] : written().at(profile)) {
      INFO(profile << " " << element);
      const PageRow* const row = row_of(page, element);
      REQUIRE(row != nullptr);
      if (sources.empty()) continue;  // contained: a table of its own
      const std::string must = told(sources, written().at(profile));
      CHECK_THAT(row->source, Catch::StartsWith(must));
      const bool ends = row->source.size() == must.size() || row->source.compare(must.size(), 2, ". ") == 0;
      CHECK(ends);
      ++sent;
    }
  }
  CHECK(sent > 250);
}

TEST_CASE(
    "every element that FHIR has at the top or a profile demands has a row, with a reason if it is not sent",
    "[page]") {
  for (const std::string& profile : profiles()) {
    const auto page = page_rows(profile);
    for (const PageRow& wanted : demanded(profile)) {
      INFO(profile << " " << wanted.element);
      const PageRow* const row = row_of(page, wanted.element);
      REQUIRE(row != nullptr);
      CHECK(row->written == wanted.written);
      if (!row->written) CHECK(row->source.size() > kNotSent.size() + 5);
      if (row->written) CHECK_THAT(row->source, Catch::StartsWith(wanted.source));
    }
  }
}

TEST_CASE("the page has no row of an element that neither FHIR nor a profile has, and none twice", "[page]") {
  for (const std::string& profile : profiles()) {
    const auto wanted = demanded(profile);
    std::set<std::string> seen;
    for (const PageRow& row : page_rows(profile)) {
      INFO(profile << " " << row.element);
      CHECK(row_of(wanted, row.element) != nullptr);
      CHECK(seen.insert(row.element).second);
    }
  }
}

TEST_CASE("the page's cardinalities are those of both packs", "[page]") {
  for (const std::string& profile : profiles()) {
    const auto page = page_rows(profile);
    for (const PageRow& wanted : demanded(profile)) {
      INFO(profile << " " << wanted.element);
      const PageRow* const row = row_of(page, wanted.element);
      REQUIRE(row != nullptr);
      CHECK(row->cardinality == wanted.cardinality);
      CHECK(row->newer == wanted.newer);
    }
  }
}

}  // namespace
}  // namespace fhir_mapper::test
