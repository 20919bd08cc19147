#include "fhir_mapper/code_table_edit.h"

#include "tests/unit/fhir_mapper/code_tables.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

CodeRow row_of(std::string code, std::string to_code, std::string note = "") {
  CodeRow row;
  row.from_system = "L";
  row.from_code = std::move(code);
  row.to_code = std::move(to_code);
  row.note = std::move(note);
  row.file = std::make_shared<const CodeFile>(CodeFile{"todo.tsv", ConfigOrigin::site});
  row.line = 7;
  return row;
}

std::string written(const std::string& bytes, const std::vector<CodeRow>& rows) {
  return with_rows({"site/t.tsv", bytes, ConfigOrigin::site}, rows).value();
}

/// "place: message", one a line.
std::string refused(const std::string& bytes, const std::vector<CodeRow>& rows) {
  const auto edited = with_rows({"site/t.tsv", bytes, ConfigOrigin::site}, rows);
  REQUIRE(edited.has_error());
  std::string text;
  for (const ConfigError& error : edited.error()) text += error.place + ": " + error.message + "\n";
  return text;
}

using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("new rows stand behind what a person wrote, which stays to the byte") {
  const std::string bytes = "# ours\n" + kCodeHeader + "\n# more\nL\t1\t\tone\n";
  CHECK(written(bytes, {row_of("2", "two", "n"), row_of("3", "three")}) ==
        bytes + "L\t2\t\ttwo\t\tn\nL\t3\t\tthree\t\t\n");
  CHECK(written(bytes, {}) == bytes);
}

TEST_CASE("the ends of lines are written as the table has them, also the last one") {
  const std::string header = kCodeHeader.substr(0, kCodeHeader.size() - 1) + "\r\n";
  CHECK(written(header + "L\t1\t\tone", {row_of("2", "two")}) ==
        header + "L\t1\t\tone\r\nL\t2\t\ttwo\t\t\r\n");
}

TEST_CASE("a table that is not there yet gets a header") {
  CHECK(written("", {row_of("2", "two")}) == kCodeHeader + "L\t2\t\ttwo\t\t\n");
}

TEST_CASE("a cell that would break the line or make it a comment is refused with the new row's place") {
  const std::string refusal = refused(kCodeHeader, {row_of("1\t2", "x"), row_of("3", "y", "a\nb")});
  CHECK_THAT(refusal, StartsWith("todo.tsv:7: from_code holds a control character (0x09)"));
  CHECK_THAT(refusal, Contains("note holds a control character (0x0A)"));
  CodeRow comment = row_of("1", "x");
  comment.from_system = "#L";
  CHECK_THAT(refused(kCodeHeader, {comment}), Contains("makes the line a comment"));
  CHECK_THAT(refused(kCodeHeader, {row_of("\x93\xE0", "x")}), StartsWith("todo.tsv:7: a cell is not UTF-8"));
}

TEST_CASE("a code that has its row already is not written once more") {
  CHECK_THAT(refused(kCodeHeader + "L\t1\t\tone\n", {row_of("1", "eins")}),
             StartsWith("todo.tsv:7: the code \"1\" has a row already, in site/t.tsv:2"));
  CHECK_THAT(refused(kCodeHeader, {row_of("1", "eins"), row_of("1", "one")}), Contains("in todo.tsv:7"));
}

TEST_CASE("nothing is added to a table that has mistakes") {
  CHECK_THAT(refused(kCodeHeader + "x\n", {row_of("1", "one")}), StartsWith("site/t.tsv:2: "));
  CHECK_THAT(refused("# only a comment\n", {row_of("1", "one")}), Contains("needs at least the header"));
}

TEST_CASE("of a list of codes to do the rows with a to_code are taken, the others are counted") {
  const auto filled =
      read_filled_rows({"todo.tsv", kCodeHeader + "L\t1\t\tone\nL\t2\t\t\t\tseen 5 times\n"}).value();
  REQUIRE(filled.rows.size() == 1);
  CHECK(filled.rows[0].from_code == "1");
  CHECK(filled.rows[0].place() == "todo.tsv:2");
  CHECK(filled.open == 1);
  CHECK(written("", filled.rows) == kCodeHeader + "L\t1\t\tone\t\t\n");
  CHECK(read_filled_rows({"todo.tsv", "x\n"}).has_error());
}

}  // namespace
}  // namespace fhir_mapper::test
