// Whatever happens to a storage, and in whatever order it is seen: the sums that are kept are those that
// counting gives, and what is there in the end is known to be there.

#include "tests/unit/gateway/ledger_storage.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using namespace gateway::test;

const int kSeeds = std::getenv("KAKEHASHI_LONG") != nullptr ? 500 : 20;
constexpr int kSteps = 150;

/// Random writers, sweeps and looks on a storage of few patients, so that they meet often.
class RandomStorage {
 public:
  explicit RandomStorage(unsigned seed) : random_(seed) {}

  void step() {
    switch (below(14)) {
      case 0:
      case 1:
      case 2:
        return storage_.write(any_name(), {static_cast<std::int64_t>(below(3)) + 1, 1}, any_root());
      case 3:
        return storage_.remove(any_name(), any_root());
      case 4:
        return storage_.remove_folder(any_folder(), any_root());
      case 5:
        return storage_.shut(any_folder());
      case 6:
        return storage_.open(any_folder());
      case 7:
        return storage_.write_in(folder_of(any_name()), "readme.txt", {1, 1}, any_root());
      case 8:
        storage_.sweep(any_root());
        return;
      case 9:
        storage_.confirm(any_root());
        return;
      case 10:
        return storage_.accept_all();
      case 11:
        storage_.refuse(live(any_name()),
                        Failure(below(2) == 0 ? FailureCode::file_unreadable : FailureCode::hl7_no_msh));
        return;
      case 12:
        return storage_.ledger().reopen(storage_.ref(live(any_name()), any_root()));
      case 13:
        return storage_.ledger().reopen_refused();
    }
  }

  /// All that is shut is opened, then swept until nothing changes.
  void settle() {
    for (int level = 0; level <= 5; ++level) {
      for (const std::string& name : names_) storage_.open(upper_part(folder_of(name), level));
    }
    for (const char* root : {"main", "second"}) {
      storage_.sweep(root);
      storage_.sweep(root);
      storage_.confirm(root);
    }
    storage_.ledger().reopen_refused();
    storage_.accept_all();
  }

  std::int64_t counted(const std::string& root, const std::string& condition) {
    std::int64_t count = 0;
    auto select = storage_.state().database.prepare("SELECT folder FROM document WHERE " + condition);
    while (select.step()) {
      count += storage_.ledger().folders().storage_of({select.integer(0)}) == root ? 1 : 0;
    }
    return count;
  }

  LedgerStorage& storage() { return storage_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  static std::string upper_part(const std::string& folder, int level) {
    std::size_t end = 0;
    for (int i = 0; i < level; ++i) end = folder.find('/', end + 1);
    return level == 0 ? std::string() : folder.substr(0, end);
  }

  static std::vector<std::string> made_names() {
    std::vector<std::string> names;
    for (const char* patient : {"0001234", "00001234", "0001299"}) {
      for (const char* rest : {"_-_PPR-01_999999999999999_20260402093000123_01_",
                               "_-_PPR-01_999999999999999_20260403093000123_01_",
                               "_-_ADT-00_999999999999999_20260401080000000_-_",
                               "_20260401_OML-11_000000000000001_20260401093000000_-_"}) {
        for (const char* flag : {"1", "2", "0"}) names.push_back(std::string(patient) + rest + flag);
      }
    }
    return names;
  }

  /// Only what may be live is read.
  static std::string live(std::string name) {
    name.back() = '1';
    return name;
  }

  unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_); }
  const std::string& any_name() { return names_[below(static_cast<unsigned>(names_.size()))]; }
  std::string any_root() { return below(4) == 0 ? "second" : "main"; }
  std::string any_folder() { return upper_part(folder_of(any_name()), static_cast<int>(1 + below(5))); }

  std::mt19937 random_;
  std::vector<std::string> names_ = made_names();
  LedgerStorage storage_;
};

}  // namespace

TEST_CASE("The sums of documents are those that counting gives, whatever happened") {
  for (int seed = 0; seed < kSeeds; ++seed) {
    CAPTURE(seed);
    RandomStorage random(static_cast<unsigned>(seed));
    for (int step = 0; step < kSteps; ++step) {
      CAPTURE(step);
      random.step();
      for (const char* root : {"main", "second"}) {
        CAPTURE(root);
        REQUIRE(random.storage().documents(root) == random.counted(root, "1"));
        REQUIRE(random.storage().live_documents(root) == random.counted(root, "flag = 1 AND state <> 4"));
      }
    }
  }
}

TEST_CASE("What is there in the end is accepted, what is not there is not, whatever happened before") {
  for (int seed = 0; seed < kSeeds; ++seed) {
    CAPTURE(seed);
    RandomStorage random(static_cast<unsigned>(seed));
    for (int step = 0; step < kSteps; ++step) random.step();
    random.settle();
    for (const char* root : {"main", "second"}) {
      CHECK_FALSE(random.storage().ledger().losses(root).any);
      for (const std::string& name : random.names()) {
        CAPTURE(root, name);
        const std::string state = random.storage().state_of(name, root);
        if (random.storage().holds(name, root)) {
          CHECK(state == "accepted");
        } else {
          CHECK((state == "none" || state == "vanished"));
        }
      }
    }
  }
}
