#include "gateway/unit_plan.h"

#include "tests/unit/gateway/ledger_storage.h"

#include <catch2/catch.hpp>

namespace {

using gateway::FileStat;
using gateway::Instant;
using gateway::PlanSettings;
using gateway::UnitPlan;
using ssmix2::Failure;
using ssmix2::FailureCode;
using namespace gateway::test;
using Action = UnitPlan::Action;

const std::string kOtherLab = "0001234_20260401_OML-11_000000000000002_20260401093000000_-_1";
const std::string kAllergy = "0001234_-_ADT-61_999999999999999_20260401093000000_-_1";

/// A storage whose folders are seen as the test names their files.
class Planning {
 public:
  Planning() {
    gateway::StorageSettings settings;
    settings.delete_settle = std::chrono::minutes(10);
    settings.delete_limit_percent = 1.0;
    settings_.storages["main"] = settings;
    settings_.storages["second"] = settings;
  }

  void see(const std::vector<std::string>& names, const std::string& root = "main") {
    storage_.see_in(folder_of(names.front()), names, kSameStat, root);
  }
  void accept(const std::string& name, const std::string& root = "main") {
    state().ledger.accept(storage_.ref(name, root), kSameStat, "", now());
  }
  void take(const std::vector<std::string>& names, const std::string& root = "main") {
    see(names, root);
    for (const std::string& name : names) {
      if (name.back() == '1') accept(name, root);
    }
  }
  void lose(const std::string& name) {
    storage_.see_in(folder_of(name), {});
    state().ledger.confirm_losses("main", now());
  }
  void refuse(const std::string& name, const Failure& failure) {
    state().ledger.refuse(storage_.ref(name), failure, now());
  }

  UnitPlan plan(const std::string& key = "Condition|0001234") {
    const auto plan = gateway::plan_unit(state().database, unit_named(state(), key), settings_, now());
    REQUIRE(plan.has_value());
    return *plan;
  }
  FailureCode hold_reason(const std::string& key = "Condition|0001234") {
    const UnitPlan plan = this->plan(key);
    REQUIRE(plan.action == Action::hold);
    return plan.reason->code;
  }
  void pass(Instant::duration time) { storage_.pass(time); }
  Instant now() const { return storage_.now(); }
  gateway::StateStore::Contents& state() { return storage_.state(); }
  LedgerStorage& storage() { return storage_; }
  PlanSettings& settings() { return settings_; }

 private:
  LedgerStorage storage_;
  PlanSettings settings_;
};

std::vector<std::string> names_of(const UnitPlan& plan) {
  std::vector<std::string> names;
  for (const auto& planned : plan.documents) names.push_back(planned.ref.name);
  return names;
}
using Names = std::vector<std::string>;

constexpr auto kDeleteSettle = std::chrono::minutes(10);

}  // namespace

TEST_CASE("A unit that nobody knows has no plan") {
  Planning planning;
  CHECK_FALSE(gateway::plan_unit(planning.state().database, {1}, planning.settings(), at(0)));
}

TEST_CASE("A list is built from the patient's live documents and the ADT-00") {
  Planning planning;
  planning.take({kProblemName});
  planning.take({kMasterName});
  const UnitPlan plan = planning.plan();
  CHECK(plan.action == Action::build);
  CHECK(names_of(plan) == Names{kProblemName});
  REQUIRE(plan.master);
  CHECK(plan.master->ref.name == kMasterName);
  CHECK(plan.documents[0].stat == kSameStat);
  CHECK_FALSE(plan.year);
}

TEST_CASE("A plan carries the year of the Bundle-ID that was given before") {
  Planning planning;
  planning.take({kProblemName});
  put(planning.state(), built(condition_unit(), content("A"), 2025), at(0));
  CHECK(planning.plan().year == 2025);
}

TEST_CASE("A laboratory report is built from its own order only") {
  Planning planning;
  planning.take({kLabName, kOtherLab});
  CHECK(names_of(planning.plan("Observation|0001234|20260401|000000000000002")) == Names{kOtherLab});
}

TEST_CASE("Of several versions the newest live one stands") {
  const std::string older = "0001234_-_PPR-01_999999999999999_20260401093000000_01_1";
  Planning planning;
  planning.take({older, kProblemName});
  CHECK(names_of(planning.plan()) == Names{kProblemName});
}

TEST_CASE("Live problem lists of several departments count as one each") {
  const std::string surgery = "0001234_-_PPR-01_999999999999999_20260401093000000_10_1";
  Planning planning;
  planning.take({kProblemName, surgery});
  CHECK(planning.plan().documents.size() == 2);
}

TEST_CASE("A problem list that another department's update has replaced is history, not a rename under way") {
  const std::string surgery = "0001234_-_PPR-01_999999999999999_20260405093000000_10_1";
  Planning planning;
  planning.take({with_flag(kProblemName, '2'), surgery});
  // At first it may as well be the first half of this department's own update.
  CHECK(planning.plan().action == Action::wait);
  CHECK(planning.plan().due_again == planning.now() + kDeleteSettle);
  planning.pass(kDeleteSettle);
  const UnitPlan plan = planning.plan();
  CHECK(plan.action == Action::build);
  CHECK(names_of(plan) == Names{surgery});
}

TEST_CASE("The same key in two roots counts once, the newest wins, the ADT-00 too") {
  const std::string newer_problems = "0001234_-_PPR-01_999999999999999_20260409093000000_01_1";
  const std::string newer_master = "0001234_-_ADT-00_999999999999999_20260409080000000_-_1";
  Planning planning;
  planning.take({kProblemName}, "second");
  planning.take({newer_problems}, "main");
  planning.take({newer_master}, "main");
  planning.take({kMasterName}, "second");
  const UnitPlan plan = planning.plan();
  CHECK(names_of(plan) == Names{newer_problems});
  CHECK(plan.master->ref.name == newer_master);
}

// --- waiting ---

TEST_CASE("A unit waits while one of its documents, or the ADT-00, settles") {
  Planning planning;
  planning.take({kProblemName});
  planning.see({kMasterName});
  const UnitPlan plan = planning.plan();
  CHECK(plan.action == Action::wait);
  CHECK(plan.due_again == planning.now() + gateway::kSettlePoll);
  planning.accept(kMasterName);
  CHECK(planning.plan().action == Action::build);
}

TEST_CASE("Another order that settles keeps nobody waiting") {
  Planning planning;
  planning.take({kLabName});
  planning.see({kLabName, kOtherLab});
  CHECK(planning.plan("Observation|0001234|20260401|000000000000001").action == Action::build);
}

TEST_CASE("A key between rename and create is waited for, then held with an alarm") {
  Planning planning;
  planning.take({kProblemName});
  planning.see({with_flag(kProblemName, '2')});
  const UnitPlan plan = planning.plan();
  CHECK(plan.action == Action::wait);
  CHECK(plan.due_again == planning.now() + gateway::kUndecidedPatience);
  planning.pass(gateway::kUndecidedPatience);
  CHECK(planning.hold_reason() == FailureCode::key_undecided);
}

TEST_CASE("A delete counts only when it has stood for its time") {
  Planning planning;
  planning.take({kProblemName});
  planning.see({with_flag(kProblemName, '0')});
  const UnitPlan plan = planning.plan();
  CHECK(plan.action == Action::wait);
  CHECK(plan.due_again == planning.now() + kDeleteSettle);
  planning.pass(kDeleteSettle - std::chrono::seconds(1));
  CHECK(planning.plan().action == Action::wait);
  planning.pass(std::chrono::seconds(1));
  CHECK(planning.plan().action == Action::build);
  CHECK(planning.plan().documents.empty());
}

TEST_CASE("A flag 0 that is followed by the next version is no delete") {
  const std::string next = "0001234_-_PPR-01_999999999999999_20260403093000123_01_1";
  Planning planning;
  planning.take({kProblemName});
  planning.see({with_flag(kProblemName, '0')});
  planning.pass(std::chrono::minutes(1));
  planning.take({with_flag(kProblemName, '0'), next});
  const UnitPlan plan = planning.plan();
  CHECK(plan.action == Action::build);
  CHECK(names_of(plan) == Names{next});
}

// --- holding ---

TEST_CASE("A unit with a hole is held: a document that vanished, could not be read, or was refused") {
  Planning planning;
  planning.take({kProblemName});
  SECTION("vanished") {
    planning.lose(kProblemName);
    CHECK(planning.hold_reason() == FailureCode::file_vanished);
  }
  SECTION("refused") {
    planning.refuse(kProblemName, {FailureCode::hl7_bad_delimiters, {}, "MSH-2"});
    CHECK(planning.plan().action == Action::hold);
    CHECK_THAT(to_text(*planning.plan().reason).str(), Catch::Contains("hl7:bad-delimiters"));
  }
  SECTION("its storage was taken out of the settings") {
    planning.settings().storages.erase("main");
    CHECK(planning.hold_reason() == FailureCode::file_vanished);
  }
}

TEST_CASE("A unit is held while the patient's ADT-00 is missing in a way that is no delete") {
  Planning planning;
  planning.take({kProblemName});
  planning.take({kMasterName});
  planning.lose(kMasterName);
  CHECK(planning.hold_reason() == FailureCode::file_vanished);
}

TEST_CASE("A hold outweighs waiting: it is told at once") {
  const std::string surgery = "0001234_-_PPR-01_999999999999999_20260401093000000_10_1";
  Planning planning;
  planning.take({kProblemName});
  planning.refuse(kProblemName, Failure(FailureCode::hl7_bad_delimiters));
  planning.see({kProblemName, surgery});
  CHECK(planning.plan().action == Action::hold);
}

TEST_CASE("Two folders that are one number but for leading zeros are both held") {
  const std::string twin = "00001234_-_PPR-01_999999999999999_20260402093000123_01_1";
  Planning planning;
  planning.take({kProblemName});
  planning.take({twin});
  CHECK(planning.hold_reason() == FailureCode::path_patient_twins);
  CHECK(planning.hold_reason("Condition|00001234") == FailureCode::path_patient_twins);
}

TEST_CASE("Numbers that only look alike are not twins") {
  const std::string other = "0012340_-_PPR-01_999999999999999_20260402093000123_01_1";
  Planning planning;
  planning.take({kProblemName});
  planning.take({other});
  CHECK(planning.plan().action == Action::build);
}

// --- many deletes at once ---

namespace {

/// `total` patients with a problem list each, the first `deleted` of which are then deleted together.
void delete_many(Planning& planning, int total, int deleted) {
  for (int i = 0; i < total; ++i) {
    planning.take({with(kProblemName, "0001234", std::to_string(3'000'000 + i))});
  }
  for (int i = 0; i < deleted; ++i) {
    planning.see({with_flag(with(kProblemName, "0001234", std::to_string(3'000'000 + i)), '0')});
  }
  planning.pass(kDeleteSettle);
}

}  // namespace

TEST_CASE("Twenty deletes at once are always believed") {
  Planning planning;
  delete_many(planning, 25, 20);
  CHECK(planning.plan("Condition|3000000").action == Action::build);
}

TEST_CASE("More deletes at once than the limit wait for a person") {
  Planning planning;
  delete_many(planning, 25, 21);
  CHECK(planning.hold_reason("Condition|3000000") == FailureCode::gate_mass_delete);
  CHECK(planning.plan("Condition|3000024").action == Action::build);  // who is not deleted is not concerned
}

TEST_CASE("Many deletes below the limit of a large storage are believed") {
  Planning planning;
  planning.settings().storages["main"].delete_limit_percent = 50.0;
  delete_many(planning, 60, 30);
  CHECK(planning.plan("Condition|3000000").action == Action::build);
}

// --- allergies ---

TEST_CASE("AL1 of the ADT-00 counts only for a patient without any ADT-61, whatever its flag") {
  Planning planning;
  planning.take({kMasterName});
  CHECK(names_of(planning.plan("AllergyIntolerance|0001234")) == Names{kMasterName});
  planning.take({kAllergy});
  CHECK(names_of(planning.plan("AllergyIntolerance|0001234")) == Names{kAllergy});
  planning.see({with_flag(kAllergy, '0')});
  planning.pass(kDeleteSettle);
  CHECK(planning.plan("AllergyIntolerance|0001234").action == Action::build);
  CHECK(planning.plan("AllergyIntolerance|0001234").documents.empty());
}

TEST_CASE("A superseded version that goes as the last of its key is no delete") {
  Planning planning;
  planning.take({kProblemName});
  planning.see({with_flag(kProblemName, '2')});
  planning.lose(kProblemName);
  CHECK(planning.hold_reason() == FailureCode::file_vanished);
}

TEST_CASE("A delete stays a delete when the writer cleans its file up") {
  Planning planning;
  planning.take({kProblemName});
  planning.see({with_flag(kProblemName, '0')});
  planning.pass(std::chrono::minutes(1));
  planning.lose(kProblemName);
  CHECK(planning.plan().action == Action::wait);
  planning.pass(kDeleteSettle);
  CHECK(planning.plan().action == Action::build);
  CHECK(planning.plan().documents.empty());
}

TEST_CASE("Many deletes that are the first half of updates are no mass delete") {
  Planning planning;
  delete_many(planning, 30, 29);
  for (int i = 0; i < 10; ++i) {
    const std::string patient = std::to_string(3'000'000 + i);
    const std::string next =
        with("0001234_-_PPR-01_999999999999999_20260409093000000_01_1", "0001234", patient);
    planning.take({with_flag(with(kProblemName, "0001234", patient), '0'), next});
  }
  CHECK(planning.plan("Condition|3000020").action == Action::build);
}

TEST_CASE("Deletes as the standard writes them, a rename and a message, are counted like renames alone") {
  Planning planning;
  for (int i = 0; i < 25; ++i) {
    planning.take({with(kProblemName, "0001234", std::to_string(3'000'000 + i))});
  }
  for (int i = 0; i < 21; ++i) {
    const std::string name = with(kProblemName, "0001234", std::to_string(3'000'000 + i));
    planning.see({with_flag(name, '0'), with_flag(with(name, "20260402", "20260409"), '0')});
  }
  planning.pass(kDeleteSettle);
  CHECK(planning.hold_reason("Condition|3000000") == FailureCode::gate_mass_delete);
}

TEST_CASE("Many deletes are held also when the writer has cleaned their files up") {
  Planning planning;
  delete_many(planning, 25, 21);
  for (int i = 0; i < 21; ++i) planning.lose(with(kProblemName, "0001234", std::to_string(3'000'000 + i)));
  CHECK(planning.hold_reason("Condition|3000000") == FailureCode::gate_mass_delete);
}

TEST_CASE("A patient goes on when the twin is deleted and its folder removed") {
  const std::string twin = "00001234_-_PPR-01_999999999999999_20260402093000123_01_1";
  Planning planning;
  planning.take({kProblemName});
  planning.take({twin});
  planning.see({with_flag(twin, '0')});
  auto& units = planning.state().units;
  for (const auto& unit : units.due_units(planning.now(), 10)) units.settle_due(unit, std::nullopt);
  CHECK(planning.hold_reason() == FailureCode::path_patient_twins);
  planning.storage().remove_folder("000/012/00001234");
  planning.storage().sweep();
  CHECK(planning.hold_reason() == FailureCode::path_patient_twins);  // nobody knows yet why it is away
  planning.storage().confirm();
  const auto due = units.due_units(planning.now(), 10);
  CHECK(std::any_of(due.begin(), due.end(),
                    [&](auto& unit) { return units.find(unit.id)->unit == condition_unit(); }));
  CHECK(planning.plan().action == Action::build);
}
