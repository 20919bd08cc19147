#include "gateway/unit_builder.h"

#include "fhir_mapper/json_writer.h"
#include "gateway/digest.h"
#include "gateway/document_reader.h"
#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/state_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>

namespace {

using gateway::build_unit;
using gateway::BuiltUnit;
using gateway::Configuration;
using gateway::Detail;
using gateway::Instant;
using gateway::PlannedDocument;
using gateway::Snapshot;
using gateway::UnitPlan;
using ssmix2::FailureCode;
using namespace gateway::test;

const Instant kNow = at(100 * 86'400);  // 2026-07-10

/// A problem list and an ADT-00 on disk, and the plan to build them.
class Building {
 public:
  Building() {
    write_document(site_.root(), kProblemName, problem_bytes());
    write_document(site_.root(), kMasterName, master_bytes());
    plan_.unit = condition_unit();
    plan_.documents = {planned(kProblemName)};
    plan_.master = planned(kMasterName);
  }

  PlannedDocument planned(const std::string& name) const {
    const auto ref = document(name);
    const auto read = gateway::read_document(site_.root() / ref.relative_path());
    REQUIRE(read.has_value());
    return {ref, read->stat, *ssmix2::parse_document_path(ref.relative_path()), at(0)};
  }
  void rewrite(const std::string& name, const std::string& bytes) {
    write_document(site_.root(), name, bytes);
    plan_.documents = {planned(kProblemName)};
    plan_.master = planned(kMasterName);
  }

  BuiltUnit build(Instant now = kNow) const { return build_unit(plan_, site_.configuration(), now); }
  Snapshot snapshot(Instant now = kNow) const { return build(now).snapshots.at(kPlatform); }

  UnitPlan& plan() { return plan_; }
  const SiteFolder& site() const { return site_; }

 private:
  SiteFolder site_;
  UnitPlan plan_;
};

std::string rendered(const Snapshot& snapshot) {
  return fhir_mapper::SnapshotTemplate::stored(snapshot.body_template)
      .render("2026-07-10T09:00:00.000+09:00",
              [](std::size_t index) { return "urn:" + std::to_string(index); });
}

}  // namespace

TEST_CASE("Planned documents become a Bundle with the patient of the ADT-00") {
  const Building building;
  const BuiltUnit built = building.build();
  CHECK(built.changed.empty());
  CHECK(built.year == 2026);
  const Snapshot& snapshot = built.snapshots.at(kPlatform);
  REQUIRE(snapshot.kind == Snapshot::Kind::content);
  const std::string body = rendered(snapshot);
  CHECK_THAT(body, Catch::Contains(gateway::bundle_id("1319999999", 2026, 'C', "Condition|0001234")));
  CHECK_THAT(body, Catch::Contains("Acute gastritis"));
  CHECK_THAT(body, Catch::Contains("KAKEHASHI"));
  CHECK_FALSE(snapshot.insured_identifier.empty());
  CHECK_THAT(body, Catch::Contains(snapshot.insured_identifier));
}

TEST_CASE("The same documents make the same snapshot, whenever it is made") {
  const Building building;
  const Snapshot early = building.snapshot();
  const Snapshot late = building.snapshot(kNow + std::chrono::hours(5));
  CHECK(early.content_hash == late.content_hash);
  CHECK(early.body_template == late.body_template);
}

TEST_CASE("What the destination would see differently makes another hash") {
  Building building;
  const auto before = building.snapshot().content_hash;
  SECTION("a diagnosis") {
    building.rewrite(kProblemName, problem_bytes("Chronic gastritis"));
  }
  SECTION("the patient's name") {
    building.rewrite(kMasterName, master_bytes("HASHI"));
  }
  CHECK(building.snapshot().content_hash != before);
}

TEST_CASE("A Bundle-ID that was given before is kept, a new one is of the facility's year") {
  Building building;
  // 2026-12-31T15:30Z is the new year in Tokyo.
  const Instant new_year =
      std::chrono::sys_days(std::chrono::year(2026) / 12 / 31) + std::chrono::minutes(930);
  CHECK(building.build(new_year).year == 2027);
  CHECK_THAT(rendered(building.snapshot(new_year)), Catch::Contains("1319999999^2027^C"));
  building.plan().year = 2024;
  CHECK(building.build(new_year).year == 2024);
  CHECK_THAT(rendered(building.snapshot(new_year)), Catch::Contains("1319999999^2024^C"));
}

TEST_CASE("A document that is not the one of the plan is named, and nothing is built") {
  Building building;
  SECTION("it changed") {
    write_document(building.site().root(), kProblemName, problem_bytes("Chronic gastritis"));
  }
  SECTION("it went") {
    std::filesystem::remove(building.site().root() / document(kProblemName).relative_path());
  }
  const BuiltUnit built = building.build();
  CHECK(built.snapshots.empty());
  REQUIRE(built.changed.size() == 1);
  CHECK(built.changed[0] == document(kProblemName));
}

TEST_CASE("An ADT-00 that changed counts like a document that changed") {
  Building building;
  write_document(building.site().root(), kMasterName, master_bytes("HASHI"));
  const BuiltUnit built = building.build();
  CHECK(built.snapshots.empty());
  CHECK(built.changed == std::vector<gateway::DocumentRef>{document(kMasterName)});
}

TEST_CASE("A plan to hold makes held snapshots with its reason, without reading anything") {
  Building building;
  building.plan().action = UnitPlan::Action::hold;
  building.plan().reason = ssmix2::Failure(FailureCode::gate_mass_delete);
  building.plan().documents[0].ref.name = "not there";
  const Snapshot snapshot = building.snapshot();
  CHECK(snapshot.kind == Snapshot::Kind::held);
  CHECK(snapshot.reason.code == FailureCode::gate_mass_delete);
  CHECK(snapshot.reasons == 1);
}

TEST_CASE("A plan without documents makes the unit empty") {
  Building building;
  building.plan().documents.clear();
  CHECK(building.snapshot().kind == Snapshot::Kind::empty);
}

TEST_CASE("A list whose rows are all left out by a rule makes the unit empty") {
  Building building;
  building.rewrite(kProblemName, with(problem_bytes(), "PRB|AD", "PRB|DE"));
  CHECK(building.snapshot().kind == Snapshot::Kind::empty);
}

TEST_CASE("A unit without an ADT-00 is held") {
  Building building;
  building.plan().master.reset();
  const Snapshot snapshot = building.snapshot();
  CHECK(snapshot.kind == Snapshot::Kind::held);
  CHECK(snapshot.reason.code == FailureCode::patient_no_master);
}

TEST_CASE("A document of another patient than its path says is never built into a Bundle") {
  Building building;
  building.rewrite(kProblemName, with(problem_bytes(), "0001234", "0009999"));
  const Snapshot snapshot = building.snapshot();
  CHECK(snapshot.kind == Snapshot::Kind::held);
  CHECK(snapshot.reason.code == FailureCode::patient_mismatch);
}

TEST_CASE("Each destination gets its own snapshot, and none of a kind that it does not take") {
  Building building;
  Configuration configuration = building.site().configuration();
  auto region = configuration.settings.destinations.front();
  region.id = "region";
  region.profile = gateway::DestinationProfile::jp_core;
  auto laboratory = region;
  laboratory.id = "laboratory";
  laboratory.types = {"Observation"};
  configuration.settings.destinations.push_back(region);
  configuration.settings.destinations.push_back(laboratory);
  const BuiltUnit built = build_unit(building.plan(), configuration, kNow);
  CHECK(built.snapshots.size() == 2);
  CHECK(built.snapshots.at(kPlatform).content_hash != built.snapshots.at("region").content_hash);
  CHECK_FALSE(built.snapshots.contains("laboratory"));
}

TEST_CASE("A Bundle above the limit of a transmission is held") {
  const std::string row = problem_bytes().substr(problem_bytes().find("PRB|"));
  std::string bytes = problem_bytes();
  for (int i = 0; i < 6'000; ++i) bytes += with(row, "|P0001|", "|P" + std::to_string(100'000 + i) + "|");
  Building building;
  building.rewrite(kProblemName, bytes);
  const Snapshot snapshot = building.snapshot();
  CHECK(snapshot.kind == Snapshot::Kind::held);
  CHECK(snapshot.reason.code == FailureCode::map_too_large);
}

TEST_CASE("Explanations are made only when asked for") {
  const Building building;
  CHECK(building.snapshot().explanations.empty());
  Building other;
  const auto built = build_unit(other.plan(), other.site().configuration(), kNow, Detail::explanations);
  CHECK(built.snapshots.at(kPlatform).explanations.size() == 2);  // patient and condition
}

TEST_CASE("Codes that no table knows are told with the rules that want them and a document that has them") {
  Building building;
  CHECK(building.build().wanted_codes == std::vector<gateway::WantedCode>{});
  const std::string name = with(kProblemName, "_01_1", "_69_1");
  write_document(building.site().root(), name, with(problem_bytes(), "|P0001|", "|P0002|"));
  building.plan().documents = {building.planned(kProblemName), building.planned(name)};
  const auto built = building.build();
  REQUIRE(built.wanted_codes);
  REQUIRE(built.wanted_codes->size() == 1);
  const gateway::WantedCode& wanted = built.wanted_codes->front();
  CHECK(wanted.table == "departments");
  CHECK(wanted.code == "69");
  CHECK(wanted.holds);
  CHECK_THAT(wanted.rules, Catch::Contains("common.xml:") && Catch::Contains("\n"));
  CHECK(wanted.document == "main/" + document(name).relative_path());
}

TEST_CASE("Of a unit that is not mapped nobody knows which codes it wants") {
  Building building;
  SECTION("a document changed") {
    write_document(building.site().root(), kProblemName, problem_bytes("Chronic gastritis"));
  }
  SECTION("it is held") {
    building.plan().action = UnitPlan::Action::hold;
    building.plan().reason = ssmix2::Failure(FailureCode::patient_no_master);
  }
  CHECK_FALSE(building.build().wanted_codes);
}

TEST_CASE("A document with a code is the one that has it at its place") {
  Building building;
  const std::string other = with(kProblemName, "_01_1", "_02_1");
  write_document(building.site().root(), other,
                 with(with(problem_bytes(), "|P0001|", "|P0002|"), "|O\r", "|Q7\r"));
  building.plan().documents = {building.planned(kProblemName), building.planned(other)};
  const auto built = building.build();
  REQUIRE(built.wanted_codes);
  REQUIRE(built.wanted_codes->size() == 1);
  CHECK(built.wanted_codes->front().table == "encounter-class");
  CHECK(built.wanted_codes->front().code == "Q7");
  CHECK(built.wanted_codes->front().document == "main/" + document(other).relative_path());
}
