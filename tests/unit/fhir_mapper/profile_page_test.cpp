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

constexpr std::string_view kBundle = "JP_Bundle_CLINS";

bool of_bundle(std::string_view profile) {
  return profile == kBundle;  // the program writes it and no rule does: a person says where from
}

/// By profile; of the Bundle what the golden ones hold.
const std::map<std::string, WrittenElements>& written() {
  static const auto all = [] {
    auto elements = written_elements(shipped_mapping(), older());
    WrittenElements& bundle = elements[std::string(kBundle)];
    for (const auto& document : golden_documents()) {
      const auto json =
          read_json(read_file(std::filesystem::path(document).replace_extension(".json").string()));
      // A prescription's is a Bundle of no profile.
      const Node* const meta = json.value().tree.root().find("meta");
      if (meta == nullptr || meta->find("profile") == nullptr) continue;
      add_written(json.value().tree.root(), kBundle, older(), bundle);
    }
    return elements;
  }();
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

TEST_CASE("the page has a table of every profile that the shipped rules write and of the Bundle", "[page]") {
  const auto expected = profiles();
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
      INFO(row->source);
      if (sources.empty()) continue;  // contained: a table of its own
      const std::string must = told(sources, written().at(profile));
      INFO(must);
      CHECK(says(row->source, must));
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
      if (row->written && !of_bundle(profile)) CHECK(says(row->source, wanted.source));
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

using Cells = std::vector<std::string>;

std::string escaped(const std::string& text) {
  std::string cell;
  for (const char c : text) cell.append(c == '|' ? "\\|" : std::string(1, c));
  return cell;
}

std::string state_of(const ProfilePack& pack, const ProfileRule& rule) {
  for (const ProfileRule& other : pack.rules()) {
    if (other.id != rule.id || other.key != rule.key) continue;
    if (!other.evaluated) return "not evaluated";
    std::string state = other.severity == IssueSeverity::error ? "error" : "warning";
    if (!other.attached) state.append(", of the guide alone");
    return state + (other.en == rule.en ? "" : ", another demand");
  }
  return "";
}

/// Rules that one pack at least does not evaluate.
std::vector<Cells> rules_not_evaluated() {
  std::vector<Cells> rows;
  for (const ProfilePack* const pack : {&older(), &newer()}) {
    for (const ProfileRule& rule : pack->rules()) {
      if (rule.evaluated) continue;
      const Cells row{"`" + rule.id + "`", state_of(older(), rule), state_of(newer(), rule), escaped(rule.en),
                      escaped(rule.because)};
      if (std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
    }
  }
  return rows;
}

/// Rules that the newer pack judges otherwise.
std::vector<Cells> rules_that_differ() {
  std::vector<Cells> rows;
  for (const ProfileRule& rule : newer().rules()) {
    const std::string before = state_of(older(), rule);
    const std::string now = state_of(newer(), rule);
    if (before == now) continue;
    const Cells row{"`" + rule.id + "`", before.empty() ? "none" : before, now, escaped(rule.en)};
    if (std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
  }
  return rows;
}

std::vector<Cells> points_undecided() {
  std::vector<Cells> rows;
  for (const UndecidedPoint& point : newer().undecided()) {
    const auto& before = older().undecided();
    const bool both = std::ranges::find(before, point.about, &UndecidedPoint::about) != before.end();
    rows.push_back({escaped(point.about), both ? "both" : "1.12.0", escaped(point.en)});
  }
  return rows;
}

TEST_CASE("the page of profiles is written anew when that is asked for", "[page]") {
  const char* const update = std::getenv("KAKEHASHI_UPDATE_GOLDEN");
  if (update == nullptr || std::string_view(update) != "1") return;
  replace_page_table("rules not evaluated", rules_not_evaluated());
  replace_page_table("rules that differ", rules_that_differ());
  replace_page_table("not decided", points_undecided());
  for (const std::string& profile : profiles()) {
    replace_page_table("profile: " + profile,
                       with_remarks(demanded(profile), page_rows(profile), of_bundle(profile)));
  }
}

TEST_CASE(
    "the page's lists of rules that are not evaluated, of those that differ and of what is not decided are "
    "those "
    "of the packs",
    "[page]") {
  CHECK(older().complete());
  CHECK_FALSE(newer().complete());
  CHECK(page_table("rules not evaluated") == rules_not_evaluated());
  CHECK(page_table("rules that differ") == rules_that_differ());
  CHECK(page_table("not decided") == points_undecided());
}

TEST_CASE("the page names every file of the folder of packs", "[page]") {
  const std::string page = page_text();
  for (const ConfigFile& file : shipped_profiles()) {
    if (file.name != "README.md")
      CHECK_THAT(page, Catch::Contains("| `" + file.name + "`") || Catch::Contains(", `" + file.name + "`"));
  }
}

}  // namespace
}  // namespace fhir_mapper::test
