#pragma once
// The state as a start finds it: its tables, the years beside it, whether one was lost, whether the last stop
// was in order. Before there are threads.

#include "gateway/configuration.h"
#include "gateway/log.h"
#include "gateway/state_store.h"

namespace gateway {

struct StateBegin {
  bool in_doubt = false;  // the last stop was none in order: look at the whole database
};

/// Of a database that was just opened. What was lost becomes an alarm: nothing begins from zero in silence.
StateBegin begin_state(StateStore::Contents& contents, const Settings& settings, const Log& log);
/// After it was bound: the rules that are in force, and requests whose answers a crash lost.
void resume_state(StateStore::Contents& contents, const Configuration& configuration, const Log& log);
void note_end_in_order(Database& database);

/// A damaged state gets another name; what stands there now is read and sent anew, under the same Bundle-IDs.
void leave_aside(const Settings& settings, const Log& log);

/// For StateStore::OnDisk.
void note_disk(Database& database, const DatabaseError* error, const Log& log);

}  // namespace gateway
