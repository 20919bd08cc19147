#include "gateway/filled_in_codes.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;

const std::string kHeader = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n";
const std::string kTable = "# table: departments\n";

FilledInCodes read(const std::string& bytes) {
  auto read = read_filled_in("todo.tsv", bytes);
  if (!read.has_value()) FAIL(read.error().front().place << ": " << read.error().front().message);
  return std::move(*read);
}

/// "place: message" lines.
std::string mistakes(const std::string& bytes) {
  const auto read = read_filled_in("todo.tsv", bytes);
  if (read.has_value()) return "none";
  std::string text;
  for (const SettingsError& each : read.error()) text += each.place + ": " + each.message + "\n";
  return text;
}

void check_first(const FilledInCodes& codes) {
  REQUIRE(codes.rows.size() == 1);
  const FilledInRow& row = codes.rows[0];
  CHECK(row.table == "departments");
  CHECK(row.from_system == "HL70069");
  CHECK(row.from_code == "85");
  CHECK(row.to_system.empty());
  CHECK(row.to_code == "85");
  CHECK(row.to_display == "総合, 診療科");
}

}  // namespace

TEST_CASE("Rows with a to_code are taken with their table and line, the others are counted") {
  const auto codes = read(kHeader + kTable + "HL70069\t85\t\t85\t総合, 診療科\tfrom the list of 2026\n" +
                          "HL70069\t86\t\t\t\ttodo: departments; 1 unit\n# table: gender\n\tX\t\tother\n");
  CHECK(codes.left_empty == 1);
  REQUIRE(codes.rows.size() == 2);
  CHECK(codes.rows[0].line == 3);
  CHECK(codes.rows[0].note == "from the list of 2026");
  CHECK(codes.rows[1].table == "gender");
  CHECK(codes.rows[1].from_system.empty());
  CHECK(codes.rows[1].line == 6);
}

TEST_CASE("The list's own note is not taken over") {
  CHECK(read(kHeader + kTable + "HL70069\t85\t\t85\t\ttodo: departments; 1 unit\n").rows[0].note.empty());
}

TEST_CASE("A file out of a spreadsheet is taken: quotes, carriage returns, byte order mark, Shift_JIS") {
  check_first(read("\xEF\xBB\xBF" + kHeader + kTable + "HL70069\t85\t\t85\t\"総合, 診療科\"\t\n"));
  check_first(
      read("from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\r\n"
           "# table: departments\t\t\t\t\t\r\nHL70069\t85\t\t85\t総合, 診療科\t\"todo: a, b\"\r\n"));
  check_first(
      read(kHeader + kTable + "HL70069\t85\t\t85\t\"\x91\x8D\x8D\x87, \x90\x66\x97\xC3\x89\xC8\"\t\n"));
  CHECK(read(kHeader + kTable + "\t85\t\t85\t\"a \"\"b\"\"\"\t\n").rows[0].to_display == "a \"b\"");
}

TEST_CASE("Every mistake is told with its line") {
  const std::string row = "HL70069\t85\t\t85\t\t\n";
  CHECK_THAT(mistakes(""), Catch::Contains("todo.tsv:1: there is no header"));
  CHECK_THAT(mistakes(row), Catch::Contains("todo.tsv:1: the first line must be the header"));
  CHECK_THAT(mistakes(kHeader + row), Catch::Contains("todo.tsv:2: no line \"# table: "));
  CHECK_THAT(mistakes(kHeader + kTable + row + "\n" + row),
             Catch::Contains("todo.tsv:5: the same code stands in "
                             "line 3"));
  CHECK_THAT(mistakes(kHeader + kTable + "a\tb\tc\td\te\tf\tg\n"),
             Catch::Contains("todo.tsv:3: a row has 6"));
  CHECK_THAT(mistakes(kHeader + kTable + "a\tb\t\t\tname\n"),
             Catch::Contains("todo.tsv:3: to_code is empty, but"));
  CHECK_THAT(mistakes(kHeader + kTable + "a\t\t\td\n"), Catch::Contains("todo.tsv:3: from_code is empty"));
  CHECK_THAT(mistakes(kHeader + kTable + "a\tb\t\t d\n"), Catch::Contains("todo.tsv:3: to_code has spaces"));
  CHECK_THAT(mistakes(kHeader + kTable + "a\tb\t\td\t架\xE6\x9E\t\n架橋架橋\n"),
             Catch::Contains("todo.tsv:3: "));
  CHECK(mistakes(kHeader + kTable + row) == "none");
}
