#pragma once
// Whether the gateway does its own work: what should move does move. That a destination is away or a storage
// empty is no matter of this, and no reason to restart or replace the gateway; metrics and alarms tell of it.
// Pure.

#include "gateway/instant.h"
#include "ssmix2/safe_text.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// What each loop says of itself. Times are durations until now; nothing: there is nothing to do.
struct Progress {
  using Duration = std::chrono::steady_clock::duration;

  struct Sweeps {
    std::string storage;
    Milliseconds interval{0};
    Duration since_last{0};  // since folders of it were looked at last, or found to be away
  };
  struct Delivery {
    std::string destination;
    Milliseconds timeout{0};
    bool paused = false;
    std::optional<Duration> due_since;  // the row that waits the longest for its turn
    Duration since_last{0};             // since a request ended, whatever came of it
  };

  Duration storage_thread_busy{0};
  bool reads = true;                   // false: back-pressure
  std::optional<Duration> status_age;  // of what the database says below; nothing: never read
  std::vector<Sweeps> sweeps;
  std::optional<Duration> look_lasts;  // of documents that are being read
  std::optional<Duration> units_due_since;
  Duration since_last_unit{0};
  std::vector<Delivery> deliveries;
};

/// A condition of being ready that does not hold.
struct Standstill {
  ssmix2::SafeText condition;    // "sweeps"
  ssmix2::SafeText explanation;  // one sentence
};

std::vector<Standstill> standstills(const Progress& progress);

/// How long one step may take before it counts as standing still.
constexpr std::chrono::minutes kPatience{5};
/// The storage thread does small pieces of work; who waits for it waits behind all of them.
constexpr std::chrono::seconds kStorageThreadPatience{30};

}  // namespace gateway
