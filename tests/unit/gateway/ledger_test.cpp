#include "gateway/ledger.h"

#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using gateway::FileStat;
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

/// What the folder of the problem lists holds now.
Observed see(LedgerStorage& storage, const std::vector<std::string>& names, FileStat stat = kSameStat) {
  return storage.see_in(folder_of(kOlder), names, stat);
}

/// Sees the one file of its folder and accepts it.
void take(LedgerStorage& storage, const std::string& name, const std::string& identity = "") {
  storage.see_in(folder_of(name), {name});
  storage.accept(name, kSameStat, identity);
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("A new document is to be settled first, its unit is due when it is accepted") {
  LedgerStorage storage;
  const Observed observed = see(storage, {kOlder});
  REQUIRE(observed.to_settle.size() == 1);
  CHECK(observed.to_settle[0].document == storage.ref(kOlder));
  CHECK(observed.to_settle[0].stat == FileStat{100, 1});
  CHECK(storage.due().empty());
  storage.accept(kOlder);
  CHECK(storage.state_of(kOlder) == "accepted");
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("What was accepted and has not changed is not looked at again") {
  LedgerStorage storage;
  take(storage, kOlder);
  storage.due();
  CHECK(see(storage, {kOlder}).to_settle.empty());
  CHECK(storage.due().empty());
}

TEST_CASE("A document that changes in place is settled again, by size or time") {
  const auto stat = GENERATE(FileStat{101, 1}, FileStat{100, 2});
  LedgerStorage storage;
  take(storage, kOlder);
  CHECK(see(storage, {kOlder}, stat).to_settle.size() == 1);
  CHECK(storage.state_of(kOlder) == "settling");
}

TEST_CASE("A name that is not understood is refused once, and belongs to no unit") {
  LedgerStorage storage;
  const Observed observed = see(storage, {"readme.txt"});
  const auto readme = storage.ref_in(folder_of(kOlder), "readme.txt");
  REQUIRE(observed.refused.size() == 1);
  CHECK(storage.state_of(readme) == "failed");
  CHECK(see(storage, {"readme.txt"}).refused.empty());
  CHECK(storage.due().empty());
  CHECK(storage.live_documents("main") == 0);
  see(storage, {});
  CHECK(storage.state_of(readme) == "none");  // its going loses nothing
}

TEST_CASE("A document in another patient's folder is refused and makes nothing due") {
  LedgerStorage storage;
  CHECK(storage.see_in("000/999/0009999/-/PPR-01", {kOlder}).refused.size() == 1);
  CHECK(storage.due().empty());
}

// --- renames and deletes ---

TEST_CASE("An update renames the older version and adds a newer one: nothing has vanished") {
  LedgerStorage storage;
  take(storage, kOlder);
  storage.due();
  const Observed observed = see(storage, {kOlderReplaced, kNewer});
  CHECK(observed.missing == 0);
  REQUIRE(observed.to_settle.size() == 1);
  CHECK(observed.to_settle[0].document.name == kNewer);
  CHECK(storage.state_of(kOlder) == "none");
  CHECK(storage.state_of(kOlderReplaced) == "accepted");
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("A rename to flag 0 of what was accepted is remembered as a delete of a live document") {
  LedgerStorage storage;
  take(storage, kOlder);
  storage.due();
  const Observed observed = see(storage, {kOlderDeleted});
  CHECK(observed.to_settle.empty());  // a deleted document is not read
  CHECK(observed.missing == 0);
  CHECK(storage.was_live(kOlderDeleted));
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("A flag 0 that was never seen live is no delete to be counted") {
  LedgerStorage storage;
  see(storage, {kOlderDeleted});
  CHECK_FALSE(storage.was_live(kOlderDeleted));
}

TEST_CASE("A delete that is taken back is read like a new document") {
  LedgerStorage storage;
  take(storage, kOlder);
  see(storage, {kOlderDeleted});
  const Observed observed = see(storage, {kOlder});
  CHECK(observed.to_settle.size() == 1);
  CHECK(observed.missing == 0);
  CHECK(storage.state_of(kOlderDeleted) == "none");
}

TEST_CASE("A live document that goes beside a newer live one of its key was history") {
  LedgerStorage storage;
  see(storage, {kOlder, kNewer});
  storage.accept(kOlder);
  storage.accept(kNewer);
  CHECK(see(storage, {kNewer}).missing == 0);
  CHECK(storage.state_of(kOlder) == "none");
}

TEST_CASE("A newer version that goes and leaves the older alone has vanished") {
  LedgerStorage storage;
  see(storage, {kOlder, kNewer});
  storage.accept(kOlder);
  storage.accept(kNewer);
  CHECK(see(storage, {kOlder}).missing == 1);
  storage.confirm();
  CHECK(storage.state_of(kNewer) == "vanished");
}

TEST_CASE("A document that vanishes is no delete: it is kept, told once, and its unit looked at") {
  LedgerStorage storage;
  take(storage, kOlder);
  storage.due();
  CHECK(see(storage, {}).missing == 1);
  CHECK(storage.state_of(kOlder) == "missing");
  CHECK(storage.confirm() == 1);
  CHECK(storage.state_of(kOlder) == "vanished");
  CHECK(storage.refusal_of(kOlder) == "file:vanished");
  CHECK(storage.due() == Keys{kConditions});
  CHECK(see(storage, {}).missing == 0);
  CHECK(storage.confirm() == 0);
  CHECK(storage.due().empty());
}

TEST_CASE("A vanished document that comes back unchanged is settled again") {
  LedgerStorage storage;
  take(storage, kOlder);
  see(storage, {});
  CHECK(see(storage, {kOlder}).to_settle.size() == 1);
  storage.accept(kOlder);
  CHECK(storage.refusal_of(kOlder).empty());
}

TEST_CASE("A newer list of another department makes no history of this one's") {
  const std::string surgery = "0001234_-_PPR-01_999999999999999_20260405093000000_10_1";
  LedgerStorage storage;
  take(storage, kOlder);
  CHECK(see(storage, {surgery}).missing == 1);
  storage.confirm();
  CHECK(storage.state_of(kOlder) == "vanished");
}

TEST_CASE("A newer version of an order makes history of the older one, whatever its department") {
  const std::string lab = "0001234_20260401_OML-11_000000000000001_20260401093000000_01_1";
  const std::string later = "0001234_20260401_OML-11_000000000000001_20260402093000000_10_1";
  LedgerStorage storage;
  take(storage, lab);
  CHECK(storage.see_in(folder_of(lab), {later}).missing == 0);
  CHECK(storage.state_of(lab) == "none");
}

TEST_CASE("A file of flag 0 that is cleaned up goes on to stand for its delete") {
  LedgerStorage storage;
  take(storage, kOlder);
  see(storage, {kOlderDeleted});
  CHECK(see(storage, {}).missing == 0);
  CHECK(storage.state_of(kOlderDeleted) == "vanished");
  CHECK(storage.was_live(kOlderDeleted));
}

TEST_CASE("A document that still settles is told at every sight: it may have been given up") {
  LedgerStorage storage;
  see(storage, {kOlder});
  CHECK(see(storage, {kOlder}).to_settle.size() == 1);
}

TEST_CASE("The same refusal again is no news") {
  LedgerStorage storage;
  see(storage, {kOlder});
  CHECK(storage.refuse(kOlder, Failure(FailureCode::hl7_bad_delimiters)));
  storage.due();
  CHECK_FALSE(storage.refuse(kOlder, Failure(FailureCode::hl7_bad_delimiters)));
  CHECK(storage.due().empty());
  CHECK(storage.refuse(kOlder, Failure(FailureCode::hl7_no_msh)));
}

TEST_CASE("An older version under flag 2 that goes is history") {
  LedgerStorage storage;
  see(storage, {kOlderReplaced, kNewer});
  CHECK(see(storage, {kNewer}).missing == 0);
  CHECK(storage.state_of(kOlderReplaced) == "none");
}

TEST_CASE("The acceptance of a document that was renamed meanwhile does nothing") {
  LedgerStorage storage;
  see(storage, {kOlder});
  see(storage, {kOlderDeleted});
  storage.due();
  storage.accept(kOlder);
  CHECK(storage.state_of(kOlder) == "none");
  CHECK(storage.due().empty());
}

// --- refusals ---

TEST_CASE("A refused document is kept with its reason and looked at again when it changes or after a start") {
  LedgerStorage storage;
  see(storage, {kOlder});
  storage.refuse(kOlder, {FailureCode::hl7_bad_delimiters, {}, "MSH-2"});
  CHECK(storage.state_of(kOlder) == "failed");
  CHECK(storage.refusal_of(kOlder) == "hl7:bad-delimiters");
  CHECK(storage.due() == Keys{kConditions});
  CHECK(see(storage, {kOlder}).to_settle.empty());
  storage.ledger().reopen_refused();
  CHECK(storage.unsettled() == Keys{kOlder});
  CHECK(see(storage, {kOlder}, {101, 2}).to_settle.size() == 1);
}

TEST_CASE("A document that could not be read is tried at every sweep: rights leave no trace in its state") {
  LedgerStorage storage;
  see(storage, {kOlder});
  storage.refuse(kOlder, Failure(FailureCode::file_unreadable));
  CHECK(see(storage, {kOlder}).to_settle.size() == 1);
  CHECK(see(storage, {kOlder}).to_settle.size() == 1);
}

TEST_CASE("A reopened document is unfinished until it is accepted again") {
  LedgerStorage storage;
  take(storage, kOlder);
  CHECK(storage.unsettled().empty());
  storage.ledger().reopen(storage.ref(kOlder));
  CHECK(storage.unsettled() == Keys{kOlder});
  storage.accept(kOlder, {200, 2});
  CHECK(storage.unsettled().empty());
  CHECK(gateway::DocumentTable(storage.state().database).find(storage.ref(kOlder))->stat.size == 200);
}

// --- what falls due ---

TEST_CASE("The first ADT-00 of a patient makes all units due, the same demographics again only the lists") {
  const std::string order = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
  LedgerStorage storage;
  take(storage, order);
  storage.due();
  take(storage, kMasterName, "identity 1");
  CHECK(storage.due() == Keys{kAllergies, kConditions, "Observation|0001234|20260401|000000000000001"});
  storage.see_in(folder_of(kMasterName), {kMasterName}, {100, 2});
  storage.accept(kMasterName, {100, 2}, "identity 1");
  CHECK(storage.due() == Keys{kAllergies, kConditions});
  storage.see_in(folder_of(kMasterName), {kMasterName}, {100, 3});
  storage.accept(kMasterName, {100, 3}, "identity 2");
  CHECK(storage.due().size() == 3);
}

TEST_CASE("The same demographics again bring the patient's held orders back, too") {
  const std::string order = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
  LedgerStorage storage;
  take(storage, order);
  take(storage, kMasterName, "identity 1");
  const fhir_mapper::ReportUnit unit{fhir_mapper::UnitKind::observation, ssmix2::PatientId("0001234"),
                                     "20260401", "000000000000001"};
  put(storage.state(), built(unit, held()), storage.tick());
  storage.due();
  storage.accept(kMasterName, {100, 1}, "identity 1");
  CHECK(storage.due().size() == 3);
}

TEST_CASE("A patient folder that is another's but for leading zeros makes the units of both due") {
  const std::string twin = "01234_-_PPR-01_999999999999999_20260402093000123_01_1";
  LedgerStorage storage;
  take(storage, kOlder);
  storage.due();
  storage.see_in(folder_of(twin), {twin});
  const Keys due = storage.due();
  CHECK(std::count(due.begin(), due.end(), kConditions) == 1);
  CHECK(std::count(due.begin(), due.end(), "Condition|01234") == 1);
}

TEST_CASE("A mark that comes while a unit is built is not lost") {
  LedgerStorage storage;
  take(storage, kOlder);
  const auto units = storage.units().due_units(storage.tick(), 10);
  REQUIRE(units.size() == 1);
  see(storage, {kOlder}, {200, 2});
  storage.accept(kOlder, {200, 2});
  storage.units().settle_due(units[0], std::nullopt);
  CHECK(storage.due() == Keys{kConditions});
}

TEST_CASE("New demographics that come while an order is built are not lost") {
  const std::string order = "0001234_20260401_OML-11_000000000000001_20260401093000000_-_1";
  LedgerStorage storage;
  take(storage, order);
  const auto units = storage.units().due_units(storage.tick(), 10);
  REQUIRE(units.size() == 1);
  take(storage, kMasterName, "identity 1");  // the order is being built without it
  storage.units().settle_due(units[0], std::nullopt);
  CHECK(storage.due() == Keys{kAllergies, kConditions, "Observation|0001234|20260401|000000000000001"});
}

TEST_CASE("Documents are counted by storage, the live ones without what was not understood") {
  LedgerStorage storage;
  see(storage, {kOlder, kOlderDeleted, "readme.txt"});
  storage.see_in(folder_of(kMasterName), {kMasterName});
  CHECK(storage.documents() == 4);
  CHECK(storage.live_documents() == 2);
  CHECK(storage.documents("other") == 0);
  CHECK(storage.live_documents("other") == 0);
  storage.see_in(folder_of(kMasterName), {});
  storage.confirm();
  CHECK(storage.documents() == 4);  // it is still known
  CHECK(storage.live_documents() == 1);
  see(storage, {kOlder});  // the name that was not understood is forgotten, and the delete taken back
  CHECK(storage.documents() == 2);
}
