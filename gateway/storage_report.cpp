#include "gateway/storage_report.h"

#include "gateway/schema.h"
#include "gateway/tally.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace gateway {
namespace {

std::optional<LoadReport> read_load(Database& database, const std::map<std::string, std::int64_t>& counts) {
  const auto count = [&counts](std::string_view name) {
    const auto found = counts.find(std::string(name));
    return found == counts.end() ? std::int64_t{0} : found->second;
  };
  if (count(kLoadBegan) == 0) return std::nullopt;
  LoadReport load;
  load.began = Instant(Milliseconds(count(kLoadBegan)));
  load.patients = count(kLoadPatients);
  load.patients_listed = count(kLoadPatientsListed);
  std::int64_t unread = 0;
  auto select = database.prepare("SELECT COUNT(*) FROM document WHERE state = 1 AND state <> 0");
  if (select.step()) unread = select.integer(0);
  const std::int64_t found = count(kLiveDocuments);
  load.documents_read = std::max<std::int64_t>(0, found - unread);
  load.documents = found;
  if (load.patients_listed > 0 && load.patients_listed < load.patients) {
    load.documents =
        static_cast<std::int64_t>(static_cast<double>(found) * static_cast<double>(load.patients) /
                                  static_cast<double>(load.patients_listed));
  }
  return load;
}

}  // namespace

double LoadReport::documents_per_second(Instant now) const {
  const double seconds = std::chrono::duration<double>(now - began).count();
  return seconds <= 0 ? 0 : static_cast<double>(documents_read) / seconds;
}

std::optional<std::int64_t> LoadReport::seconds_left(Instant now) const {
  const double speed = documents_per_second(now);
  if (speed <= 0) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(documents - documents_read) / speed));
}

std::optional<double> StorageReport::watched_share() const {
  const auto hot = counts.find(std::string(kHotFolders));
  if (hot == counts.end() || hot->second == 0) return std::nullopt;
  const auto unwatched = counts.find(std::string(kUnwatchedFolders));
  const std::int64_t refused = unwatched == counts.end() ? 0 : unwatched->second;
  return static_cast<double>(hot->second - refused) / static_cast<double>(hot->second);
}

StorageReport read_storage_report(Database& database, const std::string& storage) {
  StorageReport report;
  for (Alarm& alarm : Alarms(database).all()) {
    if (alarm.storage == storage) report.alarms.push_back(std::move(alarm));
  }
  report.hints = recalled(database, "hints " + storage).value_or("");
  report.listing = recalled(database, "listing " + storage).value_or("");
  report.counts = Tally(database).all(storage);
  report.load = read_load(database, report.counts);
  return report;
}

std::string to_text(const LoadReport& load, Instant now) {
  std::ostringstream out;
  out << load.documents_read << " of " << (load.patients_listed < load.patients ? "about " : "")
      << load.documents << " documents read, " << static_cast<std::int64_t>(load.documents_per_second(now))
      << "/s";
  if (const auto left = load.seconds_left(now)) out << ", " << *left << " s left";
  return out.str();
}

}  // namespace gateway
