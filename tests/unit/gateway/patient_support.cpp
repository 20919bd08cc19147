#include "tests/unit/gateway/patient_support.h"

#include "gateway/document_reader.h"
#include "gateway/known_folders.h"
#include "gateway/mapping_version.h"
#include "gateway/unit_builder.h"
#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>

namespace gateway::test {

const Instant kThen = std::chrono::sys_days(std::chrono::year(2021) / 1 / 1);

std::string finished_bytes() {
  return with(problem_bytes(), "|||20260301|||||||||20260301|", "|||20160301||20170301|||||||20160301|");
}

DeliveredPatient::DeliveredPatient(const std::string& problems, Instant accepted) {
  write_document(site_.root(), kMasterName, master_bytes());
  write_document(site_.root(), kProblemName, problems);
  for (const Unsettled& each : look(state_->ledger.add_patient_folder("main", "000/123/0001234", kThen))) {
    const auto read = read_document(site_.root() / each.document.relative_path());
    REQUIRE(read.has_value());
    state_->ledger.accept(each.document, read->stat, "", accepted);
  }
}

std::vector<Unsettled> DeliveredPatient::look(const FolderToLookAt& folder) {
  std::vector<Unsettled> new_ones;
  std::vector<FolderToLookAt> waiting{folder};
  while (!waiting.empty()) {
    const auto listings =
        look_at(site_.root(), waiting, {.trust_mtime = false, .stat_files = LookRules::Stat::always});
    waiting.clear();
    for (const FolderListing& listing : listings) {
      const auto observed = state_->ledger.observe("main", listing, kThen);
      waiting.insert(waiting.end(), observed.to_look_at.begin(), observed.to_look_at.end());
      new_ones.insert(new_ones.end(), observed.to_settle.begin(), observed.to_settle.end());
    }
  }
  return new_ones;
}

void DeliveredPatient::deliver(Instant when) {
  PlanSettings settings;
  settings.storages.emplace("main", configuration_.settings.storages.front());
  use_rules(state_->database, configuration_, when);
  for (const DueUnit& due : state_->units.due_units(now(), 10)) {
    const auto plan = plan_unit(state_->database, due.id, settings, now());
    state_->outbox.put(due.id, build_unit(*plan, configuration_, when), when);
    state_->units.settle_due(due, std::nullopt);
  }
  state_->database.execute("DELETE FROM delivery");
  state_->database.execute("UPDATE outbox SET transmissions = 1");
}

void DeliveredPatient::see(const std::string& name, const std::string& bytes) {
  write_document(site_.root(), name, bytes);
  REQUIRE(look(KnownFolders(state_->database).nearest("main", folder_of(name))).size() == 1);
}

void DeliveredPatient::change_rules() {
  configuration_.settings.destinations.front().untold = Untold::none;
}

}  // namespace gateway::test
