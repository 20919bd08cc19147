#pragma once
// What the gateway tells Prometheus: systemd/monitoring/README.md has a row for every metric. Counters are
// those of the loops since the start, gauges what the database says. No patient data: labels are SafeText.
// I/O thread only.

#include "gateway/metric_text.h"
#include "gateway/status_cache.h"

namespace gateway {

class Heartbeat;
class Intake;
class Log;
class Routes;
class StateStore;
class StateWatch;
struct Process;

/// Whom the admin pages ask. All outlive them.
struct AdminSources {
  const Process& process;
  const Settings& settings;
  const StateStore& store;
  const Routes& routes;
  const Intake& intake;
  const StateWatch& watch;
  const Heartbeat& heartbeat;
  const Log& log;
};

/// Of the loops.
void write_metrics(MetricText& text, const AdminSources& sources);

/// Of the database.
void write_metrics(MetricText& text, const StateLook& look);

}  // namespace gateway
