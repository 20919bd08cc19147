#include "gateway/known_folders.h"

#include "tests/unit/gateway/state_support.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using gateway::FolderId;
using gateway::FolderTier;
using gateway::FolderToLookAt;
using gateway::Instant;
using gateway::KnownFolder;
using gateway::KnownFolders;
using gateway::kPatientLevel;
using namespace gateway::test;

using Paths = std::vector<std::string>;

constexpr std::size_t kAll = 1'000;

std::int64_t ns(Instant instant) {
  return std::chrono::nanoseconds(instant.time_since_epoch()).count();
}

Paths paths_of(const std::vector<FolderToLookAt>& folders) {
  Paths paths;
  for (const FolderToLookAt& folder : folders) paths.push_back(folder.path);
  return paths;
}

/// Folders of an empty state, made by their paths.
class Known {
 public:
  FolderToLookAt make(const std::string& path, Instant changed = at(0), const std::string& storage = "main") {
    FolderToLookAt folder = folders().nearest(storage, path);
    while (folder.path.size() < path.size()) {
      const std::size_t from = folder.path.empty() ? 0 : folder.path.size() + 1;
      folder = folders().add(folder, path.substr(from, path.find('/', from) - from));
      folders().set_listed(folder.id, ns(changed));
      if (folder.level == kPatientLevel) {
        const std::string number = path.substr(8, 7);
        folders().bind_patient(folder, storage, state_->units.patient_row(ssmix2::PatientId(number)));
      }
    }
    return folder;
  }
  void list(const std::string& path, Instant changed) {
    folders().set_listed(folders().nearest("main", path).id, ns(changed));
  }
  Paths in(const FolderTier& tier) { return paths_of(folders().patients("main", {}, tier, kAll).folders); }
  KnownFolders folders() { return KnownFolders(state_->database); }

 private:
  std::unique_ptr<gateway::StateStore::Contents> state_ = empty_state();
};

const std::string kOne = "000/000/0000001";
const std::string kTwo = "000/000/0000002";
const std::string kThree = "000/000/0000003";

}  // namespace

TEST_CASE("A storage has one root, which is new until it was listed") {
  Known known;
  const auto root = known.folders().root("main");
  CHECK(root.is_new);
  CHECK(root.level == gateway::kRootLevel);
  CHECK(root.path.empty());
  CHECK(known.folders().root("main").id == root.id);
  CHECK(known.folders().root("second").id != root.id);
  known.folders().set_listed(root.id, 5);
  CHECK_FALSE(known.folders().root("main").is_new);
  CHECK(known.folders().root("main").known_mtime_ns == 5);
}

TEST_CASE("A folder knows its path, its level, its patient and its storage") {
  Known known;
  const auto kind = known.make(kOne + "/20260401/OML-11");
  const auto patient = known.folders().nearest("main", kOne);
  CHECK(kind.level == gateway::kKindLevel);
  CHECK(kind.patient == patient.id);
  const auto found = known.folders().find(kind.id);
  CHECK(found.path == kOne + "/20260401/OML-11");
  CHECK(found.level == gateway::kKindLevel);
  CHECK(found.patient == patient.id);
  CHECK(known.folders().find(patient.id).patient == patient.id);
  CHECK(known.folders().find(known.folders().nearest("main", "000/000").id).patient == FolderId{});
  CHECK(known.folders().storage_of(kind.id) == "main");
  CHECK(known.folders().storage_of(known.folders().root("second").id) == "second");
}

TEST_CASE("The nearest folder is the one of the path, or the deepest known above it, and is listed again") {
  Known known;
  const auto kind = known.make(kOne + "/-/PPR-01");
  CHECK(known.folders().nearest("main", kOne + "/-/PPR-01").id == kind.id);
  CHECK(known.folders().nearest("main", kOne + "/-/PPR-01").known_mtime_ns == 0);
  CHECK(known.folders().nearest("main", kOne + "/-/ADT-00").path == kOne + "/-");
  CHECK(known.folders().nearest("main", "000/001/0001234/-/PPR-01").path == "000");
  CHECK(known.folders().nearest("main", "").path.empty());
  CHECK(known.folders().nearest("second", kOne).path.empty());
}

TEST_CASE("A folder that is away is not the nearest one, one that cannot be read is") {
  const auto state = GENERATE(KnownFolder::State::missing, KnownFolder::State::gone);
  Known known;
  known.make(kOne + "/-/PPR-01");
  const auto date = known.folders().nearest("main", kOne + "/-");
  known.folders().set_state(date.id, KnownFolder::State::unreadable);
  CHECK(known.folders().nearest("main", kOne + "/-/PPR-01").path == kOne + "/-/PPR-01");
  known.folders().set_state(date.id, state);
  CHECK(known.folders().nearest("main", kOne + "/-/PPR-01").path == kOne);
}

TEST_CASE("A folder is new until it was listed, or could not be") {
  Known known;
  const auto root = known.folders().root("main");
  CHECK(known.folders().is_new(root.id));
  known.folders().set_state(root.id, KnownFolder::State::unreadable);
  CHECK_FALSE(known.folders().is_new(root.id));
  CHECK_FALSE(known.folders().root("main").is_new);
  known.folders().set_listed(root.id, 0);
  CHECK_FALSE(known.folders().is_new(root.id));
}

TEST_CASE("The time of a folder that is away or cannot be read is not believed") {
  const auto state = GENERATE(KnownFolder::State::missing, KnownFolder::State::unreadable);
  Known known;
  known.make(kOne, at(0));
  const auto time = [&] {
    return known.folders().patients("main", {}, {}, kAll).folders.at(0).known_mtime_ns;
  };
  CHECK(time() == ns(at(0)));
  known.folders().set_state(known.folders().nearest("main", kOne).id, state);
  CHECK(time() == 0);
}

TEST_CASE("When what is wanted has changed every folder of the storage is listed again, and of no other") {
  Known known;
  const auto kind = known.make(kOne + "/-/PPR-01");
  known.make(kTwo + "/-/PPR-01", at(0), "second");
  const auto never = known.folders().add(kind, "never listed");
  known.folders().forget_times("main");
  for (const auto& folder : known.folders().patients("main", {}, {}, kAll).folders) {
    CAPTURE(folder.path);
    CHECK(folder.known_mtime_ns == 0);
    CHECK_FALSE(folder.is_new);
  }
  CHECK(known.folders().is_new(never.id));
  for (const auto& folder : known.folders().patients("second", {}, {}, kAll).folders) {
    CHECK(folder.known_mtime_ns == ns(at(0)));
  }
}

// --- tiers ---

TEST_CASE("Above the patients lie the root and both levels of digits") {
  Known known;
  known.make(kOne + "/-");
  known.make("001/000/0010001");
  CHECK(paths_of(known.folders().upper("main", std::nullopt)) ==
        Paths{"", "000", "001", "000/000", "001/000"});
}

TEST_CASE(
    "Of the folders above the patients the hot tier takes the root and those that changed, on any level") {
  Known known;
  known.make(kOne, at(0));
  known.make("001/000/0010001", at(0));
  known.list("001/000", at(100));
  CHECK(paths_of(known.folders().upper("main", at(50))) == Paths{"", "001/000"});
  known.list("000", at(50));
  CHECK(paths_of(known.folders().upper("main", at(50))) == Paths{"", "000", "001/000"});
  known.folders().set_listed(known.folders().nearest("main", "000/000").id, 0);  // not believed
  CHECK(paths_of(known.folders().upper("main", at(50))) == Paths{"", "000", "000/000", "001/000"});
}

TEST_CASE("A patient is in a tier by when something new was seen in it") {
  Known known;
  for (const std::string& patient : {kOne, kTwo, kThree}) known.make(patient);
  known.folders().touch(known.folders().nearest("main", kOne).id, at(10));
  known.folders().touch(known.folders().nearest("main", kTwo).id, at(20));
  CHECK(known.in({.patients_since = at(10)}) == Paths{kOne, kTwo});
  CHECK(known.in({.patients_since = at(11)}) == Paths{kTwo});
  CHECK(known.in({}) == Paths{kOne, kTwo, kThree});
  known.folders().touch(known.folders().nearest("main", kTwo).id,
                        at(5));  // an older sight takes nothing back
  CHECK(known.in({.patients_since = at(11)}) == Paths{kTwo});
}

TEST_CASE("Of a patient's folders the hot tier takes the undated, the changed, and those of its dates") {
  Known known;
  for (const char* folder : {"/-/ADT-00", "/20260301/OML-11", "/20260302/OML-11", "/20260401/OML-11"}) {
    known.make(kOne + folder, at(0));
  }
  known.list(kOne + "/20260302/OML-11", at(100));  // a document of an old date came late
  const FolderTier hot{.folders_since = at(50), .dates = {"20260401"}};
  CHECK(known.in(hot) == Paths{kOne, kOne + "/-", kOne + "/-/ADT-00", kOne + "/20260302/OML-11",
                               kOne + "/20260401", kOne + "/20260401/OML-11"});
  CHECK(known.in({}).size() == 9);
  CHECK(known.in({.patient_folder_only = true}) == Paths{kOne});
}

TEST_CASE("A folder whose time is not believed is in every tier") {
  Known known;
  known.make(kOne + "/20260301/OML-11", at(0));
  CHECK(known.in({.folders_since = at(50)}) == Paths{kOne});
  known.folders().set_listed(known.folders().nearest("main", kOne + "/20260301/OML-11").id, 0);
  CHECK(known.in({.folders_since = at(50)}) == Paths{kOne, kOne + "/20260301/OML-11"});
}

TEST_CASE("Folders that have gone are in no tier, missing ones and what lies below them are") {
  Known known;
  known.make(kOne + "/-/ADT-00");
  const auto date = known.folders().nearest("main", kOne + "/-");
  known.folders().set_state(date.id, KnownFolder::State::missing);
  CHECK(known.in({}) == Paths{kOne, kOne + "/-", kOne + "/-/ADT-00"});
  known.folders().set_state(date.id, KnownFolder::State::gone);
  CHECK(known.in({}) == Paths{kOne});
  known.folders().set_state(known.folders().nearest("main", kOne).id, KnownFolder::State::gone);
  CHECK(known.in({}).empty());
}

TEST_CASE("Patients come in the order in which they were found, whole, a batch as large as asked for") {
  Known known;
  for (const std::string& patient : {kTwo, kOne, kThree}) known.make(patient + "/-/PPR-01");
  CHECK(known.folders().count_patients("main") == 3);
  CHECK(known.folders().count_patients("second") == 0);
  Paths patients;
  FolderId after;
  for (int batches = 0;; ++batches) {
    const auto batch = known.folders().patients("main", after, {}, 4);
    if (batch.patients == 0) {
      CHECK(batches == 2);
      break;
    }
    CHECK(batch.folders.size() == 3 * batch.patients);
    for (const auto& folder : batch.folders) {
      if (folder.level == kPatientLevel) patients.push_back(folder.path);
    }
    after = batch.last;
  }
  CHECK(patients == Paths{kTwo, kOne, kThree});
  CHECK(known.folders().patients("main", {}, {}, 1).patients == 1);  // never none
}
