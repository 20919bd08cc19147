#include "gateway/metrics.h"
#include "gateway/tally.h"

#include <functional>

namespace gateway {
namespace {

using ssmix2::SafeText;
using Labels = MetricLabels;

constexpr OutboxState kStates[] = {OutboxState::pending, OutboxState::in_result, OutboxState::held,
                                   OutboxState::unknown, OutboxState::rejected,  OutboxState::delivered};

/// Ids of the settings, and of reasons, rules and counters that the program itself names.
SafeText id(std::string_view text) {
  return SafeText::vouched(std::string(text));
}

double age(const std::optional<Instant>& since, Instant now) {
  return since && *since < now ? std::chrono::duration<double>(now - *since).count() : 0.0;
}

/// Writes what is the same for every destination, one family after the other.
class OutboxMetrics {
 public:
  OutboxMetrics(MetricText& text, const StatusReport& report) : text_(text), report_(report) {}

  void write() {
    text_.family("kakehashi_outbox_units", MetricType::gauge, "Report units of a destination, by state");
    for (const auto& [destination, outbox] : report_.destinations) {
      for (const OutboxState state : kStates) {
        text_.sample(Labels{{"destination", id(destination)}, {"state", id(name_of(state))}},
                     outbox.of(state));
      }
    }
    write_types();
    text_.family("kakehashi_held_units", MetricType::gauge, "Units that are held, by reason");
    by_name("reason", &OutboxReport::held_reasons);
    text_.family("kakehashi_rejected_units", MetricType::gauge, "Units that are rejected, by reason");
    by_name("reason", &OutboxReport::rejected_reasons);
    text_.family("kakehashi_warned_units", MetricType::gauge,
                 "Units that went out although a rule of their profile warns");
    by_name("rule", &OutboxReport::warned_rules);
    text_.family("kakehashi_outdated_units", MetricType::gauge,
                 "Held and rejected units that the destination still shows as they were before");
    by_destination(
        [](const OutboxReport& outbox, Instant) { return static_cast<double>(outbox.outdated.units); });
    text_.family("kakehashi_oldest_outdated_age_seconds", MetricType::gauge,
                 "How long the oldest of those has been so");
    by_destination([](const OutboxReport& outbox, Instant now) { return age(outbox.outdated.oldest, now); });
    text_.family("kakehashi_older_rules_units", MetricType::gauge,
                 "Units made with older rules, which kakehashi remap makes again");
    by_destination([](const OutboxReport& outbox, Instant) {
      return static_cast<double>(outbox.made_with_older_rules);
    });
    write_certificates();
  }

 private:
  using OfType = double (*)(const TypeReport&, Instant);
  using OfDestination = double (*)(const OutboxReport&, Instant);

  void write_types() {
    text_.family("kakehashi_pending_units", MetricType::gauge, "Units that wait to be sent, by type");
    by_type([](const TypeReport& type, Instant) { return static_cast<double>(type.pending); });
    text_.family("kakehashi_oldest_pending_age_seconds", MetricType::gauge,
                 "How old the oldest snapshot is that waits to be sent; 0: none waits");
    by_type([](const TypeReport& type, Instant now) { return age(type.oldest_pending, now); });
    text_.family("kakehashi_changes_accepted_total", MetricType::counter,
                 "Changes of documents that were accepted, on the day on which they were seen or later");
    for (const auto& [destination, outbox] : report_.destinations) {
      for (const auto& [name, type] : outbox.types) {
        const MetricLabel place{"destination", id(destination)};
        const MetricLabel of_type{"type", id(name)};
        text_.sample(Labels{place, of_type, {"day", "same"}}, type.same_day);
        text_.sample(Labels{place, of_type, {"day", "later"}}, type.later);
      }
    }
    text_.family("kakehashi_changes_waiting", MetricType::gauge, "Changes that are not accepted yet");
    by_type([](const TypeReport& type, Instant) { return static_cast<double>(type.waiting); });
    text_.family("kakehashi_changes_overdue", MetricType::gauge,
                 "Changes that are not accepted and were seen before today");
    by_type([](const TypeReport& type, Instant) { return static_cast<double>(type.overdue); });
    text_.family("kakehashi_oldest_change_age_seconds", MetricType::gauge,
                 "How long the oldest change has waited that is not accepted; 0: none waits");
    by_type([](const TypeReport& type, Instant now) { return age(type.oldest_waiting, now); });
  }

  void by_type(OfType value) {
    for (const auto& [destination, outbox] : report_.destinations) {
      for (const auto& [name, type] : outbox.types) {
        text_.sample(Labels{{"destination", id(destination)}, {"type", id(name)}}, value(type, report_.time));
      }
    }
  }

  void by_destination(OfDestination value) {
    for (const auto& [destination, outbox] : report_.destinations) {
      text_.sample(Labels{{"destination", id(destination)}}, value(outbox, report_.time));
    }
  }

  void by_name(MetricName label, std::map<std::string, std::int64_t> OutboxReport::*counts) {
    for (const auto& [destination, outbox] : report_.destinations) {
      for (const auto& [name, count] : outbox.*counts) {
        text_.sample(Labels{{"destination", id(destination)}, {label, id(name)}}, count);
      }
    }
  }

  void write_certificates() {
    text_.family("kakehashi_certificate_remaining_seconds", MetricType::gauge,
                 "How long the client certificate in use is still valid; negative: it has ended");
    for (const auto& [destination, certificate] : report_.certificates) {
      if (!certificate.valid_until) continue;
      text_.sample(Labels{{"destination", id(destination)}},
                   std::chrono::duration<double>(*certificate.valid_until - report_.time).count());
    }
  }

  MetricText& text_;
  const StatusReport& report_;
};

void write_storages(MetricText& text, const StatusReport& report) {
  const auto by_storage = [&](std::string_view counter) {
    for (const auto& [storage, of_storage] : report.storages) {
      const auto found = of_storage.counts.find(std::string(counter));
      text.sample(Labels{{"storage", id(storage)}},
                  found == of_storage.counts.end() ? std::int64_t{0} : found->second);
    }
  };
  text.family("kakehashi_documents", MetricType::gauge, "Files of the storage that are known");
  by_storage(kDocuments);
  text.family("kakehashi_live_documents", MetricType::gauge, "Of those, the ones that stand for their key");
  by_storage(kLiveDocuments);
  text.family("kakehashi_first_reading", MetricType::gauge, "1 while the storage is read for the first time");
  for (const auto& [storage, of_storage] : report.storages) {
    text.sample(Labels{{"storage", id(storage)}}, std::int64_t{of_storage.load.has_value()});
  }
  text.family("kakehashi_watched_folders_ratio", MetricType::gauge,
              "Share of the folders that change often whose changes the kernel tells at once");
  for (const auto& [storage, of_storage] : report.storages) {
    if (const auto share = of_storage.watched_share()) text.sample(Labels{{"storage", id(storage)}}, *share);
  }
  text.family("kakehashi_deviations_total", MetricType::counter,
              "What was read although it deviates from the standard, and what the transaction storage gave");
  for (const auto& [storage, of_storage] : report.storages) {
    for (const auto& [name, count] : of_storage.counts) {
      if (name.find(':') == std::string::npos) continue;
      text.sample(Labels{{"storage", id(storage)}, {"deviation", id(name)}}, count);
    }
  }
  text.family("kakehashi_failed_documents", MetricType::gauge,
              "Documents that are not usable now, by reason: their units are held");
  for (const auto& [reason, count] : report.failed_reasons)
    text.sample(Labels{{"reason", id(reason)}}, count);
}

void write_alarms(MetricText& text, const StatusReport& report) {
  std::map<AlarmKind, std::int64_t> counts;
  const auto add = [&counts](const std::vector<Alarm>& alarms) {
    for (const Alarm& alarm : alarms) ++counts[alarm.kind];
  };
  add(report.machine);
  for (const auto& [storage, of_storage] : report.storages) add(of_storage.alarms);
  for (const auto& [destination, certificate] : report.certificates) add(certificate.alarms);
  text.family("kakehashi_alarms", MetricType::gauge,
              "Alarms that last, by kind; kakehashi status explains them");
  for (const AlarmKind kind : alarm_kinds()) text.sample(Labels{{"kind", id(name_of(kind))}}, counts[kind]);
}

}  // namespace

void write_metrics(MetricText& text, const StateLook& look) {
  OutboxMetrics(text, look.report).write();
  write_storages(text, look.report);
  write_alarms(text, look.report);
  text.family("kakehashi_codes_to_do", MetricType::gauge, "Codes that no table knows");
  text.sample(look.report.codes.codes);
  text.family("kakehashi_code_held_units", MetricType::gauge, "Units that are held for such a code");
  text.sample(look.report.codes.units_held);
  text.family("kakehashi_remap_units", MetricType::gauge,
              "Units that kakehashi remap still has to make again");
  text.sample(look.report.units_to_remap);
  text.family("kakehashi_settling_units", MetricType::gauge,
              "Units that wait for a time to come: a delete settles, a rename is under way");
  text.sample(look.report.units_waiting);
  text.family("kakehashi_database_bytes", MetricType::gauge, "Size of the state database");
  text.sample(static_cast<std::int64_t>(look.database_bytes));
  text.family("kakehashi_write_ahead_log_bytes", MetricType::gauge, "Size of its write-ahead log");
  text.sample(static_cast<std::int64_t>(look.wal_bytes));
  if (look.space) {
    text.family("kakehashi_state_disk_free_bytes", MetricType::gauge,
                "Room that is left for the gateway on the file system of the state directory");
    text.sample(static_cast<std::int64_t>(look.space->free_bytes));
  }
  text.family("kakehashi_status_read_seconds", MetricType::gauge,
              "How long reading all that from the database took");
  text.sample(look.seconds);
}

}  // namespace gateway
