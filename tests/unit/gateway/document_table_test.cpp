#include "gateway/document_table.h"

#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using gateway::DocumentRef;
using gateway::DocumentRow;
using gateway::DocumentState;
using gateway::DocumentTable;
using gateway::FileStat;
using gateway::stored_name;
using gateway::whole_name;
using ssmix2::Failure;
using ssmix2::FailureCode;
using namespace gateway::test;

/// The table of an empty state, and documents of a folder that need not be known to it.
class Table {
 public:
  DocumentRef ref(const std::string& name, std::int64_t folder = 7) {
    return {"main", folder_of(kProblemName), name, {folder}};
  }
  void insert(const DocumentRef& document, DocumentState state = DocumentState::settling) {
    table().insert(document, {document.name, kSameStat, state, 1}, false, at(0));
  }
  DocumentTable table() { return DocumentTable(state_->database); }
  std::string stored(const std::string& column) {
    return value_of(state_->database, "SELECT " + column + " FROM document");
  }

 private:
  std::unique_ptr<gateway::StateStore::Contents> state_ = empty_state();
};

}  // namespace

TEST_CASE("Of a document's name only what its folder does not say is stored") {
  const std::string folder = "000/123/0001234/-/PPR-01";
  CHECK(stored_name(folder, kProblemName) == "999999999999999_20260402093000123_01_1");
  CHECK(whole_name(folder, "999999999999999_20260402093000123_01_1") == kProblemName);
}

TEST_CASE("Every name is read back as it was, wherever it lies") {
  const auto folder =
      GENERATE(as<std::string>{}, "000/123/0001234/-/PPR-01", "000/123/0001234/20260401/OML-11",
               "000/123/0001234/-", "000/123/0001234", "000", "", "000/123/0001234/-/PPR-01/deeper");
  for (const std::string& name :
       {kProblemName, std::string("readme.txt"), std::string("0001234_-_PPR-01_"),
        std::string("0001234_-_PPR-01"), std::string("0001234_20260401_OML-11_1_2_3_1"),
        std::string("0009999_-_PPR-01_1_2_3_1"), std::string("_"),
        std::string("999999999999999_20260402093000123_01_1"), std::string("\xE5\x8F\xA4 copy")}) {
    CAPTURE(folder, name);
    CHECK(whole_name(folder, stored_name(folder, name)) == name);
  }
}

TEST_CASE("A name that its folder contradicts is never taken for one that it says") {
  const std::string folder = "000/123/0001234/-/PPR-01";
  const std::string rest = "999999999999999_20260402093000123_01_1";
  CHECK(stored_name(folder, rest) != stored_name(folder, "0001234_-_PPR-01_" + rest));
  CHECK(stored_name(folder, "0009999_-_PPR-01_" + rest) == "/0009999_-_PPR-01_" + rest);
}

TEST_CASE("A row is found again by folder and name, and by nothing else") {
  Table table;
  const auto document = table.ref(kProblemName);
  table.insert(document);
  const auto row = table.table().find(document);
  REQUIRE(row);
  CHECK(row->name == kProblemName);
  CHECK(row->stat == kSameStat);
  CHECK(row->state == DocumentState::settling);
  CHECK(row->flag == 1);
  CHECK_FALSE(table.table().find(table.ref(kProblemName, 8)));
  CHECK_FALSE(table.table().find(table.ref(kMasterName)));
  table.table().erase(document);
  CHECK_FALSE(table.table().find(document));
}

TEST_CASE("A folder's rows come by their whole names") {
  Table table;
  table.insert(table.ref(kProblemName));
  table.insert(table.ref("readme.txt"));
  table.insert(table.ref(kProblemName, 8));
  const auto rows = table.table().in_folder({.id = {7}, .path = folder_of(kProblemName)});
  REQUIRE(rows.size() == 2);
  CHECK(rows.contains(kProblemName));
  CHECK(rows.at("readme.txt").name == "readme.txt");
}

TEST_CASE("A new state keeps the time, size and time of change keep when it was first seen") {
  Table table;
  const auto document = table.ref(kProblemName);
  table.insert(document);
  table.table().set_state(document, DocumentState::accepted);
  table.table().update_stat(document, {200, 2}, DocumentState::accepted);
  CHECK(table.stored("since") == std::to_string(at(0).time_since_epoch().count()));
  CHECK(table.table().find(document)->stat == FileStat{200, 2});
  CHECK(table.table().update(document, {300, 3}, DocumentState::accepted, at(5)));
  CHECK(table.stored("since") == std::to_string(at(5).time_since_epoch().count()));
  CHECK_FALSE(table.table().update(table.ref(kMasterName), {300, 3}, DocumentState::accepted, at(5)));
}

TEST_CASE("A refusal is noted until it is another one, and goes with its document") {
  Table table;
  const auto document = table.ref(kProblemName);
  table.insert(document);
  CHECK(table.table().refusal_of(document).empty());
  CHECK(table.table().note_refusal(document, Failure(FailureCode::hl7_no_msh)));
  CHECK_FALSE(table.table().note_refusal(document, Failure(FailureCode::hl7_no_msh)));
  CHECK(table.table().refusal_of(document) == "hl7:no-msh");
  CHECK(table.table().note_refusal(document, Failure(FailureCode::file_unreadable)));
  CHECK(table.table().refusal_of(document) == "file:unreadable");
  table.table().erase(document);
  CHECK(table.table().refusal_of(document).empty());
}

TEST_CASE("A live document is one of flag 1 that is there, was there, or waits for it to be decided") {
  DocumentRow row{kProblemName, kSameStat, DocumentState::accepted, 1};
  CHECK(row.is_live());
  row.state = DocumentState::missing;
  CHECK(row.is_live());
  row.state = DocumentState::vanished;
  CHECK_FALSE(row.is_live());
  row.state = DocumentState::accepted;
  row.flag = 2;
  CHECK_FALSE(row.is_live());
  row.flag = gateway::kNoFlag;
  CHECK_FALSE(row.is_live());
}

TEST_CASE("Documents of a state come in the order of their folders, behind one, as many as asked for") {
  Table table;
  table.insert(table.ref(kProblemName, 9));
  table.insert(table.ref(kProblemName, 8));
  table.insert(table.ref("readme.txt", 8));
  table.insert(table.ref(kProblemName, 1), DocumentState::accepted);
  const auto all = table.table().in_state(DocumentState::settling, {}, 10);
  REQUIRE(all.size() == 3);
  CHECK(all[0].folder.value == 8);
  CHECK(all[2].folder.value == 9);
  CHECK(whole_name(folder_of(kProblemName), all[2].stored) == kProblemName);
  CHECK(table.table().in_state(DocumentState::settling, {}, 2).size() == 2);
  const auto rest = table.table().in_state(
      DocumentState::settling, table.ref(whole_name(folder_of(kProblemName), all[0].stored), 8), 10);
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].stored == all[1].stored);
}
