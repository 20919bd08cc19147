// What the ledger makes of folders and documents that go, and come back.

#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using gateway::Ledger;
using gateway::Observed;
using namespace gateway::test;

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("A folder that vanishes is missing first: nothing is held before its going is believed") {
  LedgerStorage storage;
  storage.fill();
  storage.remove_folder(kPatientFolder);
  const Observed observed = storage.sweep();
  CHECK(observed.missing > 0);
  CHECK(storage.state_of_folder(kPatientFolder) == "missing");
  CHECK(storage.state_of(kProblemName) == "accepted");
  CHECK(storage.due().empty());
}

TEST_CASE("What is missing is told with all documents below it, against those that are known") {
  LedgerStorage storage;
  storage.fill();
  CHECK_FALSE(storage.ledger().losses("main").any);
  storage.remove_folder(kPatientFolder);
  storage.sweep();
  const Ledger::Losses losses = storage.ledger().losses("main");
  CHECK(losses.any);
  CHECK(losses.documents == 2);
  CHECK(losses.live == 3);
}

TEST_CASE("Losses are counted once, however often and on which levels they are seen") {
  LedgerStorage storage;
  storage.fill();
  storage.remove(kLabName);
  storage.look(folder_of(kLabName));
  CHECK(storage.ledger().losses("main").documents == 1);
  storage.remove_folder(folder_of(kLabName));
  storage.look(kPatientFolder + "/20260401");
  CHECK(storage.ledger().losses("main").documents == 1);
  storage.remove_folder(kPatientFolder + "/20260401");
  storage.look(kPatientFolder);
  storage.sweep();
  storage.sweep();
  CHECK(storage.ledger().losses("main").documents == 1);
  CHECK(storage.confirm() == 1);
  CHECK(storage.ledger().losses("main").documents == 0);
  CHECK_FALSE(storage.ledger().losses("main").any);
}

TEST_CASE("A folder whose going is believed has lost its documents, and their units are due") {
  LedgerStorage storage;
  storage.fill();
  storage.remove_folder(kPatientFolder);
  storage.sweep();
  CHECK(storage.confirm() == 2);
  CHECK(storage.state_of_folder(kPatientFolder) == "gone");
  CHECK(storage.state_of_folder(kPatientFolder + "/-") == "gone");
  CHECK(storage.state_of_folder(folder_of(kLabName)) == "gone");
  CHECK(storage.state_of(kProblemName) == "vanished");
  CHECK(storage.state_of(kLabName) == "vanished");
  CHECK(storage.refusal_of(kLabName) == "file:vanished");
  CHECK(storage.due() == Keys{"Condition|0001234", kLabUnit});
  CHECK(storage.live_documents() == 1);
  CHECK(storage.state_of(kOtherPatientName) == "accepted");
}

TEST_CASE("What has gone is not lost again by the next sweep") {
  LedgerStorage storage;
  storage.fill();
  storage.remove_folder(kPatientFolder);
  storage.sweep();
  storage.confirm();
  storage.due();
  CHECK(storage.sweep().missing == 0);
  CHECK(storage.confirm() == 0);
  CHECK(storage.due().empty());
}

TEST_CASE("A missing folder that comes back before its going is believed has lost nothing") {
  LedgerStorage storage;
  storage.fill();
  const auto files = {kProblemName, kLabName};
  storage.remove_folder(kPatientFolder);
  storage.sweep();
  for (const std::string& name : files) storage.write(name);
  const Observed observed = storage.sweep();
  CHECK(observed.to_settle.empty());
  CHECK(storage.state_of_folder(kPatientFolder) == "there");
  CHECK_FALSE(storage.ledger().losses("main").any);
  CHECK(storage.confirm() == 0);
  CHECK(storage.live_documents() == 3);
}

TEST_CASE("A folder that comes back after its going was believed is read anew with all below it") {
  LedgerStorage storage;
  storage.fill();
  storage.remove_folder("000");
  storage.sweep();
  CHECK(storage.confirm() == 3);
  CHECK(storage.live_documents() == 0);
  for (const std::string& name : {kProblemName, kLabName, kOtherPatientName}) storage.write(name);
  const Observed observed = storage.sweep();
  CHECK(observed.new_documents == 0);
  CHECK(observed.to_settle.size() == 3);
  CHECK(storage.state_of_folder(kPatientFolder) == "there");
  CHECK(storage.state_of_folder(folder_of(kLabName)) == "there");
  CHECK(storage.state_of(kLabName) == "settling");
  CHECK(storage.refusal_of(kLabName).empty());
  CHECK(storage.live_documents() == 3);
  storage.accept_all();
  CHECK(storage.due() == Keys{"AllergyIntolerance|0001234", "AllergyIntolerance|0009999", "Condition|0001234",
                              "Condition|0009999", kLabUnit});
  CHECK(storage.sweep().to_look_at.empty());
}

TEST_CASE("A folder that comes back with less than it had has lost the rest") {
  LedgerStorage storage;
  storage.fill();
  storage.remove_folder(kPatientFolder);
  storage.sweep();
  storage.write(kProblemName);
  storage.sweep();
  CHECK(storage.ledger().losses("main").documents == 1);
  storage.confirm();
  CHECK(storage.state_of(kLabName) == "vanished");
  CHECK(storage.state_of(kProblemName) == "accepted");
}

TEST_CASE("As long as something is missing its parent's time is not believed: it may come back without one") {
  LedgerStorage storage;
  storage.fill();
  const auto known_time = [&] {
    return storage.ledger().folders().children(storage.folder_id("000/123")).at(0).mtime_ns;
  };
  CHECK(known_time() == 1);
  storage.remove_folder(kPatientFolder + "/20260401");
  storage.sweep();
  CHECK(known_time() == 0);
  storage.confirm();
  storage.sweep();
  CHECK(known_time() == 1);
}

TEST_CASE("A name that was not understood is forgotten with its folder: nothing is lost with it") {
  LedgerStorage storage;
  storage.fill();
  storage.write_in(folder_of(kLabName), "readme.txt");
  storage.sweep();
  CHECK(storage.documents() == 4);
  const auto readme = storage.ref_in(folder_of(kLabName), "readme.txt");
  CHECK(storage.state_of(readme) == "failed");
  storage.remove_folder(kPatientFolder + "/20260401");
  storage.sweep();
  CHECK(storage.ledger().losses("main").documents == 1);
  CHECK(storage.confirm() == 1);
  CHECK(storage.state_of(readme) == "none");
  CHECK(storage.documents() == 3);
  storage.write_in(folder_of(kLabName), "readme.txt");
  CHECK(storage.sweep().refused.size() == 1);
}

TEST_CASE("A delete goes on to stand when its whole folder is cleaned up") {
  LedgerStorage storage;
  storage.fill();
  storage.rename(kLabName, with_flag(kLabName, '0'));
  storage.sweep();
  storage.due();
  storage.remove_folder(kPatientFolder + "/20260401");
  storage.sweep();
  CHECK(storage.ledger().losses("main").documents == 0);
  CHECK(storage.confirm() == 0);
  CHECK(storage.was_live(with_flag(kLabName, '0')));
  CHECK(storage.due().empty());
}

TEST_CASE("Of several roots each loses its own") {
  LedgerStorage storage;
  storage.fill();
  storage.write(kProblemName, kSameStat, "second");
  storage.sweep("second");
  storage.accept_all();
  storage.due();
  storage.remove_folder(kPatientFolder);
  storage.sweep();
  storage.sweep("second");
  CHECK(storage.ledger().losses("main").documents == 2);
  CHECK_FALSE(storage.ledger().losses("second").any);
  CHECK(storage.confirm("second") == 0);
  CHECK(storage.state_of_folder(kPatientFolder) == "missing");
  CHECK(storage.confirm("main") == 2);
  CHECK(storage.state_of(kProblemName, "second") == "accepted");
  CHECK(storage.live_documents("second") == 1);
}

TEST_CASE("A root that is gone or cannot be read makes nothing missing") {
  LedgerStorage storage;
  storage.fill();
  SECTION("gone") {
    storage.remove_folder("");
  }
  SECTION("unreadable") {
    storage.shut("");
  }
  storage.look("");
  CHECK_FALSE(storage.ledger().losses("main").any);
  CHECK(storage.state_of_folder("000") == "there");
}

TEST_CASE("A root that answers and is empty is missing everything") {
  LedgerStorage storage;
  storage.fill();
  storage.remove_folder("000");
  storage.look("");
  const Ledger::Losses losses = storage.ledger().losses("main");
  CHECK(losses.documents == losses.live);
}

// --- scope ---

TEST_CASE("A folder that is not wanted any more was not lost") {
  LedgerStorage storage;
  storage.fill();
  storage.leave_out(kPatientFolder + "/20260401");
  CHECK(storage.sweep().missing == 0);
  CHECK_FALSE(storage.ledger().losses("main").any);
  CHECK(storage.state_of(kLabName) == "accepted");
  CHECK(storage.due().empty());
}
