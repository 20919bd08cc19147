#include "fhir_mapper/code_chain.h"

#include "tests/unit/fhir_mapper/code_tables.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const CodeTables& lab_tables() {
  static const CodeTables tables = tables_of({
      shipped_table("local", "L\tna\tJC10\t3A015\tNa\nL\tgone\t\t\n\t~U.*\t\t{}\n"),
      site_table("local", "L\tk\tJC10\t9Z999\tK\n"),
      shipped_table("shared", "JC10\t3A015\turn:core\t3A015-core\t内\nX\t9Z999\t\tof-x\n"),
      shipped_table("third", "\t3A015-core\turn:third\tthird\n"),
      shipped_table("tail", "\t~L([0-9]*)\turn:t\t{1}\n"),
      shipped_table("names", "urn:core\t3A015-core\turn:core\t3A015-core\tナトリウム\n"),
  });
  return tables;
}

CodeChain chain(std::string_view text) {
  return CodeChain::parse(text, lab_tables()).value();
}

/// "code@system (trail)", or "table does not know code@system (trail)".
std::string found(std::string_view text, std::string_view code, std::string_view system = {}) {
  const auto found = chain(text).find(code, system);
  if (found.has_value()) {
    return std::string(found->code()) + "@" + std::string(found->system()) + " (" + found->trail() + ")";
  }
  const UnknownCode unknown = found.error();
  std::string tables;
  for (const CodeTable* table : unknown.tables()) tables += table->name() + " ";
  CHECK(unknown.table() == unknown.tables().front()->name());
  return tables + "does not know " + std::string(unknown.code()) + "@" + std::string(unknown.system()) +
         " (" + unknown.trail() + ")";
}

TEST_CASE("a table alone is a chain of one") {
  CHECK(found("shared", "3A015") == "3A015-core@urn:core (shared.tsv:2)");
  CHECK(found("shared", "na", "L") == "shared does not know na@L ()");
  CHECK(chain("shared").find("3A015").value().display() == "内");
}

TEST_CASE("what the first table makes of a code is looked up in the next, and every row passed is told") {
  CHECK(found("local shared", "na", "L") == "3A015-core@urn:core (local.tsv:2 > shared.tsv:2)");
  CHECK(found("local shared third", "na") == "third@urn:third (local.tsv:2 > shared.tsv:2 > third.tsv:2)");
  CHECK(chain("local shared").find("na").value().display() == "内");
  CHECK(chain("local shared").find("na").value().rows().size() == 2);
}

TEST_CASE("the to_system of a row is the system that the next table is asked for") {
  CHECK(found("local shared", "k") == "shared does not know 9Z999@JC10 (site/local.tsv:2)");
}

TEST_CASE("the table that did not know a code is told with the code as it was asked for there") {
  CHECK(found("local shared", "3A015") == "local does not know 3A015@ ()");
  CHECK(found("local shared", "U1") == "shared does not know U1@ (local.tsv:4)");
}

TEST_CASE("a step with ? passes a code that it does not know on unchanged, with its system") {
  CHECK(found("local? shared", "3A015", "JC10") == "3A015-core@urn:core (shared.tsv:2)");
  CHECK(found("local? shared", "na", "L") == "3A015-core@urn:core (local.tsv:2 > shared.tsv:2)");
  CHECK(found("shared names?", "3A015") == "3A015-core@urn:core (shared.tsv:2 > names.tsv:2)");
  CHECK(found("local names?", "na") == "3A015@JC10 (local.tsv:2)");
}

TEST_CASE("a code that was passed on and that the next does not know either names both tables") {
  CHECK(found("local? shared", "zzz", "L") == "local shared does not know zzz@L ()");
  CHECK(found("local? shared third", "3A015") == "third@urn:third (shared.tsv:2 > third.tsv:2)");
  CHECK(found("local third? shared", "k") == "third shared does not know 9Z999@JC10 (site/local.tsv:2)");
}

TEST_CASE("a code that only steps with ? do not know is unknown all the same") {
  CHECK(found("local? third?", "zzz") == "local third does not know zzz@ ()");
  CHECK_FALSE(chain("local?").knows("zzz"));
  CHECK(chain("local?").knows("na"));
}

TEST_CASE("a row without to_code ends the chain: the code is known, and nothing is sent") {
  CHECK(found("local shared", "gone") == "@ (local.tsv:3)");
}

TEST_CASE("a row whose code is what a group took says nothing where that took nothing") {
  CHECK(found("tail", "L12") == "12@urn:t (tail.tsv:2)");
  CHECK(found("tail shared", "L") == "@urn:t (tail.tsv:2)");
}

TEST_CASE("a code with a replaced character passes no step") {
  CHECK(found("local? shared", "U\uFFFD") == "local shared does not know U\uFFFD@ ()");
}

TEST_CASE("a chain that cannot be says why, all of it") {
  const auto failure = [](std::string_view text) {
    return CodeChain::parse(text, lab_tables()).error().message;
  };
  CHECK_THAT(
      failure("local? shred lokal"),
      Catch::Contains("no code table \"shred\" (shred.tsv in the terminology directory or the overlay)") &&
          Catch::Contains("\"lokal\""));
  CHECK_THAT(failure(" "), Catch::Contains("name of a code table"));
  CHECK_THAT(failure("local shared local?"), Catch::Contains("\"local\" stands twice"));
  CHECK_THAT(failure("local shared third names extra"), Catch::Contains("at most 4"));
  CHECK(chain("  local?  shared ").text() == "local? shared");
}

}  // namespace
}  // namespace fhir_mapper::test
