#include "fhir_mapper/code_table_reader.h"

#include "tests/unit/fhir_mapper/code_tables.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::vector<CodeRow> rows_of(const std::string& bytes) {
  ConfigErrors errors;
  auto rows = read_code_rows({"t.tsv", bytes}, errors);
  for (const ConfigError& error : errors) FAIL(error.place + ": " + error.message);
  return rows;
}

ConfigErrors errors_of(const std::string& bytes) {
  ConfigErrors errors;
  read_code_rows({"t.tsv", bytes}, errors);
  return errors;
}

/// "t.tsv:2: message"
std::string only_error(const std::string& bytes) {
  const ConfigErrors errors = errors_of(bytes);
  REQUIRE(errors.size() == 1);
  return errors.front().place + ": " + errors.front().message;
}
std::string error_of_row(const std::string& row) {
  return only_error(kCodeHeader + row + "\n");
}

using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("a mistake in a table names file, line and remedy") {
  CHECK_THAT(only_error(""), StartsWith("t.tsv:1: ") && Contains("needs at least the header"));
  CHECK_THAT(only_error("# c\n\n"), StartsWith("t.tsv:1: ") && Contains("needs at least the header"));
  CHECK_THAT(only_error("# c\nfrom\tto\n\tx\n"), StartsWith("t.tsv:2: ") && Contains("must be the header"));
  CHECK_THAT(error_of_row("a\tb"), StartsWith("t.tsv:2: ") && Contains("this one has 2"));
  CHECK_THAT(error_of_row("a\tb\tc\td\te\tf\tg"), Contains("this one has 7"));
  CHECK_THAT(error_of_row("内\t\tc\td"), StartsWith("t.tsv:2:3: ") && Contains("write *"));
  CHECK_THAT(error_of_row("a\tb\t\tx\n\na\tb\t\ty"), StartsWith("t.tsv:4: ") && Contains("in line 2"));
  CHECK_THAT(error_of_row("\t~1\t\tx\n\t~1\t\ty"), StartsWith("t.tsv:3: ") && Contains("in line 2"));
}

TEST_CASE("all mistakes of a table are told at once") {
  CHECK(errors_of(kCodeHeader + "a\n\tb\n\t\t\tx\n \t~(\t\"s\"\tx \t y\t\n").size() == 3 + 5);
}

TEST_CASE("what editors and spreadsheets leave behind is tolerated") {
  const auto rows = rows_of("\xEF\xBB\xBF# c\r\n" + kCodeHeader.substr(0, kCodeHeader.size() - 1) +
                            "\r\n\t\t\t\t\t\r\n\r\nA\t1\t\tone\r\nA\t2\t\ttwo\t\t note ");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].to_code == "one");
  CHECK(rows[0].line == 5);
  CHECK(rows[1].note == " note ");
}

TEST_CASE("a byte that is not UTF-8 is named with its place, also in a comment") {
  CHECK_THAT(only_error(kCodeHeader + "\t1\t\tx\t内\x93\xE0\n"),
             StartsWith("t.tsv:2:8: ") && Contains("the byte 0x93 is not UTF-8; save the file as UTF-8"));
  CHECK_THAT(only_error("# \xFF\n" + kCodeHeader + "\t1\t\tx\n"), StartsWith("t.tsv:1:3: "));
  CHECK(errors_of("# \xFF\nno header\n").size() == 2);
  CHECK_THAT(only_error("\xFF\xFE" + kCodeHeader + "\t1\t\tx\n"), StartsWith("t.tsv:1:1: "));
}

TEST_CASE("a cell that could never be found or sent is refused with the column's name") {
  CHECK_THAT(error_of_row("\t1 \t\tx"),
             StartsWith("t.tsv:2:2: from_code begins or ends with a space") && Contains("\\x20"));
  CHECK_THAT(error_of_row(" A\t1\t\tx"), StartsWith("t.tsv:2:1: from_system begins"));
  CHECK_THAT(error_of_row("\t1\tu\u3000\tx"), StartsWith("t.tsv:2:4: to_system begins"));
  CHECK_THAT(error_of_row("\t1\t\tx "), StartsWith("t.tsv:2:5: to_code begins"));
  CHECK_THAT(error_of_row("\t1\t\tx\t 内"), StartsWith("t.tsv:2:7: to_display begins"));
  CHECK_THAT(error_of_row("\t\"1\"\t\tx"), Contains("from_code stands in quotation marks"));
  CHECK_THAT(error_of_row("\t1\t\tx\t内\uFFFD"), Contains("to_display holds U+FFFD"));
  CHECK_THAT(error_of_row("\t1\v\t\tx"), Contains("from_code holds a control character (0x0B)"));
  CHECK_THAT(error_of_row("\t1\t\tx\t\ta\rb"), Contains("note holds a control character (0x0D)"));
}

TEST_CASE("a shape that is no regular expression says why") {
  CHECK_THAT(error_of_row("A\t~[0-9\t\tx"),
             StartsWith("t.tsv:2:3: from_code is no regular expression") && Contains("missing ]"));
  CHECK_THAT(error_of_row("\t~\t\tx"), Contains("needs a regular expression behind ~"));
}

TEST_CASE("{} in the row of one code is a mistake") {
  CHECK_THAT(error_of_row("\t1\t\t{}"), StartsWith("t.tsv:2:5: to_code holds {}"));
}

TEST_CASE("{1} without a group that it could mean is a mistake") {
  CHECK_THAT(error_of_row("\t1\t\tx{1}"), StartsWith("t.tsv:2:5: to_code holds {1}"));
  CHECK_THAT(error_of_row("\t*\t\tx{1}"), StartsWith("t.tsv:2:5: to_code holds {1}"));
  CHECK_THAT(error_of_row("\t~(a)(?:b)\t\t{1}{2}"),
             Contains("holds {2}, but the expression in from_code has 1 group"));
  CHECK_THAT(error_of_row("\t~[\t\t{1}"), Contains("is no regular expression"));
}

TEST_CASE("of many mistakes the first are told, and how many more there are") {
  std::string rows;
  for (int line = 0; line < 250; ++line) rows += "x\n";
  const ConfigErrors errors = errors_of(kCodeHeader + rows);
  REQUIRE(errors.size() == 101);
  CHECK(errors[99].place == "t.tsv:101");
  CHECK(errors[100].place == "t.tsv");
  CHECK_THAT(errors[100].message, StartsWith("and 150 more mistakes"));
}

TEST_CASE("a line, rows and shapes without end are refused") {
  CHECK(rows_of(kCodeHeader + "\t1\t\tx\t\t" + std::string(9'992, 'n') + "\n").size() == 1);
  CHECK_THAT(error_of_row("\t1\t\tx\t\t" + std::string(9'996, 'n')), Contains("longer than 10000 bytes"));

  std::string shapes;
  for (std::size_t shape = 0; shape < kMostShapeRows; ++shape)
    shapes += "\t~" + std::to_string(shape) + "\t\tx\n";
  CHECK(rows_of(kCodeHeader + shapes).size() == kMostShapeRows);
  CHECK_THAT(error_of_row(shapes + "\t~a\t\tx\n\t~b\t\tx"), Contains("at most 1000 rows with ~"));

  std::string rows = kCodeHeader;
  for (std::size_t row = 0; row < kMostCodeRows; ++row) rows += "\t" + std::to_string(row) + "\t\tx\n";
  CHECK(rows_of(rows).size() == kMostCodeRows);
  CHECK_THAT(only_error(rows + "\ta\t\tx\n\tb\t\tx\n"),
             StartsWith("t.tsv:1000002: ") && Contains("at most 1000000 rows"));
}

TEST_CASE("a code of a storage is written so that its row is for it alone") {
  CHECK(from_code_of("3A015-内科") == "3A015-内科");
  for (const std::string code : {"*", "~x", " 1", "1\u3000", "a\tb\r\n", "\"1\"", "\"", "{}", "#1"}) {
    const auto rows = rows_of(kCodeHeader + "\t" + from_code_of(code) + "\t\tx\n");
    const CodeTable table("t", rows);
    CHECK(table.find(code) != nullptr);
    CHECK(table.find(code + "1") == nullptr);
    CHECK(table.find("other") == nullptr);
  }
}

}  // namespace
}  // namespace fhir_mapper::test
