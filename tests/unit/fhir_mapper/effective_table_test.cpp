#include "fhir_mapper/effective_table.h"

#include "fhir_mapper/code_table.h"
#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kHeader = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n";

std::vector<ConfigFile> gender() {
  std::vector<ConfigFile> files{table_of("gender.tsv",
                                         "# of the standard\n"
                                         "S\tM\t\tmale\t男\tshipped\n"
                                         "S\tF\t\tfemale\n"
                                         "S\tO\t\tother\n"
                                         "\t~[0-9]+\t\t{}\n"),
                                table_of("site/gender.tsv",
                                         "S\tF\t\tother\t\town\n"
                                         "S\tO\t\t!remove\t\tnot here\n"
                                         "\t9\t\tunknown\n"),
                                table_of("other.tsv", "S\tX\t\tx\n")};
  files[1].origin = ConfigOrigin::site;
  return files;
}

TEST_CASE("a table in force shows where each row comes from, what it replaced and what was removed") {
  CHECK(effective_table(gender(), "gender") ==
        kHeader +
            "# site/gender.tsv:2, site, instead of gender.tsv:4:\n"
            "# S\tF\t\tfemale\t\t\n"
            "S\tF\t\tother\t\town\n"
            "# site/gender.tsv:4, site\n"
            "\t9\t\tunknown\t\t\n"
            "# gender.tsv:3\n"
            "S\tM\t\tmale\t男\tshipped\n"
            "# gender.tsv:6\n"
            "\t~[0-9]+\t\t{}\t\t\n"
            "# removed: gender.tsv:5 by site/gender.tsv:3, site: not here\n"
            "# S\tO\t\tother\t\t\n");
}

TEST_CASE("a table in force reads back as the same rows in the same order") {
  ConfigErrors errors;
  const auto rows_of = [&errors](const std::vector<ConfigFile>& files) {
    std::vector<std::string> rows;
    const CodeTables tables = load_code_tables(files, errors);
    for (const CodeRow& row : tables.at("gender").rows()) rows.push_back(code_line(row));
    return rows;
  };
  CHECK(rows_of({{"gender.tsv", effective_table(gender(), "gender")}}) == rows_of(gender()));
  CHECK(errors.empty());
}

TEST_CASE("a replaced row that fills a line is named and not shown") {
  auto files = gender();
  files[0] = table_of("gender.tsv", "S\tF\t\tfemale\t\t" + std::string(9'986, 'x') + "\nS\tO\t\tother\n");
  const std::string text = effective_table(files, "gender");
  CHECK(text.find("instead of gender.tsv:2:\nS\tF") != std::string::npos);
  ConfigErrors errors;
  load_code_tables({{"gender.tsv", text}}, errors);
  CHECK(errors.empty());
}

TEST_CASE("tables of a site alone are named, too") {
  auto files = gender();
  files.push_back({"site/ward.tsv", kHeader, ConfigOrigin::site});
  CHECK(table_names(files) == std::vector<std::string>{"gender", "other", "ward"});
  CHECK(effective_table(files, "ward") == kHeader);
}

}  // namespace
}  // namespace fhir_mapper::test
