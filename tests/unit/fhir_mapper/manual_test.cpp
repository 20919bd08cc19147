// config/README.md: its examples do what it says, and its tables of words are those of the program.
#include "fhir_mapper/code_chain.h"
#include "fhir_mapper/code_table_reader.h"
#include "fhir_mapper/conversion.h"
#include "fhir_mapper/json_writer.h"
#include "fhir_mapper/normaliser.h"
#include "fhir_mapper/source.h"
#include "tests/unit/fhir_mapper/code_tables.h"
#include "tests/unit/fhir_mapper/manual_examples.h"
#include "tests/unit/fhir_mapper/program_words.h"
#include "tests/unit/fhir_mapper/rule_run.h"

#include <sstream>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::vector<ConfigFile> all_tables() {
  std::vector<ConfigFile> tables = shipped_tables();
  for (ConfigFile& table : manual_tables()) tables.push_back(std::move(table));
  return tables;
}

std::string told(const ConfigErrors& errors) {
  std::string all;
  for (const ConfigError& error : errors) all += error.place + " " + error.message + "\n";
  return all;
}

bool is_of_rules(const Example& example) {
  const auto file = example.value_of("file");
  return example.value_of("resource") || example.has("mapping") || example.has("overlay") ||
         (file && file->starts_with("mapping/"));
}

TEST_CASE("every example of rules in the manual loads, and every wrong one is refused") {
  std::size_t loaded = 0;
  std::size_t refused = 0;
  for (const Example& example : manual_examples("xml")) {
    if (!is_of_rules(example)) continue;
    const auto mapping = load_mapping(files_of(example), all_tables());
    INFO("README.md:" << example.line << "\n" << example.body);
    if (mapping.has_error() && !example.is_wrong()) UNSCOPED_INFO(told(mapping.error()));
    CHECK(mapping.has_error() == example.is_wrong());
    ++(example.is_wrong() ? refused : loaded);
  }
  CHECK(loaded >= 20);
  CHECK(refused >= 5);
}

TEST_CASE("every XML and table of the manual says what it is an example of") {
  for (const Example& example : manual_examples("xml")) {
    INFO("README.md:" << example.line);
    CHECK((is_of_rules(example) || example.value_of("file") || example.has("cases")));
  }
  for (const Example& example : manual_examples("tsv")) {
    INFO("README.md:" << example.line);
    CHECK((example.value_of("table") || example.value_of("file")));
  }
}

TEST_CASE("every table in the manual is read, and every wrong one is refused") {
  for (const Example& example : manual_examples("tsv")) {
    const auto name = example.value_of("table");
    if (!name) continue;
    std::vector<ConfigFile> tables = shipped_tables();
    tables.push_back({*name + ".tsv", example.body,
                      name->starts_with("site/") ? ConfigOrigin::site : ConfigOrigin::shipped});
    ConfigErrors errors;
    load_code_tables(tables, errors);
    INFO("README.md:" << example.line << "\n" << told(errors));
    CHECK(errors.empty() != example.is_wrong());
  }
}

/// What the rules of an example make of the first row.
std::string mapped(const Mapping& mapping, const std::string& segments) {
  const ResourceRule& rule = mapping.resources().front();
  const auto message = message_of("MSH|^~\\&|H\n" + segments);
  const auto rows = rows_of(message, rule.document, rule.row);
  const ssmix2::FieldIndex fields(message);
  const Variables variables;
  REQUIRE_FALSE(rows.empty());
  Tree tree;
  return json_of(*map_row(rule, RowScope(rule, rows.front(), fields, variables), {"+09:00"}, tree).resource);
}

TEST_CASE("the rules of the manual's examples make what it shows") {
  std::size_t shown = 0;
  for (const Example& example : manual_examples("xml")) {
    const auto segments = example_behind(example, "hl7");
    const auto expected = example_behind(example, "json");
    if (!segments || !expected || !example.value_of("resource")) continue;
    INFO("README.md:" << example.line);
    const auto mapping = load_mapping(files_of(example), all_tables());
    REQUIRE(mapping.has_value());
    // Without the braces, the end of the line, and what the example does not show.
    const std::string inside = expected->body.substr(1, expected->body.size() - 3);
    const std::string head = R"({"resourceType":")" + *example.value_of("resource") + R"(",)";
    const std::string json = mapped(**mapping, segments->body);
    INFO(json);
    REQUIRE(json.starts_with(head + inside));
    const std::string rest = json.substr(head.size() + inside.size());
    CHECK((rest == "}" || rest.starts_with(R"(,"status":"final")") || rest.starts_with(R"(,"subject":{)")));
    ++shown;
  }
  CHECK(shown >= 6);
  CHECK(shown == manual_examples("hl7").size());
}

/// The first word between ` and ` of each row.
Words manual_words(const std::string& table) {
  Words words;
  for (const auto& row : manual_table(table)) {
    const auto quoted = quoted_in(row.at(0));
    INFO(table << ": " << row.at(0));
    REQUIRE_FALSE(quoted.empty());
    words.insert(quoted.front());
  }
  return words;
}

TEST_CASE("the manual's lists of attributes are those of the program") {
  const std::string there_are = "; there are: ";
  for (const std::string kind : {"value", "object", "first", "leave-out", "ended", "ignore"}) {
    INFO(kind);
    CHECK(manual_words(kind) == program_words("<" + kind + " bogus=\"x\"/>", there_are));
  }
  CHECK(manual_words("resource") == program_words(mapping_of("<resource bogus=\"x\"/>"), there_are));
  CHECK(manual_words("template") == program_words(mapping_of("<template bogus=\"x\"/>"), there_are));
}

TEST_CASE("the manual's lists of what attributes may say are those of the program") {
  const std::string value = R"(<value path="code.text" from="PRB-1" table="gender" )";
  for (const std::string name : {"as", "if-missing", "unknown", "column"}) {
    INFO(name);
    CHECK(manual_words(name) == program_words(value + name + "=\"?\"/>", "must be one of: "));
  }
  CHECK(manual_words("held-as") ==
        program_words(value + "if-missing=\"hold\" held-as=\"?\"/>", "must be one of: "));
  Words variables;
  for (const std::string_view name : kVariableNames) variables.insert("$" + std::string(name));
  CHECK(manual_words("variables") == variables);
}

TEST_CASE("the manual's cells and limits of tables are those of the program") {
  CHECK(manual_words("table cells") == Words(kCodeColumns.begin(), kCodeColumns.end()));
  const auto with_commas = [](std::size_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
  };
  const std::string manual = manual_text();
  CHECK_THAT(manual, Catch::Contains("| a table | " + with_commas(kMostCodeRows) + " rows, of them " +
                                     with_commas(kMostShapeRows) + " with `~`, and " +
                                     with_commas(kLongestCodeLine) + " bytes a line |"));
  CHECK_THAT(manual, Catch::Contains("hold the unit | " + with_commas(RowScope::kMostRepetitions) + " |"));
  CHECK_THAT(manual, Catch::Contains("| a chain | " + std::to_string(kLongestChain) + " tables |"));
}

TEST_CASE("the manual's comparisons of conditions are those of the program") {
  Words comparisons;
  for (const auto& row : manual_table("conditions")) {
    std::istringstream clause(quoted_in(row.at(0)).at(0));
    std::vector<std::string> words;
    for (std::string word; clause >> word;) words.push_back(word);
    if (words.size() == 3) comparisons.insert(words[1]);
    const std::string written = quoted_in(row.at(0)).at(0);
    INFO(written);
    const bool of_results = written.find("OBX") != std::string::npos;
    const Example rule{.line = 0,
                       .language = "xml",
                       .words = {of_results ? "resource=Observation" : "resource=Condition"},
                       .body = "<leave-out when=\"" + written + "\" reason=\"r\"/>"};
    CHECK(load_mapping(files_of(rule), shipped_tables()).has_value());
  }
  Words program = program_words(R"(<value path="code.text" constant="x" when="PRB-1 ? A"/>)", "there are ");
  program.erase("and");
  CHECK(comparisons == program);
  CHECK(manual_table("conditions").size() == program.size() + 2);  // says something, says nothing
}

TEST_CASE("the manual's normalisers are those of the program, and do what is shown") {
  const auto rows = manual_table("with");
  REQUIRE(rows.size() == normalisers().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Normaliser& normaliser = normalisers()[i];
    CHECK(rows[i].at(0) == "`" + std::string(normaliser.name) + "`");
    CHECK(rows[i].at(1) == normaliser.meaning);
    const auto example = quoted_in(rows[i].at(2));
    REQUIRE(example.size() == 2);
    CHECK(normaliser.apply(example[0]) == example[1]);
  }
}

TEST_CASE("the manual's conversions write what it shows") {
  constexpr std::array kConversions{
      Conversion::text,       Conversion::code,   Conversion::decimal,   Conversion::compared_decimal,
      Conversion::comparator, Conversion::date,   Conversion::date_time, Conversion::instant,
      Conversion::integer,    Conversion::boolean};
  const auto rows = manual_table("as");
  REQUIRE(rows.size() == kConversions.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto examples = quoted_in(rows[i].at(2));
    REQUIRE((!examples.empty() && examples.size() % 2 == 0));
    for (std::size_t at = 0; at < examples.size(); at += 2) {
      INFO(rows[i].at(0) << ": " << examples[at]);
      Tree tree;
      const auto leaf = convert(kConversions[i], examples[at], "+09:00", tree);
      REQUIRE(leaf.has_value());
      CHECK(leaf->written() == examples[at + 1]);
    }
  }
}

TEST_CASE("the manual's sources are sources") {
  for (const auto& row : manual_table("sources")) {
    for (const std::string& text : quoted_in(row.at(0))) {
      std::string why;
      INFO(text << " " << why);
      CHECK(Source::parse(text, why).has_value());
    }
  }
}

TEST_CASE("the manual's changes of an overlay and their attributes are those of the program") {
  for (const auto& row : manual_table("overlay")) {
    const std::string element = quoted_in(row.at(0)).at(0);
    const auto attributes = quoted_in(row.at(1));
    INFO(element);
    const std::string bogus = element.substr(0, element.size() - 1) + " bogus=\"x\"/>";
    CHECK(Words(attributes.begin(), attributes.end()) == program_words_of_overlay(bogus, "; there are: "));
  }
  CHECK(program_words_of_overlay("<bogus/>", "<bogus>; ") ==
        Words{"<replace>", "<remove>", "or", "<add>", "may", "stand", "here"});
  CHECK(manual_words("overlay") == Words{"<replace>", "<remove>", "<add>"});
}

}  // namespace
}  // namespace fhir_mapper::test
