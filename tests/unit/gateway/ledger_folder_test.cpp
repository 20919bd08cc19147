// What the ledger makes of whole folders: patients that come, folders that cannot be read, and what is read
// meanwhile.

#include "tests/unit/gateway/ledger_storage.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using gateway::FolderListing;
using gateway::FolderToLookAt;
using gateway::Observed;
using ssmix2::Failure;
using ssmix2::FailureCode;
using namespace gateway::test;

using Keys = std::vector<std::string>;

const Keys kLists{"AllergyIntolerance|0001234", "Condition|0001234"};
const Keys kAllOfPatient{"AllergyIntolerance|0001234", "Condition|0001234", kLabUnit};

}  // namespace

TEST_CASE("A sweep comes by every file of a storage, and knows it the next time") {
  LedgerStorage storage;
  for (const std::string& name : {kMasterName, kProblemName, kLabName, kOtherPatientName})
    storage.write(name);
  const Observed first = storage.sweep();
  CHECK(first.new_documents == 4);
  CHECK(first.to_settle.size() == 4);
  storage.accept_all();
  const Observed second = storage.sweep();
  CHECK(second.new_documents == 0);
  CHECK(second.to_settle.empty());
  CHECK(second.to_look_at.empty());
}

TEST_CASE("What comes below a known patient is found, a new folder told once") {
  LedgerStorage storage;
  storage.fill();
  storage.write(kMasterName);
  const Observed observed = storage.look(kPatientFolder + "/-");
  REQUIRE(observed.to_look_at.size() == 1);
  CHECK(observed.to_look_at[0].path == folder_of(kMasterName));
  CHECK(observed.to_look_at[0].is_new);
  CHECK(observed.to_look_at[0].level == gateway::kKindLevel);
  CHECK(observed.to_look_at[0].patient == storage.folder_id(kPatientFolder));
  CHECK(storage.look(kPatientFolder + "/-").to_look_at.empty());
  CHECK(storage.sweep().to_settle.size() == 1);
}

TEST_CASE("A folder that was listed since a sweep asked for it is no new one any more") {
  LedgerStorage storage;
  storage.write(kProblemName);
  const FolderToLookAt asked =
      storage.ledger().add_patient_folder("main", folder_of(kProblemName), storage.now());
  REQUIRE(asked.is_new);
  CHECK(storage.look(folder_of(kProblemName)).to_settle.size() == 1);  // a hint was quicker
  storage.accept(kProblemName);
  const FolderListing late{.folder = asked, .files = {{kProblemName, kSameStat}}};
  CHECK(storage.ledger().observe("main", late, storage.tick()).to_settle.empty());
  CHECK(storage.documents() == 1);
}

TEST_CASE("A patient's folder that is named by its path is found there by the next sweep") {
  LedgerStorage storage;
  storage.write(kProblemName);
  const FolderToLookAt patient = storage.ledger().add_patient_folder("main", kPatientFolder, storage.now());
  CHECK(patient.path == kPatientFolder);
  CHECK(patient.level == gateway::kPatientLevel);
  CHECK(patient.patient == patient.id);
  CHECK(storage.ledger().add_patient_folder("main", kPatientFolder, storage.now()).id == patient.id);
  CHECK(storage.sweep().new_documents == 1);
  CHECK(storage.folder_id(kPatientFolder) == patient.id);
}

// --- folders that cannot be read ---

TEST_CASE("A folder that cannot be listed is told once, and all units of its patient are due") {
  LedgerStorage storage;
  storage.fill();
  storage.shut(kPatientFolder + "/20260401");
  CHECK(storage.sweep().unreadable == 1);
  CHECK(storage.state_of_folder(kPatientFolder + "/20260401") == "unreadable");
  CHECK(storage.due() == kAllOfPatient);
  CHECK_FALSE(storage.ledger().losses("main").any);
  CHECK(storage.sweep().unreadable == 0);
  CHECK(storage.due().empty());
}

TEST_CASE("A folder that can be listed again makes the patient's units due once more") {
  LedgerStorage storage;
  storage.fill();
  storage.shut(folder_of(kLabName));
  storage.sweep();
  storage.due();
  storage.open(folder_of(kLabName));
  CHECK(storage.sweep().to_settle.empty());
  CHECK(storage.state_of_folder(folder_of(kLabName)) == "there");
  CHECK(storage.due() == kAllOfPatient);
  CHECK(storage.sweep().unreadable == 0);
  CHECK(storage.due().empty());
}

TEST_CASE(
    "A folder that could not be listed from the first makes units due when it can, though it is empty") {
  LedgerStorage storage;
  const std::string allergies = kPatientFolder + "/-/ADT-61";
  storage.write_in(allergies, "");
  storage.shut(allergies);
  storage.write(kProblemName);
  CHECK(storage.sweep().unreadable == 1);
  CHECK(storage.due() == kLists);
  storage.open(allergies);
  storage.sweep();
  CHECK(storage.due() == kLists);
}

TEST_CASE("A folder that cannot be listed and then goes is lost like any other") {
  LedgerStorage storage;
  storage.fill();
  storage.shut(folder_of(kLabName));
  storage.sweep();
  storage.open(folder_of(kLabName));
  storage.remove_folder(folder_of(kLabName));
  storage.sweep();
  CHECK(storage.confirm() == 1);
  CHECK(storage.state_of(kLabName) == "vanished");
}

// --- twins ---

TEST_CASE("A patient folder that is another's but for leading zeros makes both due, and so does its going") {
  const std::string twin = "00001234_-_PPR-01_999999999999999_20260402093000123_01_1";
  const auto are_both_due = [](const Keys& due) {
    return std::count(due.begin(), due.end(), "Condition|0001234") == 1 &&
           std::count(due.begin(), due.end(), "Condition|00001234") == 1;
  };
  LedgerStorage storage;
  storage.fill();
  storage.write(twin);
  storage.sweep();
  CHECK(are_both_due(storage.due()));
  storage.remove_folder("000/012");
  storage.sweep();
  CHECK(storage.due().empty());
  storage.confirm();
  CHECK(are_both_due(storage.due()));
  storage.write(twin);
  storage.sweep();
  CHECK(are_both_due(storage.due()));
}

// --- what a patient's folder remembers ---

TEST_CASE("A patient is touched by what a first listing finds as of its time, and by news as of now") {
  LedgerStorage storage;
  storage.write(kLabName);
  const auto touched = [&] {
    return value_of(storage.state().database, "SELECT touched FROM patient_folder");
  };
  storage.change_time(at(-3'600).time_since_epoch().count() * 1'000'000);
  storage.sweep();
  CHECK(touched() == std::to_string(at(-3'600).time_since_epoch().count()));
  storage.change_time(at(3'600).time_since_epoch().count() * 1'000'000);  // another machine's clock
  storage.sweep();
  CHECK(touched() == std::to_string(storage.now().time_since_epoch().count()));
  storage.write("0001234_20260401_OML-11_000000000000002_20260401093000000_-_1");
  storage.change_time(at(-7'200).time_since_epoch().count() * 1'000'000);  // times that cannot be trusted
  storage.sweep();
  CHECK(touched() == std::to_string(storage.now().time_since_epoch().count()));
}

TEST_CASE("After the clock went back nothing was seen later than now") {
  LedgerStorage storage;
  storage.fill();
  storage.change_time(storage.now().time_since_epoch().count() * 1'000'000);
  storage.sweep();
  storage.ledger().forget_future(at(-100));
  const std::string then = std::to_string(at(-100).time_since_epoch().count());
  CHECK(value_of(storage.state().database, "SELECT MAX(since) FROM document") == then);
  CHECK(value_of(storage.state().database, "SELECT MAX(touched) FROM patient_folder") == then);
}

// --- documents that are being read meanwhile ---

TEST_CASE("What is decided about a document that has gone meanwhile changes nothing") {
  LedgerStorage storage;
  storage.write(kProblemName);
  storage.sweep();
  storage.remove(kProblemName);
  storage.sweep();
  const bool believed = GENERATE(false, true);
  if (believed) storage.confirm();
  const std::string before = storage.state_of(kProblemName);
  storage.due();
  storage.accept(kProblemName);
  CHECK_FALSE(storage.refuse(kProblemName, Failure(FailureCode::file_unreadable)));
  storage.ledger().reopen(storage.ref(kProblemName));
  CHECK(storage.state_of(kProblemName) == before);
  CHECK(storage.due().empty());
}

TEST_CASE("Documents to settle are read back in lots, each once, and from where the last lot ended") {
  LedgerStorage storage;
  for (int i = 0; i < 10; ++i)
    storage.write(with(kLabName, "000000000000001", "00000000000000" + std::to_string(i)));
  storage.write(kMasterName);
  storage.write_in(folder_of(kLabName), "readme.txt");  // refused, nothing to settle
  storage.sweep();
  Keys all;
  gateway::DocumentRef after;
  while (true) {
    const auto lot = storage.ledger().unsettled(after, 4);
    for (const auto& each : lot) all.push_back(each.document.name);
    if (lot.size() < 4) break;
    after = lot.back().document;
  }
  CHECK(all.size() == 11);
  CHECK(all.front() == kMasterName);
  std::sort(all.begin(), all.end());
  CHECK(std::unique(all.begin(), all.end()) == all.end());
}

TEST_CASE("The first reading is over when the storage was swept whole and no document is left to be read") {
  LedgerStorage storage;
  auto& tally = storage.ledger().tally();
  storage.write(kProblemName);
  storage.sweep();
  tally.set("main", gateway::kLoadBegan, 1'000);
  storage.ledger().end_loads();
  CHECK(tally.get("main", gateway::kLoadBegan) == 1'000);
  tally.set("main", gateway::kSwept, 1);
  storage.ledger().end_loads();
  CHECK(tally.get("main", gateway::kLoadBegan) == 1'000);
  storage.accept_all();
  storage.ledger().end_loads();
  CHECK(tally.get("main", gateway::kLoadBegan) == 0);
}
