#pragma once
// Who changed something by hand, when, what and why: kept for ever. Storage thread only.

#include "gateway/instant.h"
#include "gateway/sqlite.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct AuditEntry {
  Instant time;
  std::int64_t uid = 0;   // of the process that asked, as the kernel tells it
  std::string user;       // its name; the number where it has none
  std::string command;    // "queue hold"
  std::string target;     // the filter, or Bundle-IDs; may hold a patient number
  std::string why;        // --why; empty: none was given
  std::int64_t rows = 0;  // that were changed
};

void add_audit(Database& database);
/// The caller opens the transaction, so that no change is without its entry.
void note_audit(Database& database, const AuditEntry& entry);
/// Newest first.
std::vector<AuditEntry> last_audits(Database& database, int limit);

/// Of orders given at one of these times, and of those whose target names `name`. Oldest first.
std::vector<AuditEntry> audits_about(Database& database, const std::set<Instant>& times,
                                     std::string_view name);

}  // namespace gateway
