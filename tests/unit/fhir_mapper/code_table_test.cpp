#include "fhir_mapper/code_table.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kHeader = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n";

CodeTable table_with(const std::string& rows) {
  return CodeTable::parse("t", kHeader + rows).value();
}

ConfigError only_error(const std::string& bytes) {
  const auto table = CodeTable::parse("t", bytes);
  REQUIRE(table.has_error());
  const ConfigErrors errors = table.error();
  REQUIRE(errors.size() == 1);
  return errors.front();
}

TEST_CASE("a code finds its row with system, code, display and line") {
  const CodeTable table = table_with("# comment\n\nHL70001\tM\thttp://s\tmale\t男性\tnote\r\n");
  const CodeRow* row = table.find("M");
  REQUIRE(row != nullptr);
  CHECK(row->to_system == "http://s");
  CHECK(row->to_code == "male");
  CHECK(row->to_display == "男性");
  CHECK(row->line == 4);
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

TEST_CASE("the row of * stands for every code without a row of its own") {
  const CodeTable table = table_with("\t*\t\tother\n\t1\t\tone\n");
  CHECK(table.find("1")->to_code == "one");
  CHECK(table.find("9")->to_code == "other");
}

TEST_CASE("a code with a character that could not be read is not even every other code") {
  const CodeTable table = table_with("\t*\t\tother\n");
  CHECK(table.find("1\uFFFD") == nullptr);
}

TEST_CASE("a mistake in a table names file, line and remedy") {
  CHECK(only_error("").place == "t.tsv:1");
  CHECK_THAT(only_error("").message, Catch::Contains("needs at least the header"));
  CHECK(only_error("# c\nfrom\tto\n").place == "t.tsv:2");
  CHECK_THAT(only_error("# c\nfrom\tto\n").message, Catch::Contains("must be the header"));
  CHECK(only_error(kHeader + "a\tb\n").place == "t.tsv:2");
  CHECK_THAT(only_error(kHeader + "a\tb\n").message, Catch::Contains("this one has 2"));
  CHECK_THAT(only_error(kHeader + "a\tb\tc\td\te\tf\tg\n").message, Catch::Contains("this one has 7"));
  CHECK_THAT(only_error(kHeader + "a\t\tc\td\n").message, Catch::Contains("write *"));
  CHECK(only_error(kHeader + "a\tb\t\tx\n\na\tb\t\ty\n").place == "t.tsv:4");
  CHECK_THAT(only_error(kHeader + "a\tb\t\tx\n\na\tb\t\ty\n").message, Catch::Contains("in line 2"));
}

TEST_CASE("all mistakes of a table are told at once") {
  const auto table = CodeTable::parse("t", kHeader + "a\n\tb\n\t\t\tx\n");
  REQUIRE(table.has_error());
  CHECK(table.error().size() == 3);
}

}  // namespace
}  // namespace fhir_mapper::test
