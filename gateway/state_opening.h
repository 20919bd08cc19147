#pragma once
// Steps 5 and 6 of the start: the state directory, locked, and the database in it. A disk that is full or not
// there yet is waited for: nobody starts a daemon twice. Before there are threads.

#include "gateway/configuration.h"
#include "gateway/log.h"
#include "gateway/service_manager.h"
#include "gateway/state_begin.h"
#include "gateway/state_directory.h"
#include "gateway/state_store.h"

#include <functional>
#include <memory>
#include <optional>

namespace gateway {

struct OpenState {
  StateDirectoryLock lock;  // first: it is given up last
  std::unique_ptr<StateStore::Contents> contents;
  StateBegin begin;
};

class StateOpening {
 public:
  /// `wait` returns false when a signal came meanwhile.
  using Wait = std::function<bool(Milliseconds)>;

  /// Without `wait` nothing is waited for.
  StateOpening(const Configuration& configuration, const ServiceManager& service, const Log& log, Wait wait);

  /// Nothing: a signal came, or what is wrong was logged and only a person can mend it. `kept`: the lock,
  /// when it is held already. `begins_anew`: what is there is damaged and goes aside. DatabaseError.
  std::optional<OpenState> open(bool begins_anew, std::optional<StateDirectoryLock> kept);

 private:
  std::optional<StateDirectoryLock> lock();
  std::unique_ptr<StateStore::Contents> open_database(StateBegin& begin);
  bool wait_for(Milliseconds time);

  const Configuration& configuration_;
  const Settings& settings_;
  const ServiceManager& service_;
  const Log& log_;
  Wait wait_;
};

}  // namespace gateway
