#pragma once
// A patient whose units were made and delivered, with the documents that they were made from.

#include "gateway/configuration.h"
#include "gateway/ledger.h"
#include "gateway/unit_plan.h"
#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/state_support.h"

#include <memory>
#include <string>
#include <vector>

namespace gateway::test {

/// 2021: what ended in 2017 is sent then, and no longer when this test runs.
extern const Instant kThen;
/// A problem of 2016 that ended in 2017.
std::string finished_bytes();

/// A patient with an ADT-00 and a problem list on disk and in the ledger.
class DeliveredPatient {
 public:
  explicit DeliveredPatient(const std::string& problems, Instant accepted = kThen);

  /// Takes the snapshots of that time, and has them delivered at that time.
  void deliver(Instant when);
  /// Another document, which is seen and still settles.
  void see(const std::string& name, const std::string& bytes);
  void change_rules();

  Database& database() { return state_->database; }
  const Configuration& configuration() const { return configuration_; }

 private:
  /// What is new in that folder and in those that are new in it.
  std::vector<Unsettled> look(const FolderToLookAt& folder);

  SiteFolder site_;
  Configuration configuration_ = site_.configuration();
  std::unique_ptr<StateStore::Contents> state_ = empty_state();
};

}  // namespace gateway::test
