#pragma once
// What `status` tells of a destination's certificate, kept in the database: when the one in use ends, and
// whether newer files cannot be used. Storage thread, or a command's own.

#include "gateway/alarms.h"
#include "gateway/instant.h"
#include "gateway/sqlite.h"

#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// From when on the end of a certificate is warned of.
constexpr auto kWarnBeforeExpiry = std::chrono::days(30);

/// Whole days until it ends; 0 on its last day, negative afterwards.
std::int64_t days_left(Instant valid_until, Instant now);

struct CertificateReport {
  std::optional<Instant> valid_until;  // of the certificate that was used last; nothing: none ever was
  std::vector<Alarm> alarms;
};

CertificateReport read_certificate_report(Database& database, const std::string& destination);

void save_certificate_end(Database& database, const std::string& destination, Instant valid_until);

/// The name under which its alarms are kept, beside those of storages.
std::string alarm_place(const std::string& destination);

}  // namespace gateway
