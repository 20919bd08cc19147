#pragma once
// A row of the outbox as `kakehashi queue` shows it: whose it is by names that tell nothing of the patient.
// Storage thread, or a command's own.

#include "gateway/json_member.h"
#include "gateway/outbox_row.h"

#include <map>
#include <optional>
#include <string>

namespace gateway {

struct QueueRow {
  OutboxRow row;
  std::string destination;
  std::string bundle_id;  // empty: there was no snapshot yet
  std::string label;      // the unit's name in the log
  std::string_view type;  // FHIR's
  Instant since;          // see kSinceColumn
};

class QueueRows {
 public:
  explicit QueueRows(Database& database);
  /// Nothing when it has gone, or come, meanwhile.
  std::optional<QueueRow> find(OutboxKey key);

 private:
  Database& database_;
  std::string institution_;
  std::string salt_;
  std::map<DestinationNumber, std::string> destinations_;
};

/// Its members, into an object that is open. No patient data.
void write_queue_row(JsonWriter& writer, const QueueRow& row, const TimeZone& zone, Instant now);

}  // namespace gateway
