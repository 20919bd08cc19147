#include "gateway/ledger.h"

#include "tests/unit/gateway/state_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>

namespace {

using gateway::FileStat;
using gateway::FolderListing;
using gateway::Instant;
using gateway::Ledger;
using gateway::Observed;
using ssmix2::Failure;
using ssmix2::FailureCode;
using namespace gateway::test;

const std::string kOlder = "0001234_-_PPR-01_999999999999999_20260402093000123_01_1";
const std::string kOlderReplaced = "0001234_-_PPR-01_999999999999999_20260402093000123_01_2";
const std::string kOlderDeleted = "0001234_-_PPR-01_999999999999999_20260402093000123_01_0";
const std::string kNewer = "0001234_-_PPR-01_999999999999999_20260403093000123_01_1";
const std::string kConditions = "Condition|0001234";
const std::string kAllergies = "AllergyIntolerance|0001234";

/// A ledger, the folder of one kind, and a clock.
class Storage {
 public:
  Observed see(const std::vector<std::string>& names, FileStat stat = {100, 1, 1}) {
    return see_in(folder_of(kOlder), names, stat);
  }
  Observed see_in(const std::string& folder, const std::vector<std::string>& names,
                  FileStat stat = {100, 1, 1}) {
    FolderListing listing{folder, {}};
    for (const std::string& name : names) listing.files.push_back({name, stat});
    return ledger().observe("main", listing, tick());
  }
  void accept(const std::string& name, FileStat stat = {100, 1, 1}, const std::string& identity = "") {
    ledger().accept(document(name), stat, identity, tick());
  }
  /// Sees the one file of its folder and accepts it.
  void take(const std::string& name, const std::string& identity = "") {
    see_in(folder_of(name), {name});
    accept(name, {100, 1, 1}, identity);
  }

  /// Keys of the due units, which are then done with.
  std::vector<std::string> due() {
    std::vector<std::string> keys;
    for (const auto& unit : units().due_units(tick(), 100)) {
      keys.push_back(units().find(unit.id)->unit.key());
      units().settle_due(unit, std::nullopt);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  std::string state_of(const std::string& name) {
    return value_of(state_->database, "SELECT state FROM document WHERE name = '" + name + "'");
  }
  std::string column(const std::string& what, const std::string& name) {
    return value_of(state_->database, "SELECT " + what + " FROM document WHERE name = '" + name + "'");
  }
  Ledger& ledger() { return state_->ledger; }
  gateway::Units& units() { return state_->units; }
  gateway::StateStore::Contents& state() { return *state_; }
  Instant tick() { return at(++second_); }

 private:
  std::unique_ptr<gateway::StateStore::Contents> state_ = empty_state();
  std::int64_t second_ = 0;
};

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("A new document is to be settled first, its unit is due when it is accepted") {
  Storage storage;
  const Observed observed = storage.see({kOlder});
  REQUIRE(observed.to_settle.size() == 1);
  CHECK(observed.to_settle[0].document == document(kOlder));
  CHECK(observed.to_settle[0].stat == FileStat{100, 1, 1});
  CHECK(storage.due().empty());
  storage.accept(kOlder);
  CHECK(storage.state_of(kOlder) == "accepted");
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("What was accepted and has not changed is not looked at again") {
  Storage storage;
  storage.take(kOlder);
  storage.due();
  CHECK(storage.see({kOlder}).to_settle.empty());
  CHECK(storage.due().empty());
}

TEST_CASE("A document that changes in place is settled again, by size, time or inode") {
  const auto stat = GENERATE(FileStat{101, 1, 1}, FileStat{100, 2, 1}, FileStat{100, 1, 2});
  Storage storage;
  storage.take(kOlder);
  CHECK(storage.see({kOlder}, stat).to_settle.size() == 1);
  CHECK(storage.state_of(kOlder) == "settling");
}

TEST_CASE("A name that is not understood is refused once, and belongs to no unit") {
  Storage storage;
  const Observed observed = storage.see({"readme.txt"});
  REQUIRE(observed.refused.size() == 1);
  CHECK(storage.state_of("readme.txt") == "failed");
  CHECK(storage.see({"readme.txt"}).refused.empty());
  CHECK(storage.due().empty());
  CHECK(storage.ledger().live_documents("main") == 0);
  storage.see({});
  CHECK(storage.state_of("readme.txt") == "none");  // its going loses nothing
}

TEST_CASE("A document in another patient's folder is refused and makes nothing due") {
  Storage storage;
  CHECK(storage.see_in("000/999/0009999/-/PPR-01", {kOlder}).refused.size() == 1);
  CHECK(storage.due().empty());
}

// --- renames and deletes ---

TEST_CASE("An update renames the older version and adds a newer one: nothing has vanished") {
  Storage storage;
  storage.take(kOlder);
  storage.due();
  const Observed observed = storage.see({kOlderReplaced, kNewer});
  CHECK(observed.vanished == 0);
  REQUIRE(observed.to_settle.size() == 1);
  CHECK(observed.to_settle[0].document.name == kNewer);
  CHECK(storage.state_of(kOlder) == "none");
  CHECK(storage.state_of(kOlderReplaced) == "accepted");
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("A rename to flag 0 of what was accepted is remembered as a delete of a live document") {
  Storage storage;
  storage.take(kOlder);
  storage.due();
  const Observed observed = storage.see({kOlderDeleted});
  CHECK(observed.to_settle.empty());  // a deleted document is not read
  CHECK(observed.vanished == 0);
  CHECK(storage.column("was_live", kOlderDeleted) == "1");
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("A flag 0 that was never seen live is no delete to be counted") {
  Storage storage;
  storage.see({kOlderDeleted});
  CHECK(storage.column("was_live", kOlderDeleted) == "0");
}

TEST_CASE("A delete that is taken back is read like a new document") {
  Storage storage;
  storage.take(kOlder);
  storage.see({kOlderDeleted});
  const Observed observed = storage.see({kOlder});
  CHECK(observed.to_settle.size() == 1);
  CHECK(observed.vanished == 0);
  CHECK(storage.state_of(kOlderDeleted) == "none");
}

TEST_CASE("A live document that goes beside a newer live one of its key was history") {
  Storage storage;
  storage.see({kOlder, kNewer});
  storage.accept(kOlder);
  storage.accept(kNewer);
  CHECK(storage.see({kNewer}).vanished == 0);
  CHECK(storage.state_of(kOlder) == "none");
}

TEST_CASE("A newer version that goes and leaves the older alone has vanished") {
  Storage storage;
  storage.see({kOlder, kNewer});
  storage.accept(kOlder);
  storage.accept(kNewer);
  CHECK(storage.see({kOlder}).vanished == 1);
  CHECK(storage.state_of(kNewer) == "vanished");
}

TEST_CASE("A document that vanishes is no delete: it is kept, told once, and its unit looked at") {
  Storage storage;
  storage.take(kOlder);
  storage.due();
  CHECK(storage.see({}).vanished == 1);
  CHECK(storage.state_of(kOlder) == "vanished");
  CHECK(storage.column("failure", kOlder) == "file:vanished");
  CHECK(storage.due() == Keys{kConditions});
  CHECK(storage.see({}).vanished == 0);
}

TEST_CASE("A vanished document that comes back unchanged is settled again") {
  Storage storage;
  storage.take(kOlder);
  storage.see({});
  CHECK(storage.see({kOlder}).to_settle.size() == 1);
  storage.accept(kOlder);
  CHECK(storage.column("failure", kOlder).empty());
}

TEST_CASE("A newer list of another department makes no history of this one's") {
  const std::string surgery = "0001234_-_PPR-01_999999999999999_20260405093000000_10_1";
  Storage storage;
  storage.take(kOlder);
  CHECK(storage.see({surgery}).vanished == 1);
  CHECK(storage.state_of(kOlder) == "vanished");
}

TEST_CASE("A newer version of an order makes history of the older one, whatever its department") {
  const std::string lab = "0001234_20260401_OML-11_000000000000001_20260401093000000_01_1";
  const std::string later = "0001234_20260401_OML-11_000000000000001_20260402093000000_10_1";
  Storage storage;
  storage.take(lab);
  CHECK(storage.see_in(folder_of(lab), {later}).vanished == 0);
  CHECK(storage.state_of(lab) == "none");
}

TEST_CASE("A file of flag 0 that is cleaned up goes on to stand for its delete") {
  Storage storage;
  storage.take(kOlder);
  storage.see({kOlderDeleted});
  CHECK(storage.see({}).vanished == 0);
  CHECK(storage.state_of(kOlderDeleted) == "vanished");
  CHECK(storage.column("was_live", kOlderDeleted) == "1");
}

TEST_CASE("A document that still settles is told at every sight: it may have been given up") {
  Storage storage;
  storage.see({kOlder});
  CHECK(storage.see({kOlder}).to_settle.size() == 1);
}

TEST_CASE("The same refusal again is no news") {
  Storage storage;
  storage.see({kOlder});
  CHECK(storage.ledger().refuse(document(kOlder), Failure(FailureCode::hl7_bad_delimiters), storage.tick()));
  storage.due();
  CHECK_FALSE(
      storage.ledger().refuse(document(kOlder), Failure(FailureCode::hl7_bad_delimiters), storage.tick()));
  CHECK(storage.due().empty());
  CHECK(storage.ledger().refuse(document(kOlder), Failure(FailureCode::hl7_no_msh), storage.tick()));
}

TEST_CASE("An older version under flag 2 that goes is history") {
  Storage storage;
  storage.see({kOlderReplaced, kNewer});
  CHECK(storage.see({kNewer}).vanished == 0);
  CHECK(storage.state_of(kOlderReplaced) == "none");
}

TEST_CASE("The acceptance of a document that was renamed meanwhile does nothing") {
  Storage storage;
  storage.see({kOlder});
  storage.see({kOlderDeleted});
  storage.due();
  storage.accept(kOlder);
  CHECK(storage.state_of(kOlder) == "none");
  CHECK(storage.due().empty());
}

// --- refusals ---

TEST_CASE("A refused document is kept with its reason and looked at again when it changes or after a start") {
  Storage storage;
  storage.see({kOlder});
  storage.ledger().refuse(document(kOlder), {FailureCode::hl7_bad_delimiters, {}, "MSH-2"}, storage.tick());
  CHECK(storage.state_of(kOlder) == "failed");
  CHECK(storage.column("failure", kOlder) == "hl7:bad-delimiters");
  CHECK(storage.due() == Keys{kConditions});
  CHECK(storage.see({kOlder}).to_settle.empty());
  CHECK(storage.ledger().unfinished().size() == 1);
  CHECK(storage.see({kOlder}, {101, 2, 1}).to_settle.size() == 1);
}

TEST_CASE("A document that could not be read is tried at every sweep: rights leave no trace in its state") {
  Storage storage;
  storage.see({kOlder});
  storage.ledger().refuse(document(kOlder), Failure(FailureCode::file_unreadable), storage.tick());
  CHECK(storage.see({kOlder}).to_settle.size() == 1);
  CHECK(storage.see({kOlder}).to_settle.size() == 1);
}

TEST_CASE("A reopened document is unfinished until it is accepted again") {
  Storage storage;
  storage.take(kOlder);
  CHECK(storage.ledger().unfinished().empty());
  storage.ledger().reopen(document(kOlder), storage.tick());
  REQUIRE(storage.ledger().unfinished().size() == 1);
  CHECK(storage.ledger().unfinished()[0].document == document(kOlder));
  storage.accept(kOlder, {200, 2, 1});
  CHECK(storage.ledger().unfinished().empty());
  CHECK(storage.column("size", kOlder) == "200");
}

// --- what falls due ---

TEST_CASE("The first ADT-00 of a patient makes all units due, the same demographics again only the lists") {
  const std::string order = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
  Storage storage;
  storage.take(order);
  storage.due();
  storage.take(kMasterName, "identity 1");
  CHECK(storage.due() == Keys{kAllergies, kConditions, "Observation|0001234|20260401|000000000000001"});
  storage.see_in(folder_of(kMasterName), {kMasterName}, {100, 2, 1});
  storage.accept(kMasterName, {100, 2, 1}, "identity 1");
  CHECK(storage.due() == Keys{kAllergies, kConditions});
  storage.see_in(folder_of(kMasterName), {kMasterName}, {100, 3, 1});
  storage.accept(kMasterName, {100, 3, 1}, "identity 2");
  CHECK(storage.due().size() == 3);
}

TEST_CASE("The same demographics again bring the patient's held orders back, too") {
  const std::string order = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
  Storage storage;
  storage.take(order);
  storage.take(kMasterName, "identity 1");
  const fhir_mapper::ReportUnit unit{fhir_mapper::UnitKind::observation, ssmix2::PatientId("0001234"),
                                     "20260401", "000000000000001"};
  put(storage.state(), built(unit, held()), storage.tick());
  storage.due();
  storage.accept(kMasterName, {100, 1, 1}, "identity 1");
  CHECK(storage.due().size() == 3);
}

TEST_CASE("A patient folder that is another's but for leading zeros makes the units of both due") {
  const std::string twin = "01234_-_PPR-01_999999999999999_20260402093000123_01_1";
  Storage storage;
  storage.take(kOlder);
  storage.due();
  storage.see_in(folder_of(twin), {twin});
  const Keys due = storage.due();
  CHECK(std::count(due.begin(), due.end(), kConditions) == 1);
  CHECK(std::count(due.begin(), due.end(), "Condition|01234") == 1);
}

TEST_CASE("A mark that comes while a unit is built is not lost") {
  Storage storage;
  storage.take(kOlder);
  const auto units = storage.units().due_units(storage.tick(), 10);
  REQUIRE(units.size() == 1);
  storage.see({kOlder}, {200, 2, 1});
  storage.accept(kOlder, {200, 2, 1});
  storage.units().settle_due(units[0], std::nullopt);
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("New demographics that come while an order is built are not lost") {
  const std::string order = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
  Storage storage;
  storage.take(order);
  const auto units = storage.units().due_units(storage.tick(), 10);
  REQUIRE(units.size() == 1);
  storage.take(kMasterName, "identity 1");  // the order is being built without it
  storage.units().settle_due(units[0], std::nullopt);
  CHECK(storage.due() == Keys{kAllergies, kConditions, "Observation|0001234|20260401|000000000000001"});
}

TEST_CASE(
    "Folders and live documents are counted by storage and folder, whatever was not understood left out") {
  Storage storage;
  storage.see({kOlder, kOlderDeleted, "readme.txt"});
  storage.see_in(folder_of(kMasterName), {kMasterName});
  CHECK(storage.ledger().live_documents("main") == 2);
  CHECK(storage.ledger().live_documents_in("main", folder_of(kOlder)) == 1);
  CHECK(storage.ledger().live_documents_in("other", folder_of(kOlder)) == 0);
  CHECK(storage.ledger().live_documents("other") == 0);
  CHECK(storage.ledger().known_folders("main").size() == 2);
  CHECK(storage.ledger().known_folders("other").empty());
  storage.see_in(folder_of(kMasterName), {});
  CHECK(storage.ledger().known_folders("main") == Keys{folder_of(kOlder)});
}
