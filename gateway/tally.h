#pragma once
// Counts that last: documents by storage, deviations of its texts, what its sweeps came by. Kept as sums,
// because counting a million rows for every `status` takes too long. Storage thread only.

#include "gateway/sqlite.h"

#include <map>
#include <string>
#include <string_view>

namespace gateway {

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
