#include "gateway/metrics.h"

#include "gateway/choice_words.h"
#include "gateway/heartbeat.h"
#include "gateway/intake.h"
#include "gateway/log.h"
#include "gateway/process.h"
#include "gateway/routes.h"
#include "gateway/state_watch.h"
#include "gateway/version.h"

#include <array>

namespace gateway {
namespace {

using Labels = MetricLabels;

template <class Value>
struct Named {
  Value value;
  SafeText name;
};

constexpr Named<Verdict> kVerdicts[] = {
    {Verdict::delivered, "delivered"}, {Verdict::in_result, "in-result"},
    {Verdict::later, "later"},         {Verdict::unknown, "unknown"},
    {Verdict::rejected, "rejected"},   {Verdict::pause_destination, "pause-destination"},
};

constexpr Named<SweepTier> kTiers[] = {
    {SweepTier::all, "all"},
    {SweepTier::hot, "hot"},
    {SweepTier::warm, "warm"},
    {SweepTier::cold, "cold"},
};

double seconds(Instant instant) {
  return std::chrono::duration<double>(instant.time_since_epoch()).count();
}

SafeText id(std::string_view text) {
  return SafeText::vouched(std::string(text));
}

void write_process(MetricText& text, const AdminSources& sources) {
  text.family("kakehashi_build_info", MetricType::gauge, "1, with the version that runs");
  text.sample(Labels{{"version", SafeText(kVersion)}}, std::int64_t{1});
  text.family("kakehashi_start_timestamp_seconds", MetricType::gauge, "When the process began");
  text.sample(seconds(sources.process.began));
  text.family("kakehashi_heartbeat_timestamp_seconds", MetricType::gauge,
              "When the I/O loop and the storage thread turned last");
  text.sample(seconds(sources.heartbeat.last_beat()));
  text.family("kakehashi_reading_held_back", MetricType::gauge,
              "1 while nothing new is read: too much waits to be sent, or the state's disk is nearly full");
  text.sample(std::int64_t{!sources.watch.may_read()});
  const ReloadCounts& reloads = sources.process.reloads;
  text.family("kakehashi_reloads_total", MetricType::counter, "Reloads (SIGHUP) since the process began");
  text.sample(Labels{{"result", "done"}}, reloads.done);
  text.sample(Labels{{"result", "refused"}}, reloads.refused);
  text.family("kakehashi_configuration_timestamp_seconds", MetricType::gauge,
              "When the configuration in force was read: at the start, or at the last reload that was done");
  text.sample(seconds(reloads.last_done.value_or(sources.process.began)));
  text.family("kakehashi_log_lines_total", MetricType::counter,
              "Lines of the log since the start or the last reload, by level");
  const auto lines = sources.log.lines();
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    text.sample(Labels{{"level", id(word_of(level))}}, lines[static_cast<std::size_t>(level)]);
  }
}

void write_deliveries(MetricText& text, const Settings& settings, const std::vector<const Sender*>& senders) {
  const auto destination = [](const Sender* sender) {
    return MetricLabel{"destination", id(sender->destination().id)};
  };
  text.family("kakehashi_destination_sends", MetricType::gauge,
              "1 for a destination that is sent to; 0: mode dry-run, everything waits there");
  for (const DestinationSettings& each : settings.destinations) {
    text.sample(Labels{{"destination", id(each.id)}}, std::int64_t{each.mode == DestinationMode::send});
  }
  text.family("kakehashi_answers_total", MetricType::counter,
              "Requests that ended, by what that means; delivered: the destination accepted it");
  for (const Sender* sender : senders) {
    for (const auto& [verdict, name] : kVerdicts) {
      text.sample(Labels{destination(sender), {"verdict", name}}, sender->counts().of(verdict));
    }
  }
  text.family("kakehashi_request_duration_seconds", MetricType::histogram,
              "From sending a request to its answer, or to giving it up");
  for (const Sender* sender : senders) {
    text.histogram(Labels{destination(sender)}, sender->counts().request_seconds);
  }
  text.family("kakehashi_acceptance_delay_seconds", MetricType::histogram,
              "From when a change of a document was first seen to when the destination had accepted it");
  for (const Sender* sender : senders) {
    for (const auto& [type, histogram] : sender->counts().acceptance_seconds) {
      text.histogram(Labels{destination(sender), {"type", id(type)}}, histogram);
    }
  }
  text.family("kakehashi_destination_paused", MetricType::gauge,
              "1 while the destination is paused: it could not be reached, or refuses us");
  for (const Sender* sender : senders) {
    text.sample(Labels{destination(sender)}, std::int64_t{sender->paused()});
  }
  text.family("kakehashi_destination_pauses_total", MetricType::counter,
              "How often a destination was paused for a new reason");
  for (const Sender* sender : senders) text.sample(Labels{destination(sender)}, sender->counts().pauses);
}

void write_reading(MetricText& text, const AdminSources& sources) {
  const ReadingCounts& reading = sources.intake.reading();
  text.family("kakehashi_documents_accepted_total", MetricType::counter,
              "Contents of documents that were read whole and understood");
  for (const auto& [storage, count] : reading.accepted) text.sample(Labels{{"storage", id(storage)}}, count);
  text.family("kakehashi_documents_refused_total", MetricType::counter,
              "Contents of documents that cannot be used, by reason; each time that one is read");
  for (const auto& [key, count] : reading.refused) {
    text.sample(Labels{{"storage", id(key.first)}, {"reason", id(key.second)}}, count);
  }
  text.family("kakehashi_units_built_total", MetricType::counter,
              "Report units that were made, also those that came out as they were");
  text.sample(sources.intake.building().built);
}

void write_sweeps(MetricText& text, const std::list<Sightings>& storages) {
  text.family("kakehashi_sweep_duration_seconds", MetricType::summary,
              "Sweeps that ended, by tier: all at the start, hot, warm, slices of cold");
  for (const Sightings& storage : storages) {
    for (const auto& [tier, name] : kTiers) {
      const SweepCounts::Tier& counts = storage.counts().of(tier);
      text.summary(Labels{{"storage", id(storage.storage_name())}, {"tier", name}}, counts.sweeps,
                   counts.seconds);
    }
  }
  text.family("kakehashi_sweep_timestamp_seconds", MetricType::gauge, "When the last sweep of a tier ended");
  for (const Sightings& storage : storages) {
    for (const auto& [tier, name] : kTiers) {
      const auto last = storage.counts().of(tier).last;
      if (!last) continue;
      text.sample(Labels{{"storage", id(storage.storage_name())}, {"tier", name}}, seconds(*last));
    }
  }
  text.family("kakehashi_full_sweep_timestamp_seconds", MetricType::gauge,
              "When everything in a storage had been looked at once more");
  for (const Sightings& storage : storages) {
    const auto last = storage.counts().last_full();
    if (last) text.sample(Labels{{"storage", id(storage.storage_name())}}, seconds(*last));
  }
}

}  // namespace

void write_metrics(MetricText& text, const AdminSources& sources) {
  write_process(text, sources);
  write_deliveries(text, sources.settings, sources.routes.senders());
  write_reading(text, sources);
  write_sweeps(text, sources.intake.sightings());
}

}  // namespace gateway
