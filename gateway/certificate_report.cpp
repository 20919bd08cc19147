#include "gateway/certificate_report.h"

#include "gateway/schema.h"

#include <charconv>

namespace gateway {
namespace {

std::string name_of_end(const std::string& destination) {
  return "certificate-end " + destination;
}

}  // namespace

std::int64_t days_left(Instant valid_until, Instant now) {
  return std::chrono::floor<std::chrono::days>(valid_until - now).count();
}

std::string alarm_place(const std::string& destination) {
  return "destination " + destination;  // ids of storages have no spaces
}

void save_certificate_end(Database& database, const std::string& destination, Instant valid_until) {
  remember(database, name_of_end(destination), std::to_string(valid_until.time_since_epoch().count()));
}

CertificateReport read_certificate_report(Database& database, const std::string& destination) {
  CertificateReport report;
  if (const auto end = recalled(database, name_of_end(destination))) {
    std::int64_t milliseconds = 0;
    std::from_chars(end->data(), end->data() + end->size(), milliseconds);
    report.valid_until = Instant(Milliseconds(milliseconds));
  }
  for (Alarm& alarm : Alarms(database).all()) {
    if (alarm.storage == alarm_place(destination)) report.alarms.push_back(std::move(alarm));
  }
  return report;
}

}  // namespace gateway
