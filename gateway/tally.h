#pragma once
// Counts that last: documents by storage, deviations of its texts, what its sweeps came by. Kept as sums,
// because counting a million rows for every `status` takes too long. Storage thread only.

#include "gateway/sqlite.h"

#include <map>
#include <string>
#include <string_view>

namespace gateway {

// Names in it, for who writes and who reads them.
constexpr std::string_view kDocuments = "documents";
constexpr std::string_view kLiveDocuments = "live-documents";
constexpr std::string_view kSwept = "swept";  // 1: the storage was seen whole
constexpr std::string_view kHotFolders = "hot-folders";
constexpr std::string_view kUnwatchedFolders = "unwatched-hot-folders";
constexpr std::string_view kColdCursor = "cold-cursor";
constexpr std::string_view kLoadBegan = "load-began";  // milliseconds since 1970; 0: none goes on
constexpr std::string_view kLoadPatients = "load-patients";
constexpr std::string_view kLoadPatientsListed = "load-patients-listed";
constexpr std::string_view kClock = "clock";  // of no storage: when it was looked at last

class Tally {
 public:
  explicit Tally(Database& database) : database_(database) {}

  void add(std::string_view storage, std::string_view name, std::int64_t difference);
  void set(std::string_view storage, std::string_view name, std::int64_t count);
  /// 0 when nothing was counted yet.
  std::int64_t get(std::string_view storage, std::string_view name);
  std::map<std::string, std::int64_t> all(std::string_view storage);

 private:
  Database& database_;
};

}  // namespace gateway
