#include "fhir_mapper/code_table.h"

#include "tests/unit/fhir_mapper/code_tables.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

/// The table that a shipped file and a site's file with these rows make.
CodeTable table_with(const std::string& shipped, const std::string& site = "") {
  std::vector<ConfigFile> files{shipped_table("t", shipped)};
  if (!site.empty()) files.push_back(site_table("t", site));
  return tables_of(files).at("t");
}

std::string place_of(const CodeRow* row) {
  return row == nullptr ? "none" : row->place();
}

TEST_CASE("a code finds its row with system, code, display, note and line") {
  const CodeTable table = table_with("# comment\n\nHL70001\tM\thttp://s\tmale\t男性\tnote\r\n");
  const CodeRow* row = table.find("M");
  REQUIRE(row != nullptr);
  CHECK(row->to_system == "http://s");
  CHECK(row->to_code == "male");
  CHECK(row->to_display == "男性");
  CHECK(row->note == "note");
  CHECK(row->line == 4);
  CHECK(row->place() == "t.tsv:4");
  CHECK(table.find("F") == nullptr);
  CHECK(table.find("m") == nullptr);
  CHECK(table.size() == 1);
}

TEST_CASE("a wanted system excludes the rows of other systems but not those of none") {
  const CodeTable table = table_with("A\t1\t\tof-a\nB\t1\t\tof-b\n\t2\t\tof-any\n");
  CHECK(table.find("1", "B")->to_code == "of-b");
  CHECK(table.find("1", "C") == nullptr);
  CHECK(table.find("2", "C")->to_code == "of-any");
}

TEST_CASE("a row that names the wanted system is better than one for any, wherever they stand") {
  const CodeTable table = table_with("\t1\t\tany\nA\t1\t\tof-a\n\t*\t\tother\nA\t*\t\tother-of-a\n");
  CHECK(table.find("1", "A")->to_code == "of-a");
  CHECK(table.find("1", "B")->to_code == "any");
  CHECK(table.find("1")->to_code == "any");
  CHECK(table.find("9", "A")->to_code == "other-of-a");
  CHECK(table.find("9")->to_code == "other");
}

TEST_CASE("the row of * stands for every code without a row of its own") {
  const CodeTable table = table_with("\t*\t\tother\n\t1\t\tone\n");
  CHECK(table.find("1")->to_code == "one");
  CHECK(table.find("9")->to_code == "other");
}

TEST_CASE("a code with a character that could not be read is not even every other code") {
  const CodeTable table = table_with("\t*\t\tother\n\t~.*\t\tshape\n");
  CHECK(table.find("1\uFFFD") == nullptr);
}

TEST_CASE("a row with ~ is for all codes of its shape, whole, after exact rows and before *") {
  const CodeTable table =
      table_with("\t*\t\tother\nYJ\t~[0-9]{7}[A-Z][0-9A-Z]{4}\turn:yj\t{}\n\t1141001F1ZZZ\t\texact\n");
  CHECK(table.find("1141001F1ZZZ")->to_code == "exact");
  CHECK(table.find("1141001F1ZZY")->to_system == "urn:yj");
  CHECK(table.find("1141001F1ZZYX")->to_code == "other");
  CHECK(table.find("1141001F1ZZY", "HOT")->to_code == "other");
}

TEST_CASE("shapes are asked in the order of the file") {
  const CodeTable table = table_with("\t~1.*\t\tfirst\n\t~12.*\t\tsecond\n");
  CHECK(table.find("12")->to_code == "first");
}

TEST_CASE("{} in the row of many codes is the code itself, as often as it stands there") {
  const CodeTable table = table_with("\t~[0-9]+\t\t{}\n\t~L.*\t\tx{}-{}y\n\t*\t\t{}\n\t1\t\tone\n");
  const auto made_of = [&table](std::string_view code) { return table.find(code)->code_for(code); };
  CHECK(made_of("17") == "17");
  CHECK(made_of("L{}") == "xL{}-L{}y");
  CHECK(made_of("内") == "内");
  CHECK(made_of("1") == "one");
}

TEST_CASE("{1} to {9} are what the groups of a shape took; one without a part in it takes nothing") {
  const CodeTable table =
      table_with("\t~(.{3})[0-9]{3}(.)(x)?\t\t{1}998{2}-{3}{}\n\t~u(.)\t\tmg/g{creat}{1}\n");
  CHECK(table.find("abc123d")->code_for("abc123d") == "abc998d-abc123d");
  CHECK(table.find("abc123dx")->code_for("abc123dx") == "abc998d-xabc123dx");
  CHECK(table.find("u7")->code_for("u7") == "mg/g{creat}7");
}

TEST_CASE("a code of a storage that looks like a shape or like * is only a code") {
  const CodeTable table = table_with("\t~[0-9]+\t\tshape\n\t1\t\tone\n");
  CHECK(table.find("~[0-9]+") == nullptr);
  CHECK(table.find("*") == nullptr);
}

TEST_CASE("a site's row replaces the shipped row of the same system and code, others are added") {
  const CodeTable table = table_with("A\t1\t\tone\nA\t2\t\ttwo\n\t~9+\t\tnines\n\t*\t\tother\n",
                                     "A\t2\t\tzwei\nA\t3\t\tdrei\n\t~9+\t\tneunen\n");
  CHECK(place_of(table.find("1")) == "t.tsv:2");
  CHECK(place_of(table.find("2")) == "site/t.tsv:2");
  CHECK(table.find("2")->to_code == "zwei");
  CHECK(table.find("2")->file->origin == ConfigOrigin::site);
  CHECK(table.find("1")->file->origin == ConfigOrigin::shipped);
  CHECK(place_of(table.find("3")) == "site/t.tsv:3");
  CHECK(place_of(table.find("99")) == "site/t.tsv:4");
  CHECK(place_of(table.find("x")) == "t.tsv:5");
  CHECK(table.size() == 5);
}

TEST_CASE("a site's row of another system leaves the shipped row") {
  const CodeTable table = table_with("A\t1\t\tone\n", "B\t1\t\teins\n");
  CHECK(table.find("1", "A")->to_code == "one");
  CHECK(table.find("1", "B")->to_code == "eins");
}

TEST_CASE("a site's rows are asked before the shipped ones, shapes too") {
  const CodeTable table = table_with("A\t1\t\tone\n\t~2.*\t\tshipped\n", "B\t1\t\teins\n\t~.2\t\tsite\n");
  CHECK(table.find("1")->to_code == "eins");
  CHECK(table.find("22")->to_code == "site");
  CHECK(table.find("23")->to_code == "shipped");
}

TEST_CASE("a site removes a shipped row with !remove") {
  const CodeTable table = table_with("A\t1\t\tone\n\t*\t\tother\n", "A\t1\t\t!remove\t\tnot here\n");
  CHECK(place_of(table.find("1")) == "t.tsv:3");
  CHECK(table.size() == 1);
  CHECK(table_with("\t*\t\tother\n", "\t*\t\t!remove\n").find("1") == nullptr);
}

TEST_CASE("a row without to_code is a code that is known and says nothing; it removes nothing") {
  const CodeTable table = table_with("A\t1\t\tone\n", "A\t1\t\t\n");
  REQUIRE(table.find("1") != nullptr);
  CHECK(table.find("1")->to_code.empty());
}

TEST_CASE("to remove a row that is not there is a mistake") {
  const ConfigError error =
      only_error_of({shipped_table("t", "A\t1\t\tone\n"), site_table("t", "\t1\t\t!remove\n")});
  CHECK(error.place == "site/t.tsv:2");
  CHECK_THAT(error.message, Catch::Contains("no shipped row of from_system \"\" and from_code \"1\""));
}

TEST_CASE("a shipped table cannot remove rows") {
  const ConfigError error = only_error_of({shipped_table("t", "A\t1\t\t!remove\n")});
  CHECK(error.place == "t.tsv:2:6");
  CHECK_THAT(error.message, Catch::Contains("only a site's table removes rows"));
}

TEST_CASE("a site may bring whole new tables") {
  const CodeTables tables = tables_of({shipped_table("a", "\t1\t\tone\n"), site_table("b", "\t2\t\tzwei\n")});
  CHECK(tables.at("b").find("2")->to_code == "zwei");
  CHECK(tables.at("b").name() == "b");
  CHECK(tables.size() == 2);
}

TEST_CASE("a table that lies twice in one place is a mistake") {
  const ConfigError error = only_error_of({shipped_table("t", ""), shipped_table("t", "")});
  CHECK_THAT(error.message, Catch::Contains("is in t.tsv already"));
}

TEST_CASE("the mistakes of all tables are told at once, and their right rows are there") {
  ConfigErrors errors;
  const CodeTables tables = load_code_tables(
      {shipped_table("a", "x\n\t1\t\tone\n"), site_table("a", "\t\t\tx\n"), shipped_table("b", "y\n")},
      errors);
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].place == "a.tsv:2");
  CHECK(errors[1].place == "site/a.tsv:2:2");
  CHECK(errors[2].place == "b.tsv:2");
  CHECK(tables.at("a").find("1") != nullptr);
  CHECK(tables.at("b").size() == 0);
}

TEST_CASE("every code of a long table is found, and no other") {
  std::string rows;
  for (int code = 0; code < 20'000; ++code) {
    rows += "\t" + std::to_string(code) + "\t\tof-" + std::to_string(code) + "\n";
  }
  const CodeTable table = table_with(rows);
  for (int code = 0; code < 20'000; ++code) {
    const CodeRow* row = table.find(std::to_string(code));
    REQUIRE(row != nullptr);
    REQUIRE(row->to_code == "of-" + std::to_string(code));
  }
  CHECK(table.find("20000") == nullptr);
  CHECK(table.find("") == nullptr);
}

TEST_CASE("a copied table is a table of its own") {
  CodeTables tables = tables_of({shipped_table("t", "\t1\t\tone\n\t~2+\t\ttwos\n")});
  const CodeTable copy = tables.at("t");
  tables.clear();
  CHECK(copy.find("1")->place() == "t.tsv:2");
  CHECK(copy.find("22")->to_code == "twos");
}

}  // namespace
}  // namespace fhir_mapper::test
