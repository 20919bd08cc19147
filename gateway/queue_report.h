#pragma once
// Everything that is known of one document or report unit, for the person who asks why: what `kakehashi queue
// show` tells. Paths hold the patient number. Reads only. A command's own thread.

#include "gateway/json_member.h"
#include "gateway/queue_row.h"
#include "gateway/queue_search.h"

#include <set>
#include <string>

namespace gateway {

class QueueReport {
 public:
  /// `answers`: the platform's answer to what it refused, too, which may hold patient data.
  enum class Answers { hidden, shown };
  QueueReport(Database& database, const TimeZone& zone, Answers answers, Instant now);

  /// One JSON object.
  std::string of(const QueueTarget& target);

 private:
  void write_document(const DocumentRef& document);
  void write_unit(UnitId id);
  void write_unit_documents(const fhir_mapper::ReportUnit& unit);
  void write_rows(UnitId id);
  void write_row(const QueueRow& row);
  void write_history(OutboxKey key);
  void write_audits();
  void write_time(std::string_view name, Instant time);

  Database& database_;
  const TimeZone& zone_;
  Answers answers_;
  Instant now_;
  std::string salt_;
  QueueRows rows_;
  rapidjson::StringBuffer buffer_;
  JsonWriter writer_{buffer_};
  std::set<Instant> ordered_;         // when persons gave orders for what is told
  std::set<std::string> bundle_ids_;  // that were told
};

}  // namespace gateway
