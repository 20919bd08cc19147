#pragma once
// What `status` tells of the storages, read from the database. Counts and reasons, no patient data.

#include "gateway/alarms.h"
#include "gateway/instant.h"
#include "gateway/sqlite.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// How far the first reading of a storage has come.
struct LoadReport {
  Instant began;
  std::int64_t patients_listed = 0;
  std::int64_t patients = 0;
  std::int64_t documents_read = 0;
  std::int64_t documents = 0;  // an estimate while patients are still being listed

  double documents_per_second(Instant now) const;
  std::optional<std::int64_t> seconds_left(Instant now) const;
};

struct StorageReport {
  std::vector<Alarm> alarms;
  std::string hints;                           // what tells of changes between sweeps, or why nothing does
  std::string listing;                         // which folders sweeps list, and why not fewer
  std::map<std::string, std::int64_t> counts;  // documents, deviations of their text, hints ...
  std::optional<LoadReport> load;              // only while it lasts

  /// Of the folders that change often; nothing when none are to be watched.
  std::optional<double> watched_share() const;
};

StorageReport read_storage_report(Database& database, const std::string& storage);

/// "12345 of about 100000 documents read, 2300/s, 38 s left"
std::string to_text(const LoadReport& load, Instant now);

}  // namespace gateway
