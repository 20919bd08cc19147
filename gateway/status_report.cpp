#include "gateway/status_report.h"

#include "gateway/choice_words.h"
#include "gateway/mapping_version.h"
#include "gateway/outbox.h"
#include "gateway/pack_warnings.h"
#include "gateway/quiet_time.h"
#include "gateway/tally.h"

#include <sstream>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace gateway {
namespace {

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

constexpr OutboxState kStates[] = {OutboxState::pending, OutboxState::in_result, OutboxState::held,
                                   OutboxState::unknown, OutboxState::rejected,  OutboxState::delivered};

std::int64_t age_seconds(const std::optional<Instant>& since, Instant now) {
  if (!since || *since > now) return 0;
  return std::chrono::duration_cast<std::chrono::seconds>(now - *since).count();
}

void key(Writer& writer, std::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void text(Writer& writer, std::string_view value) {
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void write_counts(Writer& writer, std::string_view name, const std::map<std::string, std::int64_t>& counts) {
  key(writer, name);
  writer.StartObject();
  for (const auto& [id, count] : counts) {
    key(writer, id);
    writer.Int64(count);
  }
  writer.EndObject();
}

void write_outbox(Writer& writer, const OutboxReport& outbox, Instant now) {
  key(writer, "outbox");
  writer.StartObject();
  for (const OutboxState state : kStates) {
    key(writer, name_of(state));
    writer.Int64(outbox.of(state));
  }
  writer.EndObject();
  key(writer, "oldest_pending_seconds");
  writer.Int64(age_seconds(outbox.oldest_pending, now));
  write_counts(writer, "held_reasons", outbox.held_reasons);
  write_counts(writer, "rejected_reasons", outbox.rejected_reasons);
  write_counts(writer, "warned_rules", outbox.warned_rules);
  key(writer, "made_with_older_rules");
  writer.Int64(outbox.made_with_older_rules);
  key(writer, "outdated_there");
  writer.Int64(outbox.outdated.units);
  key(writer, "oldest_outdated_seconds");
  writer.Int64(age_seconds(outbox.outdated.oldest, now));
}

std::map<std::string, std::int64_t> count_reasons(Database& database, const std::string& destination,
                                                  OutboxState state) {
  std::map<std::string, std::int64_t> counts;
  auto reasons = database.prepare(
      "SELECT reason, COUNT(*) FROM delivery WHERE state = ? AND destination = "
      "(SELECT number FROM destination WHERE id = ?) GROUP BY reason");
  reasons.with(number_of(state), destination);
  while (reasons.step()) counts[reasons.text(0)] = reasons.integer(1);
  return counts;
}

OutboxReport read_outbox(Database& database, const DestinationSettings& settings, TimeZone zone,
                         Instant now) {
  const std::string& destination = settings.id;
  OutboxReport report;
  report.types = read_type_reports(database, settings, zone, now);
  report.made_with_older_rules =
      count_made_with_older_rules(database, settings, rules_in_use(database, destination));
  const OutboxCounts counts = count_outbox(database, destination);
  report.by_state = counts.by_state;
  report.oldest_pending = counts.oldest_pending;
  report.held_reasons = count_reasons(database, destination, OutboxState::held);
  report.rejected_reasons = count_reasons(database, destination, OutboxState::rejected);
  report.warned_rules = count_pack_warnings(database, destination);
  auto row = database.prepare("SELECT number, paused_since, explanation FROM destination WHERE id = ?");
  if (!row.with(std::string_view(destination)).step()) return report;
  report.outdated = count_outdated(database, {row.integer(0)});
  if (!row.is_null(1)) {
    report.paused_since = Instant(Milliseconds(row.integer(1)));
    report.pause_explanation = row.text(2);
  }
  return report;
}

void write_types(Writer& writer, const OutboxReport& outbox, Instant now) {
  key(writer, "types");
  writer.StartObject();
  for (const auto& [type, report] : outbox.types) {
    key(writer, type);
    writer.StartObject();
    key(writer, "pending");
    writer.Int64(report.pending);
    key(writer, "oldest_pending_seconds");
    writer.Int64(age_seconds(report.oldest_pending, now));
    write_counts(writer, "changes",
                 {{"accepted_same_day", report.same_day},
                  {"accepted_later", report.later},
                  {"waiting", report.waiting},
                  {"overdue", report.overdue}});
    key(writer, "oldest_change_seconds");
    writer.Int64(age_seconds(report.oldest_waiting, now));
    if (const auto share = report.same_day_share()) {
      key(writer, "same_day_share");
      writer.Double(*share);
    }
    writer.EndObject();
  }
  writer.EndObject();
}

void write_type_lines(std::ostream& out, const OutboxReport& outbox, Instant now) {
  for (const auto& [type, report] : outbox.types) {
    const std::int64_t accepted = report.same_day + report.later;
    if (accepted + report.waiting == 0) continue;
    out << "  " << type << ": " << report.same_day << " of " << accepted
        << " changes were accepted on their day";
    if (report.waiting > 0) {
      out << "; " << report.waiting << " are not accepted, " << report.overdue
          << " of them from before today, the oldest for " << age_seconds(report.oldest_waiting, now) << " s";
    }
    out << "\n";
  }
}

void write_quiet_line(std::ostream& out, const StatusReport& report) {
  if (!report.quiet_until || *report.quiet_until <= report.time) return;
  out << "nothing is sent for " << age_seconds(report.time, *report.quiet_until)
      << " s: the state was restored or made anew, and what was sent before may still be carried out\n";
}

void write_reasons(std::ostream& out, const std::map<std::string, std::int64_t>& reasons) {
  for (const auto& [id, count] : reasons) out << "    " << count << " x " << id << "\n";
}

void write_alarms(Writer& writer, const std::vector<Alarm>& alarms, Instant now) {
  key(writer, "alarms");
  writer.StartArray();
  for (const Alarm& alarm : alarms) {
    writer.StartObject();
    key(writer, "kind");
    text(writer, name_of(alarm.kind));
    key(writer, "seconds");
    writer.Int64(age_seconds(alarm.since, now));
    key(writer, "explanation");
    text(writer, alarm.explanation);
    writer.EndObject();
  }
  writer.EndArray();
}

void write_certificate(Writer& writer, const CertificateReport& certificate, Instant now) {
  if (certificate.valid_until) {
    key(writer, "certificate_days_left");
    writer.Int64(days_left(*certificate.valid_until, now));
  }
  write_alarms(writer, certificate.alarms, now);
}

void write_alarm_lines(std::ostream& out, std::string_view indent, const std::vector<Alarm>& alarms,
                       Instant now) {
  for (const Alarm& alarm : alarms) {
    out << indent << "ALARM " << name_of(alarm.kind) << " for " << age_seconds(alarm.since, now)
        << " s: " << alarm.explanation << "\n";
  }
}

void write_storage(Writer& writer, const StorageReport& storage, Instant now) {
  writer.StartObject();
  write_alarms(writer, storage.alarms, now);
  key(writer, "hints");
  text(writer, storage.hints);
  key(writer, "listing");
  text(writer, storage.listing);
  write_counts(writer, "counts", storage.counts);
  if (const auto share = storage.watched_share()) {
    key(writer, "watched_share");
    writer.Double(*share);
  }
  if (storage.load) {
    key(writer, "load");
    writer.StartObject();
    write_counts(writer, "documents",
                 {{"read", storage.load->documents_read}, {"total", storage.load->documents}});
    write_counts(writer, "patients",
                 {{"listed", storage.load->patients_listed}, {"total", storage.load->patients}});
    key(writer, "documents_per_second");
    writer.Double(storage.load->documents_per_second(now));
    key(writer, "seconds_left");
    writer.Int64(storage.load->seconds_left(now).value_or(-1));
    writer.EndObject();
  }
  writer.EndObject();
}

void write_storage_lines(std::ostream& out, const std::string& id, const StorageReport& storage,
                         Instant now) {
  out << "storage " << id << ":";
  if (const auto share = storage.watched_share()) {
    out << " " << static_cast<int>(*share * 100) << " % of the folders that change often are watched";
  }
  out << "\n  hints: " << storage.hints << "; sweeps list: " << storage.listing << "\n";
  write_alarm_lines(out, "  ", storage.alarms, now);
  if (storage.load) out << "  first reading: " << to_text(*storage.load, now) << "\n";
  for (const auto& [name, count] : storage.counts) {
    // What deviates from the standard, and what hints gave; the rest is for programs.
    if (name.find(':') != std::string::npos) out << "    " << count << " x " << name << "\n";
  }
}

}  // namespace

std::int64_t OutboxReport::of(OutboxState state) const {
  const auto count = by_state.find(state);
  return count == by_state.end() ? 0 : count->second;
}

OutboxReport StatusReport::total() const {
  OutboxReport sum;
  for (const auto& [id, outbox] : destinations) {
    for (const auto& [state, count] : outbox.by_state) sum.by_state[state] += count;
    for (const auto& [reason, count] : outbox.held_reasons) sum.held_reasons[reason] += count;
    for (const auto& [reason, count] : outbox.rejected_reasons) sum.rejected_reasons[reason] += count;
    for (const auto& [rule, count] : outbox.warned_rules) sum.warned_rules[rule] += count;
    sum.made_with_older_rules += outbox.made_with_older_rules;
    sum.outdated.units += outbox.outdated.units;
    if (outbox.outdated.oldest && (!sum.outdated.oldest || *outbox.outdated.oldest < *sum.outdated.oldest)) {
      sum.outdated.oldest = outbox.outdated.oldest;
    }
    if (outbox.oldest_pending && (!sum.oldest_pending || *outbox.oldest_pending < *sum.oldest_pending)) {
      sum.oldest_pending = outbox.oldest_pending;
    }
  }
  return sum;
}

StatusReport read_status(Database& database, const Settings& settings, Instant now) {
  StatusReport report;
  report.time = now;
  for (const DestinationSettings& destination : settings.destinations) {
    report.destinations[destination.id] = read_outbox(database, destination, settings.facility.zone, now);
    report.certificates[destination.id] = read_certificate_report(database, destination.id);
    report.untold[destination.id] = word_of(destination.untold);
  }
  for (const StorageSettings& storage : settings.storages) {
    const auto& of_storage =
        report.storages.emplace(storage.id, read_storage_report(database, storage.id)).first->second;
    const auto seen = of_storage.counts.find(std::string(kDocuments));
    if (seen != of_storage.counts.end()) report.documents_seen += seen->second;
  }
  report.machine = read_storage_report(database, "").alarms;
  auto reasons = database.prepare("SELECT failure, COUNT(*) FROM refusal GROUP BY failure");
  while (reasons.step()) {
    report.failed_reasons[reasons.text(0)] = reasons.integer(1);
    report.documents_failed += reasons.integer(1);
  }
  report.quiet_until = quiet_until(database, settings, now);
  report.codes = count_codes_to_do(database);
  auto remap = database.prepare("SELECT COUNT(*) FROM remap");
  if (remap.step()) report.units_to_remap = remap.integer(0);
  auto waiting = database.prepare("SELECT COUNT(*) FROM unit WHERE due > ?");
  if (waiting.with(now.time_since_epoch().count()).step()) report.units_waiting = waiting.integer(0);
  return report;
}

std::string to_json(const StatusReport& report) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.SetIndent(' ', 2);
  writer.StartObject();
  write_outbox(writer, report.total(), report.time);
  key(writer, "documents");
  writer.StartObject();
  key(writer, "seen");
  writer.Int64(report.documents_seen);
  key(writer, "failed");
  writer.Int64(report.documents_failed);
  write_counts(writer, "failed_reasons", report.failed_reasons);
  writer.EndObject();
  key(writer, "storages");
  writer.StartObject();
  for (const auto& [id, storage] : report.storages) {
    key(writer, id);
    write_storage(writer, storage, report.time);
  }
  writer.EndObject();
  write_alarms(writer, report.machine, report.time);
  write_counts(writer, "codes", {{"to_do", report.codes.codes}, {"units_held", report.codes.units_held}});
  key(writer, "quiet_seconds");
  writer.Int64(report.quiet_until ? age_seconds(report.time, *report.quiet_until) : 0);
  key(writer, "units_waiting");
  writer.Int64(report.units_waiting);
  key(writer, "units_to_remap");
  writer.Int64(report.units_to_remap);
  key(writer, "destinations");
  writer.StartObject();
  for (const auto& [id, outbox] : report.destinations) {
    key(writer, id);
    writer.StartObject();
    write_outbox(writer, outbox, report.time);
    write_types(writer, outbox, report.time);
    key(writer, "untold");
    text(writer, report.untold.at(id));
    key(writer, "paused_seconds");
    writer.Int64(age_seconds(outbox.paused_since, report.time));
    key(writer, "paused_because");
    text(writer, outbox.pause_explanation);
    write_certificate(writer, report.certificates.at(id), report.time);
    writer.EndObject();
  }
  writer.EndObject();
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::string to_text(const StatusReport& report) {
  std::ostringstream out;
  for (const auto& [id, outbox] : report.destinations) {
    out << id << ":";
    for (const OutboxState state : kStates) {
      out << (state == OutboxState::pending ? " " : ", ") << outbox.of(state) << " "
          << gateway::name_of(state);
    }
    out << "\n";
    write_type_lines(out, outbox, report.time);
    if (outbox.paused_since) out << "  paused: " << outbox.pause_explanation << "\n";
    const CertificateReport& certificate = report.certificates.at(id);
    if (certificate.valid_until) {
      out << "  client certificate: " << days_left(*certificate.valid_until, report.time) << " days left\n";
    }
    write_alarm_lines(out, "  ", certificate.alarms, report.time);
    if (!outbox.held_reasons.empty()) out << "  held because of:\n";
    write_reasons(out, outbox.held_reasons);
    if (!outbox.rejected_reasons.empty()) out << "  rejected because of:\n";
    write_reasons(out, outbox.rejected_reasons);
    if (!outbox.warned_rules.empty()) out << "  with warnings of the pack:\n";
    write_reasons(out, outbox.warned_rules);
    if (outbox.outdated.units > 0) {
      out << "  " << outbox.outdated.units
          << " of the held and rejected are still shown there as they were before, the oldest for "
          << age_seconds(outbox.outdated.oldest, report.time) << " s\n";
    }
    if (outbox.made_with_older_rules > 0) {
      out << "  " << outbox.made_with_older_rules
          << " made with older rules: kakehashi remap makes them again, with --dry-run it shows what would "
             "change\n";
    }
    out << "  untold=\"" << report.untold.at(id) << "\"\n";
  }
  for (const auto& [id, storage] : report.storages) write_storage_lines(out, id, storage, report.time);
  write_alarm_lines(out, "", report.machine, report.time);
  write_quiet_line(out, report);
  out << "documents: " << report.documents_seen << " seen, " << report.documents_failed << " failed\n";
  write_reasons(out, report.failed_reasons);
  if (report.codes.codes > 0) {
    out << "codes: " << report.codes.codes << " that no table knows, " << report.codes.units_held
        << " report units held for them; `kakehashi codes todo` lists them\n";
  }
  if (report.units_to_remap > 0) {
    out << report.units_to_remap
        << " report units are still to be made again for kakehashi remap or new codes\n";
  }
  if (report.units_waiting > 0) {
    out << report.units_waiting
        << " report units wait for a time to come (a delete settles, a rename is under way)\n";
  }
  return out.str();
}

}  // namespace gateway
